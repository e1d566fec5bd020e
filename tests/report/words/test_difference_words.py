"""The words for what else differs between base and head."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources

import pytest

from perfgate.explain.differences.difference import NO_DIFFERENCES, Differences, FactDifference, NotCompared
from perfgate.explain.differences.facts import SERVICE, FactKind
from perfgate.report import markdown, result_file, terminal
from perfgate.report.page import measurement
from perfgate.report.phrase import plain
from perfgate.report.words.difference_words import difference_sentences
from tests.support.verdict_samples import DIFFERENCES, differing, passing, regression


def sentences(*found, skipped=(), most=3):
    verdict = replace(regression(), differences=Differences(found, tuple(skipped)))
    return [plain(sentence) for sentence in difference_sentences(verdict, most)]


def package(name, base, head, place="uv.lock"):
    return FactDifference(FactKind.PACKAGE, place, name, base, head, False)


@pytest.mark.parametrize(
    ("difference", "sentence"),
    [
        (package("fastapi", "0.110.0", "0.115.2"), "Packages (uv.lock): fastapi 0.110.0 → 0.115.2."),
        (package("fastapi", None, "0.115.2"), "Packages (uv.lock): fastapi is new: 0.115.2."),
        (package("fastapi", "0.110.0", None), "Packages (uv.lock): fastapi is gone: 0.110.0."),
        (package("fastapi", "", "1"), "Packages (uv.lock): fastapi nothing → 1."),
        (FactDifference(FactKind.ENVIRONMENT, SERVICE, "KEY", "", "", True), "Environment: KEY differs."),
        (FactDifference(FactKind.ENVIRONMENT, SERVICE, "KEY", None, "", True), "Environment: KEY is new."),
        (FactDifference(FactKind.ENVIRONMENT, SERVICE, "KEY", "", None, True), "Environment: KEY is gone."),
        (FactDifference(FactKind.COMMAND, SERVICE, "command", "a b", "a c", False), "Command: a b → a c."),
        (FactDifference(FactKind.COMMAND, SERVICE, "command", "", "", True), "Command: it differs."),
        (FactDifference(FactKind.BUILD, "Makefile", "-O", "-O2", "-O0", False), "Build (Makefile): -O2 → -O0."),
    ],
)
def test_a_difference_is_a_sentence(difference, sentence):
    assert sentences(difference) == [sentence]


def test_one_package_is_named_and_the_others_counted():
    found = [package(f"p{number}", "1", "2") for number in range(13)]
    assert sentences(*found, most=1) == ["Packages (uv.lock): p0 1 → 2; 12 others."]
    assert sentences(*found[:2], most=1) == ["Packages (uv.lock): p0 1 → 2; 1 other."]


def test_a_package_in_several_files_is_named_once():
    again = [package("fastapi", "1", "2", place) for place in ("requirements.txt", "uv.lock", SERVICE)]
    assert sentences(*again, package("other", "1", "2")) == [
        "Packages (requirements.txt): fastapi 1 → 2.",
        "Packages (uv.lock): other 1 → 2.",
    ]


def test_what_belongs_to_one_file_stands_in_one_sentence():
    found = [package("a", "1", "2", "x"), package("b", "1", "2", "y"), package("c", "1", "2", "x")]
    assert sentences(*found) == ["Packages (x): a 1 → 2; c 1 → 2.", "Packages (y): b 1 → 2."]


def test_more_places_than_anybody_reads_are_counted():
    found = [package("a", "1", f"{number}", f"{number}.txt") for number in range(15)]
    assert sentences(*found)[12:] == ["3 further places are in the result file."]


def test_what_was_passed_over_is_named_with_its_reason():
    skipped = [NotCompared("uv.lock", "it cannot be understood on head"), NotCompared("b", "c"), NotCompared("d", "e")]
    assert sentences(skipped=skipped, most=1) == ["Not compared: uv.lock (it cannot be understood on head); 2 others."]


def test_no_difference_has_no_words():
    assert sentences() == []
    shown = markdown.render(regression()), terminal.render(regression(), color=False), measurement.render(regression())
    assert not any("What else differs" in text for text in shown)


def test_every_report_has_them():
    verdict = differing()
    assert "<summary>What else differs</summary>\n\n- Runtime: `python` 3.11.9 → 3.12.4." in markdown.render(verdict)
    assert "<h2>What else differs</h2>" in measurement.render(verdict)
    lines = terminal.render(verdict, color=False).split("\n")
    start = lines.index("What else differs:")
    assert lines[start + 1 : start + 5] == [
        "- Runtime: python 3.11.9 → 3.12.4.",
        "- Limits (postgres): memory 512 MB → no limit.",
        "- Image (Dockerfile): FROM python:3.11-slim → python:3.12-slim.",
        "",
    ]


def test_a_terminal_shows_them_whatever_the_verdict_where_somebody_looked_for_them():
    assert "What else differs" in terminal.render(replace(passing(), differences=DIFFERENCES), color=False)


def test_the_result_file_keeps_all_of_them():
    text = result_file.dumps(differing())
    assert result_file.loads(text, "x").differences == DIFFERENCES
    plain = json.loads(text)
    assert plain["differences"][0] == {
        "kind": "runtime",
        "place": SERVICE,
        "name": "python",
        "base": "3.11.9",
        "head": "3.12.4",
        "hidden": False,
    }
    del plain["differences"], plain["not_compared"]
    assert result_file.loads(json.dumps(plain), "older").differences == NO_DIFFERENCES


def test_the_schema_knows_every_kind():
    schema = json.loads((resources.files("perfgate.report") / "result.schema.json").read_text())
    assert schema["definitions"]["difference"]["properties"]["kind"]["enum"] == [kind.value for kind in FactKind]
