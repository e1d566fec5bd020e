"""The report on a terminal."""

import re
from dataclasses import replace

import pytest

from perfgate.report import terminal
from perfgate.verdict import Verdict
from tests.support.hostile import HOSTILE, verdict_of
from tests.support.verdict_samples import SAMPLES, calm_rows, passing, regression, row

COLOR = re.compile(r"\x1b\[\d+m")


def _long(verdict: Verdict) -> Verdict:
    name, request = "a_scenario_with_a_name_" + "that_goes_on_" * 9, "GET /" + "very/long/path/" * 20 + "{id}"
    return replace(
        verdict,
        rows=tuple(
            replace(each, row=replace(each.row, scenario=name, request=each.row.request and request))
            for each in verdict.rows
        ),
        summary=tuple(replace(line, scenario=name, request=line.request and request) for line in verdict.summary),
        thresholds=tuple(
            replace(result, scenario=name, threshold=replace(result.threshold, request=request))
            for result in verdict.thresholds
        ),
    )


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("kind", SAMPLES)
def test_no_line_is_wider_than_a_hundred_columns(kind, verbose):
    for verdict in (SAMPLES[kind](), _long(SAMPLES[kind]())):
        lines = terminal.render(verdict, color=False, verbose=verbose).split("\n")
        assert max(map(len, lines)) <= 100


def test_a_long_name_keeps_both_its_ends():
    text = terminal.render(_long(regression()), color=False)
    assert "a_scenario_w" in text
    assert "{id}" in text
    assert "…" in text


def test_the_first_word_is_the_outcome():
    words = {kind: terminal.render(make(), color=False).split()[0] for kind, make in SAMPLES.items()}
    assert words == {
        "pass": "PASS",
        "dependency": "FAIL",
        "explained": "FAIL",
        "differing": "FAIL",
        "regression": "FAIL",
        "accepted": "PASS",
        "labelled": "PASS",
        "improvement": "PASS",
        "inconclusive": "INCONCLUSIVE",
        "first_run": "INCONCLUSIVE",
        "invalid": "INVALID",
        "run": "PASS",
        "threshold_failed": "FAIL",
    }


@pytest.mark.parametrize("kind", SAMPLES)
def test_colours_change_nothing_but_the_colour(kind):
    verdict = SAMPLES[kind]()
    coloured = terminal.render(verdict, color=True)
    assert "\x1b[" in coloured
    assert COLOR.sub("", coloured) == terminal.render(verdict, color=False)


def test_rows_that_only_inform_are_left_for_verbose():
    verdict = passing()
    brief, verbose = (terminal.render(verdict, color=False, verbose=verbose) for verbose in (False, True))
    assert "p(99)" not in brief
    assert "2 more rows are left out; --verbose shows all." in brief
    assert "p(99)" in verbose
    assert "left out" not in verbose


def test_hundreds_of_rows_are_cut_after_the_worst():
    rows = tuple(row(f"calm_{number}", None, "http_reqs", "rate", 10.0, 0.0) for number in range(300))
    text = terminal.render(replace(regression(), rows=(*rows, *regression().rows)), color=False)
    assert text.count("http_reqs/s") < 60
    assert re.search(r"http_req_duration med +12.3 ms +16.2 ms +\+31.2 %", text)
    assert "274 more rows are left out" in text


def test_verbose_tells_the_machine_and_the_tools():
    text = terminal.render(regression(), color=False, verbose=True)
    assert "AMD EPYC 7763 64-Core Processor, 4 cores, 16.8 GB" in text
    assert "perfgate 0.1.0, python 3.12.8, seed 7, generator on CPU 0, 1, service on" in text


def test_the_command_is_on_a_line_of_its_own_and_unchanged():
    assert f"\n  {regression().reproduce}\n" in terminal.render(regression(), color=False)


def test_a_hint_follows_its_note():
    text = terminal.render(SAMPLES["invalid"](), color=False)
    assert "invalid  order_pet: was declared and not measured on head\n         → see what stopped it" in text


def test_nothing_is_said_of_brackets_where_there_are_none():
    verdict = replace(passing(), rows=tuple(each for each in calm_rows() if each.gated))
    assert "brackets" not in terminal.render(verdict, color=False)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_moves_the_cursor_or_colours_the_terminal(text):
    shown = terminal.render(verdict_of(text), color=False, verbose=True)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)


def test_where_the_time_of_requests_went_is_told_by_verbose_alone():
    informs = row("create_pet", "POST /pet", "http_req_receiving", "med", 1.5, 0.4, half_width=0.1, gated=False)
    verdict = replace(passing(), rows=(*calm_rows(), informs))
    assert "http_req_receiving" not in terminal.render(verdict, color=False)
    shown = terminal.render(verdict, color=False, verbose=True)
    assert re.search(r"http_req_receiving med +1.50 ms +2.10 ms +\+40.0 %", shown)
    alone = replace(verdict, base=None, rows=tuple(replace(each, base=None) for each in verdict.rows))
    assert re.search(r"http_req_receiving med +2.10 ms\n", terminal.render(alone, color=False, verbose=True))


def test_a_time_that_gates_stands_in_the_table_of_what_gates():
    gates = row("create_pet", "POST /pet", "http_req_waiting", "p(95)", 1.5, 0.4, half_width=0.1)
    shown = terminal.render(replace(passing(), rows=(*calm_rows(), gates)), color=False)
    assert "http_req_waiting p(95)" in shown
