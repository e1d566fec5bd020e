"""The report on an error that left no verdict."""

import pytest

from perfgate.report.failure import render
from tests.support.hostile import HOSTILE, PARSER, assert_harmless

MISTAKES = "2 mistakes in perfgate.toml:\n  perfgate.toml: [gate] bas: is unknown\n    did you mean 'base'?"


def test_the_first_line_is_the_headline_and_the_others_keep_their_lines():
    assert render(MISTAKES, "mend them", limit=65_536) == (
        "### ⚠️ No verdict: 2 mistakes in perfgate.toml.\n\n"
        "```text\n  perfgate.toml: [gate] bas: is unknown\n    did you mean 'base'?\n```\n\n"
        "Mend them\n\n"
        "Nothing was measured that could be judged: an earlier report is out of date."
    )


def test_without_more_lines_and_without_a_hint_there_is_only_what_is_known():
    text = render("the service did not start", "", limit=65_536)
    assert "```" not in text
    assert text.count("\n\n") == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_service_said_is_shown_as_it_is_and_does_nothing(text):
    said = render(f"{text}\n{text}\n  {text}", text, limit=65_536)
    fences = [token for token in PARSER.parse(said) if token.type == "fence"]
    assert len(fences) <= 1
    outside = said.replace(fences[0].content, "") if fences else said
    assert_harmless(outside)


@pytest.mark.parametrize("limit", [10, 100, 1_000])
def test_it_is_never_longer_than_it_may_be(limit):
    assert len(render("x\n" * 10_000, "y" * 5_000, limit=limit)) <= limit


def test_of_very_many_lines_the_first_are_shown():
    text = render("stopped\n" + "\n".join(f"line {number}" for number in range(1_000)), "", limit=65_536)
    assert "line 39" in text
    assert "line 40" not in text
    assert "and 960 more lines" in text
