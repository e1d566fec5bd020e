"""The cells that terminal and comment share."""

import math
from dataclasses import replace

import pytest

from perfgate.compare.comparison import Interval, RowVerdict
from perfgate.report import junit, numbers, terminal
from perfgate.report.rows import footnotes, is_worth_reading, rows_of, worst_first
from perfgate.report.tables import comparison_table, summary_table, threshold_table
from tests.support.verdict_samples import (
    accepted,
    alone,
    counted_beside_a_neighbour,
    first_run,
    invalid,
    regression,
    row,
    summary,
    threshold_failed,
    thresholds,
)

MED = ("http_req_duration", "med")


def _titles(table):
    return [column.title for column in table.columns]


def _column(table, title):
    place = _titles(table).index(title)
    return [line[place].text for line in table.rows]


def test_rows_come_worst_first_and_those_that_gate_before_those_that_inform():
    rows = (
        row("calm", None, *MED, 1.0, 0.01),
        row("fast", None, *MED, 1.0, -0.2, verdict=RowVerdict.IMPROVED),
        row("informs", None, *MED, 1.0, 0.9, gated=False, verdict=RowVerdict.REGRESSED),
        row("open", None, *MED, 1.0, 0.04, verdict=RowVerdict.INCONCLUSIVE),
        row("slow", None, *MED, 1.0, 0.2, verdict=RowVerdict.REGRESSED),
        row("slower", None, *MED, 1.0, 0.3, verdict=RowVerdict.REGRESSED),
    )
    assert [each.row.scenario for each in worst_first(rows)] == ["slower", "slow", "informs", "open", "fast", "calm"]


def test_a_row_that_rules_a_regression_out_is_not_worse():
    better = replace(
        row("open", None, *MED, 1.0, -0.04, verdict=RowVerdict.INCONCLUSIVE), interval=Interval(-0.1, 0.02)
    )
    calm = row("calm", None, *MED, 1.0, 0.01)
    assert _column(comparison_table((better,), ()), "verdict") == ["not worse"]
    assert not is_worth_reading(better)
    assert worst_first((calm, better)) == (calm, better)


def test_a_row_that_this_load_cannot_decide_is_worth_reading():
    said = "informs: http_req_duration p(95) of 115 requests is known to ±34 % only; about 2,400 would decide it"
    wide = row(
        "thin", None, *MED, 1.0, 0.1, half_width=0.3, gated=False, verdict=RowVerdict.INCONCLUSIVE, warnings=(said,)
    )
    assert is_worth_reading(wide)
    assert _column(comparison_table((wide,), (said,)), "verdict") == ["(inconclusive)"]
    assert not is_worth_reading(replace(wide, warnings=()))


def test_less_throughput_is_worse_and_counts_in_margins():
    rows = (
        row("latency", None, *MED, 1.0, 0.2, verdict=RowVerdict.REGRESSED),
        row("throughput", None, "http_reqs", "rate", 100.0, -0.3, verdict=RowVerdict.REGRESSED),
        row("failures", None, "http_req_failed", "rate", 0.0, 0.05, verdict=RowVerdict.REGRESSED),
    )
    assert [each.row.scenario for each in worst_first(rows)] == ["failures", "throughput", "latency"]


def test_what_did_not_change_keeps_its_order():
    rows = tuple(row(name, None, *MED, 1.0, change) for name, change in (("b", 0.01), ("a", 0.03), ("c", -0.02)))
    assert worst_first(rows) == rows


def test_a_row_that_only_informs_and_is_undecided_is_not_worth_reading():
    assert not is_worth_reading(row("a", None, *MED, 1.0, 0.0, gated=False, verdict=RowVerdict.INCONCLUSIVE))
    assert is_worth_reading(row("a", None, *MED, 1.0, 0.0, half_width=0.2, verdict=RowVerdict.INCONCLUSIVE))


def test_equal_warnings_share_one_footnote():
    rows = tuple(
        row("a", name, *MED, 1.0, 0.0, warnings=warnings)
        for name, warnings in (("x", ("few",)), ("y", ("odd", "few")), ("z", ()))
    )
    notes = footnotes(rows)
    assert notes == ("few", "odd")
    assert [line[-1].notes for line in comparison_table(rows, notes).rows] == [(1,), (1, 2), ()]


def test_the_comparison_states_the_smallest_change_it_could_have_seen():
    rows = (
        row("a", "x", *MED, 1.0, 0.0, half_width=0.007),
        row("a", "y", *MED, 1.0, 0.0, half_width=0.13),
        row("a", None, "http_req_failed", "rate", 0.0, 0.0, half_width=0.001),
    )
    assert comparison_table(rows, ()).remark == (
        "Smallest change that this table could have seen: 0.7 to 13 %, of a share 0.1 pp; rounds behind a row: 40."
    )


def test_a_smallest_change_beyond_tenfold_is_said_to_be_that():
    wide, wider = (row("a", name, *MED, 1.0, 0.0, half_width=half) for name, half in (("x", 0.061), ("y", 42.72)))
    assert "could have seen: 6.1 to over 1,000 %;" in comparison_table((wide, wider), ()).remark
    assert "could have seen: over 1,000 %;" in comparison_table((wider,), ()).remark


def test_a_margin_has_no_exponent_and_one_that_allows_nothing_says_so():
    rows = [replace(row("a", "x", *MED, 1.0, 0.0), margin=margin) for margin in (0.997, 1e-4, 1e-6)]
    assert _column(comparison_table(rows, ()), "margin") == ["100 %", "0.01 %", "any change"]


def test_a_comparison_that_cannot_know_says_so():
    rows = (replace(row("a", "x", *MED, 1.0, 0.0), smallest=None, rounds=2),)
    assert "not known, with so few rounds; rounds behind a row: 2" in comparison_table(rows, ()).remark


def test_what_is_known_of_shares_alone_is_not_said_of_all():
    rows = (replace(row("a", "x", *MED, 1.0, 0.0), smallest=None), row("a", None, "http_req_failed", "rate", 0.0, 0.0))
    assert "not known, with so few rounds, of a share 2 pp;" in comparison_table(rows, ()).remark


def test_a_row_that_only_informs_has_its_verdict_in_brackets():
    rows = (row("a", None, *MED, 1.0, 0.0, gated=False), row("a", None, *MED, 1.0, 0.0))
    assert _column(comparison_table(rows, ()), "verdict") == ["(unchanged)", "unchanged"]


def test_a_row_without_a_base_shows_dashes():
    bare = replace(row("a", None, *MED, 1.0, 0.0), base=None, change=None, interval=None, smallest=None)
    line = comparison_table((bare,), ()).rows[0]
    assert [cell.text for cell in line[3:8]] == ["–", "1.00 ms", "–", "–", "5 %"]


def test_rows_of_a_scenario_that_cannot_be_believed_say_that_they_decide_nothing():
    assert all("decides nothing" in each.warnings[-1] for each in rows_of(invalid()))
    assert rows_of(regression()) == regression().rows


def test_a_count_keeps_its_word_where_only_times_cannot_be_believed():
    count, time = rows_of(counted_beside_a_neighbour())
    assert (count.row.is_count, count.warnings) == (True, ())
    assert [said.split(":")[0] for said in time.warnings] == ["decides nothing"]


def test_an_accepted_row_says_until_when_and_why():
    said = {each.warnings for each in rows_of(accepted()) if each.gated and each.verdict is RowVerdict.REGRESSED}
    assert said == {("accepted up to 40 % until 2026-03-01: the new validation is worth it",)}


def test_the_summary_has_the_columns_of_a_load_test_summary():
    assert _titles(summary_table(alone().summary)) == [
        "scenario",
        "request",
        "average response time",
        "peak VUs",
        "errors",
        "threshold compliance",
        "requests",
        "req/s",
        "p(95)",
        "retries",
    ]


def test_columns_that_would_be_empty_are_left_out():
    lines = tuple(replace(line, retries=0) for line in summary("") if line.request is None)
    titles = _titles(summary_table(lines))
    assert "retries" not in titles
    assert "request" not in titles
    assert "side" not in titles


def test_the_only_request_of_a_scenario_has_no_line_of_its_own():
    table = summary_table(alone().summary)
    assert _column(table, "scenario") == ["create_pet", "order_pet", "order_pet", "order_pet"]


def test_base_and_head_stand_next_to_each_other():
    lines = tuple(line for line in summary("base") + summary("head") if line.request is None)
    table = summary_table(lines)
    assert _column(table, "scenario") == ["create_pet", "create_pet", "order_pet", "order_pet"]
    assert _column(table, "side") == ["base", "head", "base", "head"]


@pytest.mark.parametrize(
    ("passed", "total", "said"),
    [(2, 2, "Passed"), (1, 2, "Partially passed"), (0, 2, "Failed"), (0, 0, "none declared")],
)
def test_compliance_is_said_in_four_ways(passed, total, said):
    line = replace(summary("")[0], thresholds_passed=passed, thresholds_total=total)
    assert _column(summary_table((line,)), "threshold compliance") == [said]


def test_a_scenario_that_measured_nothing_shows_dashes():
    line = replace(
        summary("")[0], avg_ms=None, med_ms=None, p95_ms=None, requests_per_second=None, failed=None, requests=0
    )
    table = summary_table((line,))
    assert [_column(table, title) for title in ("average response time", "errors", "req/s", "p(95)")] == [["–"]] * 4


def test_crossed_thresholds_come_first():
    table = threshold_table((*thresholds(), threshold_failed().thresholds[2]))
    assert _column(table, "result") == ["no data", "passed", "passed"]


def test_changes_are_never_minus_nothing():
    assert numbers.change(row("a", None, *MED, 1.0, -0.0001)) == "+0.0 %"


def test_a_bound_that_is_infinite_is_shown_as_such():
    endless = replace(row("a", None, *MED, 1.0, 0.2), interval=Interval(0.18, math.inf))
    assert numbers.interval(endless) == "+18.0 to +∞ %"


@pytest.mark.parametrize(
    ("metric", "stat", "name"),
    [
        ("http_req_duration", "p(95)", "http_req_duration p(95)"),
        ("http_reqs", "rate", "http_reqs/s"),
        ("http_reqs", "count", "http_reqs"),
        ("http_req_failed", "rate", "http_req_failed"),
        ("service_cpu", "value", "service_cpu"),
    ],
)
def test_a_metric_is_named_with_its_statistic_where_it_has_several(metric, stat, name):
    assert numbers.metric_name(metric, stat) == name


def test_values_of_a_run_that_is_compared_with_nothing_are_no_rows_of_a_report():
    measured = replace(row("create_pet", None, *MED, 1.0, 0.0, gated=False, verdict=RowVerdict.INCONCLUSIVE), base=None)
    verdict = replace(alone(), rows=(measured,))
    assert rows_of(verdict) == ()
    assert terminal.render(verdict, color=False, verbose=True) == terminal.render(alone(), color=False, verbose=True)
    assert junit.render(verdict).count("<testcase") == junit.render(alone()).count("<testcase")


def test_rows_that_wait_for_a_baseline_are_shown_with_what_they_wait_for():
    waiting = replace(row("alone", None, *MED, 1.0, 0.0, warnings=("5 more runs needed",)), base=None)
    compared = row("create_pet", None, *MED, 1.0, 0.0)
    assert rows_of(replace(alone(), rows=(waiting, compared))) == (waiting, compared)


def test_the_rows_of_a_first_run_compare_nothing_and_are_left_out():
    assert rows_of(first_run()) == ()


def test_a_bound_beyond_tenfold_is_not_spelled_out():
    wide = replace(row("create_pet", None, *MED, 1.0, 0.3), interval=Interval(-0.5, 3.2e9))
    assert numbers.interval(wide) == "-50.0 to over +1,000 %"
    beyond = replace(wide, interval=Interval(16.8, 22.0))
    assert numbers.interval(beyond) == "over +1,000 %"
