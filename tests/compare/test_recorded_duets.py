"""The first pairs of real duets on a machine of two cores (tests/compare/data/recorded_pairs.json says how)."""

import json
from pathlib import Path

import pytest

from perfgate.compare.comparison import RowVerdict, rules_out_regression
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.rules import Margin, Rules
from tests.support.recorded_duets import ROUND_SECONDS, sides

RECORDED = json.loads((Path(__file__).parent / "data" / "recorded_pairs.json").read_text())


def judged(name, rules):
    figures = RECORDED["figures"]
    named = lambda side: dict(zip(figures, side, strict=True))  # noqa: E731
    pairs = [(named(base), named(head)) for base, head in RECORDED[name]["pairs"]]
    plan = DuetPlan(scenarios=4, budget_seconds=2 * ROUND_SECONDS * len(pairs), pair_seconds=2 * ROUND_SECONDS)
    return judge(plan, rules, *sides(pairs)).rows


def row_of(rows, metric, stat):
    return next(row for row in rows if (row.row.metric, row.row.stat) == (metric, stat))


@pytest.mark.parametrize("name", ["aa_closed", "aa_think"])
def test_the_same_code_twice_is_never_red(name):
    assert not [row for row in judged(name, Rules()) if row.verdict is RowVerdict.REGRESSED]


def test_five_percent_more_cpu_in_half_a_minute_of_closed_loop_is_red_at_a_margin_of_two():
    cpu = row_of(judged("b5_closed", Rules(margins=(Margin(0.02, metric="service_cpu"),))), "service_cpu", "value")
    assert cpu.verdict is RowVerdict.REGRESSED
    assert cpu.interval.low < 0.05 < cpu.interval.high
    assert cpu.smallest < 0.02


def test_ten_percent_in_a_minute_with_think_time_is_red_at_the_default_margin():
    rows = judged("b10_think", Rules())
    assert row_of(rows, "http_req_duration", "med").verdict is RowVerdict.REGRESSED
    assert row_of(rows, "service_cpu", "value").verdict is RowVerdict.REGRESSED


def test_a_tail_of_few_requests_says_how_little_it_can_see():
    tail, median = (row_of(judged("aa_think", Rules()), "http_req_duration", stat) for stat in ("p(95)", "med"))
    assert tail.smallest > 5 * median.smallest
    strict = row_of(judged("aa_think", Rules(margin=0.01)), "http_req_duration", "p(95)")
    assert (strict.gated, strict.verdict) == (False, RowVerdict.INCONCLUSIVE)
    assert strict.warnings[-1].startswith("informs: http_req_duration p(95) of ")


@pytest.mark.parametrize("name", ["aa_closed", "aa_think"])
def test_the_same_code_twice_is_green(name):
    assert all(rules_out_regression(row) for row in judged(name, Rules()) if row.gated)
