"""compare/foresight/gating: rows gate where they can."""

import math
from dataclasses import replace

import pytest

from perfgate.compare.comparison import Interval, RowVerdict, classify, rules_out_regression, undecided
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.foresight.gating import gate_where_possible
from perfgate.compare.foresight.prospect import Progress, prospect_of
from perfgate.compare.rows import Row
from perfgate.compare.rules import Margin, Rules
from perfgate.metrics.tally import Tally
from tests.support.seeded_duets import run_of, tally

END = Progress(share=1.0, miss_now=0.025, miss_at_end=0.025)
SIDES = (tally(10), tally(10))
TAIL = Row("shop", "GET /", "http_req_duration", "p(95)")
MEDIAN = Row("shop", "GET /", "http_req_duration", "med")
THROUGHPUT = Row("shop", None, "http_reqs", "rate")


def row_of(row, change, half, rules=None):
    """A row with this estimate; half: of its interval, as a log."""
    middle = math.log1p(change)
    interval = Interval(math.expm1(middle - 1.5 * half), math.expm1(middle + half))
    if row is THROUGHPUT:
        interval = Interval(math.expm1(middle - half), math.expm1(middle + 1.5 * half))
    empty = undecided(row, 10.0, 10.0, rules or Rules(), 60)
    return replace(empty, change=change, interval=interval, verdict=classify(row, interval, empty.margin))


def gated(*rows, rules=None, progress=END):
    return [row.gated for row in gate_where_possible(rows, rules or Rules(), progress, SIDES)]


CALM = row_of(MEDIAN, 0.0, 0.01)


def test_a_row_that_cannot_decide_informs_and_says_what_would():
    _, tail = gate_where_possible((CALM, row_of(TAIL, 0.02, 0.15)), Rules(), END, SIDES)
    assert not tail.gated
    assert tail.warnings == (
        "informs: http_req_duration p(95) of 400 requests is known to ±16 % only; about 3,400 would decide it",
    )


def test_what_is_hardly_known_at_all_is_said_without_an_exponent():
    _, tail = gate_where_possible((CALM, row_of(TAIL, 0.02, 0.75)), Rules(), END, SIDES)
    assert "is known to ±110 % only" in tail.warnings[0]


@pytest.mark.parametrize(("half", "gates"), [(0.03, True), (0.05, True), (0.06, False), (0.5, False)])
def test_a_row_can_decide_if_it_nearly_always_would_where_nothing_changed(half, gates):
    # At a miss rate of 2.5 % the standard error is half / 1.96; 1.645 of them are needed besides, in log(1.1).
    assert gated(CALM, row_of(TAIL, 0.045, half)) == [True, gates]


def test_a_row_that_a_margin_names_gates():
    wide = row_of(TAIL, 0.02, 0.3)
    for margin in (Margin(0.1, stat="p(95)"), Margin(0.1, metric="http_req_duration")):
        assert gated(CALM, wide, rules=Rules(margins=(margin,))) == [True, True]
    assert gated(CALM, wide, rules=Rules(margins=(Margin(0.1, scenario="shop"),))) == [True, False]


def test_a_row_that_looks_worse_than_chance_gates():
    assert gated(CALM, row_of(TAIL, 0.12, 0.15)) == [True, False]
    assert gated(CALM, row_of(TAIL, 0.14, 0.15)) == [True, True]
    assert gated(CALM, row_of(TAIL, -0.04, 0.15)) == [True, False]


def test_a_proven_regression_gates_however_wide_its_interval():
    worse = row_of(TAIL, 1.5, 0.3)
    assert worse.verdict is RowVerdict.REGRESSED
    assert gated(CALM, worse) == [True, True]


def test_a_row_that_rules_a_regression_out_gates_though_it_might_not_have():
    lucky = row_of(TAIL, -0.05, 0.09)
    assert gated(CALM, lucky) == [True, True]


def test_the_best_known_latency_of_a_scenario_always_gates():
    assert gated(row_of(MEDIAN, 0.0, 0.2), row_of(TAIL, 0.0, 0.5)) == [True, False]
    assert gated(row_of(MEDIAN, 0.0, 0.2), row_of(TAIL, 0.0, 0.25)) == [False, True]  # its margin is twice as wide


def test_less_throughput_is_worse():
    assert gated(CALM, row_of(THROUGHPUT, 0.0, 0.2)) == [True, False]
    assert gated(CALM, row_of(THROUGHPUT, -0.2, 0.2)) == [True, True]
    assert gated(CALM, row_of(THROUGHPUT, 0.2, 0.3)) == [True, False]


def test_what_was_not_measured_on_both_sides_keeps_its_word():
    unknown = undecided(TAIL, None, 10.0, Rules(), 60)
    assert gated(CALM, unknown) == [True, True]


def test_the_end_is_foreseen_from_the_middle():
    row = row_of(TAIL, 0.0, 0.1)
    half = Progress(share=0.5, miss_now=0.025, miss_at_end=0.025)
    assert prospect_of(row, half).half == pytest.approx(prospect_of(row, END).half / math.sqrt(2))
    stricter = Progress(share=1.0, miss_now=0.025, miss_at_end=0.005)
    assert prospect_of(row, stricter).half > prospect_of(row, END).half


def test_on_the_way_only_rows_inform_that_no_luck_can_decide():
    half = Progress(share=0.5, miss_now=0.025, miss_at_end=0.025)
    hopeless, open_ = row_of(TAIL, 0.0, 0.15), row_of(TAIL, 0.0, 0.12)
    assert gated(CALM, hopeless, progress=half) == [True, False]
    assert gated(CALM, open_, progress=half) == [True, True]
    assert gated(CALM, open_) == [True, False]


def test_what_instances_differ_by_no_number_of_requests_makes_good():
    row = row_of(TAIL, 0.0, 0.2)
    error = 0.2 / 1.96
    _, by_pairs = gate_where_possible((CALM, row), Rules(), END, SIDES)
    _, by_instances = gate_where_possible((CALM, row), Rules(), replace(END, instance_variance=0.9 * error**2), SIDES)
    assert by_pairs.warnings[0].endswith("about 6,000 would decide it")
    assert by_instances.warnings[0].endswith("more instances would decide it")
    half_time = replace(END, share=0.5, instance_variance=error**2)
    assert prospect_of(row, half_time).error == pytest.approx(error, rel=1e-4)


PAIRS = 120


def failures_of_a_thin_load(on_base, on_head):
    """The row of failures of a duet of 120 pairs with 5 requests a round, of which so many fail in each pair."""

    def side(name, failed):
        rounds = [Tally(seconds=0.5) for _ in range(PAIRS)]
        for pair, one in enumerate(rounds):
            for number in range(5):
                requests = one.request("GET /")
                (requests.failed if number < failed(pair) else requests.ok).record(10_000_000 + number)
        return run_of(name, rounds)

    plan = DuetPlan(1, 60.0, 60.0 / PAIRS)
    judged = judge(plan, Rules(), side("base", on_base), side("head", on_head), last=True)
    return next(row for row in judged.rows if row.row.metric == "http_req_failed")


def never(_pair):
    return 0


def in_a_burst(pair):
    return 5 if 40 <= pair < 44 else 0


@pytest.mark.parametrize("on_head", [in_a_burst, lambda pair: 5 if pair % 20 == 7 else 0])
def test_failures_that_head_alone_has_stay_open(on_head):
    row = failures_of_a_thin_load(never, on_head)
    assert row.change > 4 * row.margin
    assert (row.verdict, row.gated, rules_out_regression(row)) == (RowVerdict.INCONCLUSIVE, True, False)


@pytest.mark.parametrize(
    ("on_base", "on_head"),
    [
        (in_a_burst, never),
        (never, lambda pair: 1 if pair in (3, 50, 70, 90) else 0),
        (lambda pair: 1 if pair % 5 == 0 else 0, lambda pair: 1 if pair % 4 == 0 else 0),
    ],
    ids=["on base", "a few", "on both sides"],
)
def test_failures_that_chance_makes_inform(on_base, on_head):
    row = failures_of_a_thin_load(on_base, on_head)
    assert row.gated is rules_out_regression(row)
