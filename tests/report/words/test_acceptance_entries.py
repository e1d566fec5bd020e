"""The entries that accept a regression: copied into perfgate.toml they do."""

from dataclasses import replace
from datetime import date

import pytest

from perfgate.config.reading import load_config
from perfgate.errors import ProblemsError
from perfgate.report import markdown
from perfgate.report.words.acceptance_entries import acceptable_entries
from perfgate.verdict import Outcome, decide
from perfgate.verdict.decide import Evidence
from tests.support.hostile import HOSTILE, assert_harmless
from tests.support.verdict_samples import POLICY, SAMPLES, passing, regression, slowed_rows


def decided(rows, acceptances=()):
    verdict = regression()
    evidence = Evidence(verdict.base, verdict.head, tuple(rows), verdict.summary, (), ())
    today = date.fromisoformat("2026-01-02")
    return decide(evidence, replace(POLICY, acceptances=acceptances, today=today), "")


def read(folder, entries):
    (folder / "perfgate.toml").write_text(entries, encoding="utf-8")
    return load_config(None, folder).acceptances


@pytest.mark.parametrize("name", ["POST /pet", 'GET /"quoted"', "GET /\\back", "GET /π"])
def test_copied_with_a_reason_they_accept_all_that_regressed(tmp_path, name):
    rows = [replace(one, row=replace(one.row, request=one.row.request and name)) for one in slowed_rows()]
    red = decided(rows)
    assert red.outcome is Outcome.FAIL
    entries = acceptable_entries(red)
    assert entries.count("[[accept]]") == 3  # a metric each
    accepted = read(tmp_path, entries.replace('reason = ""', 'reason = "meant"'))
    assert {one.request for one in accepted} == {None, name}
    assert decided(rows, tuple(replace(one, expires=date.max) for one in accepted)).outcome is Outcome.PASS


def test_without_a_reason_they_are_refused(tmp_path):
    with pytest.raises(ProblemsError) as caught:
        read(tmp_path, acceptable_entries(regression()))
    assert {problem.place.rpartition(" ")[2] for problem in caught.value.problems} == {"reason"}


def test_rows_of_several_requests_have_one_entry_for_the_scenario():
    rows = slowed_rows()
    median = next(one for one in rows if (one.row.metric, one.row.stat) == ("http_req_duration", "med"))
    other = replace(median, row=replace(median.row, request="GET /pet"), change=0.62)
    entries = acceptable_entries(decided([*rows, other]))
    assert 'metric = "http_req_duration"\nceiling = "65%"' in entries
    assert "request" not in entries


def test_there_are_none_where_nothing_regressed_or_none_can_be_written():
    assert acceptable_entries(passing()) == ""
    rows = slowed_rows()
    assert acceptable_entries(decided([replace(one, change=30.0) for one in rows])) == ""
    hidden = [replace(one, row=replace(one.row, scenario="a\u202eb")) for one in rows]
    assert acceptable_entries(decided(hidden)) == ""
    many = [replace(one, row=replace(one.row, scenario=f"{place}")) for place in range(5) for one in rows]
    assert acceptable_entries(decided(many)) == ""


def test_the_comment_folds_them_in_where_the_gate_is_red():
    red = [kind for kind in SAMPLES if "<summary>Entries that accept it</summary>" in markdown.render(SAMPLES[kind]())]
    assert "regression" in red
    assert not {"pass", "accepted", "labelled", "inconclusive", "invalid"} & set(red)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_comment_stays_harmless_whatever_is_in_the_names(text):
    rows = [
        replace(one, row=replace(one.row, scenario=text, request=one.row.request and text)) for one in slowed_rows()
    ]
    assert_harmless(markdown.render(decided(rows)))
