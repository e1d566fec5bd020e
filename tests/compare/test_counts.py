"""What was counted for each request, as rows of a duet: exact, noisy, new, gone, and beside a busy neighbour."""

import random
from dataclasses import replace

import pytest

from perfgate.compare.comparison import BELOW_ZERO, RowVerdict
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.multiplicity import ErrorRates
from perfgate.compare.pairs import compare_pairs
from perfgate.compare.rows import Row
from perfgate.compare.rules import Margin, Rules
from perfgate.metrics.counts import CounterUse, TimingTally
from perfgate.metrics.run import Environment, Occupancy
from perfgate.metrics.tally import Tally
from tests.support.counted import counting, times
from tests.support.seeded_duets import noisy_duet, run_of

RATES = ErrorRates(0.01, 0.025)
QUERIES = "counter{name:queries}"
DB = "server_timing_count{name:db}"
TIME = "server_timing{name:db}"
PAIRS = 20
EXACT = "the same in every round of base: any change beyond rounding is a regression"


def telling(run, **timing):
    """The run whose answers all say the same in Server-Timing."""
    for round_ in run.rounds:
        for requests in round_.tally.requests.values():
            count = requests.ok.count
            said = TimingTally(count, 1, 0, 0.0, 0, 0.0)
            for name, value in timing.items():
                setattr(said, name, value if name == "most" else value * count)
            requests.timings = {"db": said}
    return run


def compared(base, head, rules=None):
    return {row.row.metric: row for row in compare_pairs(base, head, rules or Rules(), RATES)}


def duet_of(on_base, on_head, **options):
    base, head = noisy_duet(PAIRS, 1.0)
    return counting(base, on_base, **options), counting(head, on_head, **options)


def test_a_count_that_did_not_change_is_unchanged():
    row = compared(*duet_of(times(12), times(12)))[QUERIES]
    assert (row.verdict, row.gated, row.base, row.head, row.margin) == (RowVerdict.UNCHANGED, True, 12.0, 12.0, 0.05)


def test_an_exact_count_may_not_change_at_all():
    row = compared(*duet_of(times(12), times(12.3)))[QUERIES]
    assert (row.verdict, row.gated, row.warnings) == (RowVerdict.REGRESSED, True, (EXACT,))
    assert row.change == pytest.approx(0.025)
    assert row.margin < 0.01


def test_a_margin_that_names_it_holds_for_an_exact_count_too():
    named = Rules(margins=(Margin(0.05, metric=QUERIES),))
    for on_head, verdict in ((12.3, RowVerdict.UNCHANGED), (13, RowVerdict.REGRESSED)):
        base, head = duet_of(times(12), times(on_head))
        assert compared(base, head, named)[QUERIES].verdict is verdict


def test_reading_it_and_late_counts_are_rounding():
    off = random.Random(1)
    row = compared(*duet_of(lambda _, n: 2 * n + 1, lambda _, n: 2 * n + off.choice((0, 1, 2))))[QUERIES]
    assert row.verdict is RowVerdict.UNCHANGED


def test_what_only_some_rounds_of_head_have_is_no_change():
    row = compared(*duet_of(times(12), lambda number, n: 12 * n + (30 if number % 3 == 0 else 0)))[QUERIES]
    assert row.verdict is not RowVerdict.REGRESSED


def test_a_count_that_scatters_has_the_usual_margin():
    lots = random.Random(2)

    def scattered(middle):
        return lambda _, n: middle * n * lots.uniform(0.97, 1.03)

    assert compared(*duet_of(scattered(10), scattered(10.2)))[QUERIES].verdict is not RowVerdict.REGRESSED
    assert compared(*duet_of(scattered(10), scattered(12)))[QUERIES].verdict is RowVerdict.REGRESSED


def test_one_event_in_a_round_is_nothing_where_there_was_none():
    assert compared(*duet_of(times(0), lambda *_: 1))[QUERIES].verdict is not RowVerdict.REGRESSED
    assert compared(*duet_of(times(0), times(1)))[QUERIES].verdict is RowVerdict.REGRESSED


def thin(side, requests, rise):
    """One side of 24 pairs, each round of so few requests; a counter rises by `rise` in each."""
    rounds = [Tally(seconds=1.0) for _ in range(24)]
    for one in rounds:
        for _ in range(requests):
            one.request("GET /").ok.record(10_000_000)
        one.counters = {"queries": CounterUse(requests, rise(requests), False)}
    return run_of(side, rounds)


@pytest.mark.parametrize("requests", [1, 2, 3])
@pytest.mark.parametrize("rules", [Rules(), Rules(margins=(Margin(0.001, metric=QUERIES),))], ids=["default", "named"])
def test_a_query_more_is_seen_however_few_requests_a_round_has(requests, rules):
    twice, once = (thin(side, requests, lambda n, each=each: n * each) for side, each in (("head", 2), ("base", 1)))
    row = compared(once, twice, rules)[QUERIES]
    assert (row.verdict, row.change, row.margin) == (RowVerdict.REGRESSED, 1.0, rules.margin_of(row.row, 1.0))
    assert compared(once, thin("head", requests, lambda n: n), rules)[QUERIES].verdict is RowVerdict.UNCHANGED


def test_rounds_of_fewer_requests_make_more_of_what_reading_counts():
    named = Rules(margins=(Margin(0.001, metric=QUERIES),))
    row = compared(thin("base", 20, lambda n: 3 * n + 2), thin("head", 10, lambda n: 3 * n + 2), named)[QUERIES]
    assert row.change == pytest.approx(3.2 / 3.1 - 1)
    assert (row.verdict, row.margin) == (RowVerdict.UNCHANGED, pytest.approx(2 / 62))


def test_a_gauge_is_taken_as_it_is():
    row = compared(*duet_of(lambda *_: 100, lambda *_: 102, gauge=True))[QUERIES]
    assert (row.base, row.head, row.verdict) == (100.0, 102.0, RowVerdict.UNCHANGED)
    assert compared(*duet_of(lambda *_: 100, lambda *_: 110, gauge=True))[QUERIES].verdict is RowVerdict.REGRESSED


@pytest.mark.parametrize(("on_base", "on_head"), [(-50, -5), (-50, -50), (3, -1), (-1, 3)])
def test_a_gauge_below_zero_has_no_ratio_and_informs(on_base, on_head):
    base, head = duet_of(lambda *_: on_base, lambda *_: on_head, gauge=True)
    row = compared(base, head)[QUERIES]
    assert (row.base, row.head, row.change, row.interval) == (on_base, on_head, None, None)
    assert (row.verdict, row.gated, row.warnings) == (RowVerdict.INCONCLUSIVE, False, (BELOW_ZERO,))
    named = compared(base, head, Rules(margins=(Margin(0.05, metric=QUERIES),)))[QUERIES]
    assert (named.verdict, named.gated) == (RowVerdict.INCONCLUSIVE, True)


def test_one_round_below_zero_is_enough():
    row = compared(*duet_of(lambda *_: 100, lambda number, _: -1 if number == 7 else 130, gauge=True))[QUERIES]
    assert (row.verdict, row.gated, row.warnings) == (RowVerdict.INCONCLUSIVE, False, (BELOW_ZERO,))


def test_a_counter_that_only_head_has_informs():
    row = compared(*duet_of(lambda *_: None, times(3)))[QUERIES]
    assert (row.gated, row.change, row.head) == (False, None, 3.0)
    assert row.warnings == ("queries is new on head: nothing to compare it with; a threshold can limit it",)
    assert not compared(*duet_of(times(3), lambda *_: None))[QUERIES].gated


def test_a_count_of_server_timing_is_exact_and_names_its_request():
    base, head = noisy_duet(PAIRS, 1.0)
    rows = compared(telling(base, told=1, counted=3), telling(head, told=1, counted=4))
    assert (rows[DB].verdict, rows[DB].base, rows[DB].head) == (RowVerdict.REGRESSED, 3.0, 4.0)
    assert rows[DB].row.request is not None
    assert TIME not in rows


def test_entries_are_counted_where_one_answer_has_several():
    base, head = noisy_duet(PAIRS, 1.0)
    rows = compared(telling(base), telling(head, entries=2, most=2))
    assert (rows[DB].verdict, rows[DB].base, rows[DB].head) == (RowVerdict.REGRESSED, 1.0, 2.0)


def test_an_entry_that_is_always_there_once_is_no_row():
    base, head = noisy_duet(PAIRS, 1.0)
    assert DB not in compared(telling(base), telling(head))


def test_a_count_that_only_head_says_is_compared_with_nothing():
    base, head = noisy_duet(PAIRS, 1.0)
    row = compared(telling(base), telling(head, told=1, counted=4))[DB]
    assert (row.gated, row.change) == (False, None)


def test_times_of_server_timing_inform_unless_a_margin_names_them():
    base, head = noisy_duet(PAIRS, 1.0)
    lots = random.Random(3)
    for run, middle in ((base, 10), (head, 15)):
        telling(run, timed=1, milliseconds=middle)
        for round_ in run.rounds:
            for requests in round_.tally.requests.values():
                requests.timings["db"].milliseconds *= lots.uniform(0.98, 1.02)
    row = compared(base, head)[TIME]
    assert (row.verdict, row.gated) == (RowVerdict.REGRESSED, False)
    assert compared(base, head, Rules(margins=(Margin(0.1, metric="server_timing"),)))[TIME].gated


def test_a_time_that_is_always_the_same_is_no_count():
    base, head = noisy_duet(PAIRS, 1.0)
    row = compared(telling(base, timed=1, milliseconds=0.4), telling(head, timed=1, milliseconds=0.8))[TIME]
    assert (row.gated, row.margin, row.warnings) == (False, 0.125, ())


def test_what_others_took_from_head_does_not_excuse_a_count():
    base, head = duet_of(times(12), times(13))
    calm, busy = (Environment(Occupancy(share, 0.3), None, None) for share in (0.0, 0.08))
    head = replace(head, rounds=tuple(replace(round_, environment=busy) for round_ in head.rounds))
    base = replace(base, rounds=tuple(replace(round_, environment=calm) for round_ in base.rounds))
    judged = judge(DuetPlan(1, 60.0, 60.0 / PAIRS), Rules(), base, head, last=True)
    found = next(row for row in judged.rows if row.row == Row(base.scenario, None, QUERIES, "value"))
    assert found.verdict is RowVerdict.REGRESSED


def test_counts_of_rounds_that_others_disturbed_are_compared_and_their_times_are_not():
    base, head = (
        replace(run, rounds=tuple(replace(one, disturbances=("others took its CPUs",)) for one in run.rounds))
        for run in duet_of(times(4), times(5))
    )
    rows = compared(base, head)
    assert (rows[QUERIES].verdict, rows[QUERIES].rounds) == (RowVerdict.REGRESSED, PAIRS)
    assert rows["service_cpu"].warnings == ("no pair of valid rounds was measured",)


@pytest.mark.parametrize("disturbed", [PAIRS, PAIRS // 2])
def test_a_count_that_cannot_decide_says_of_how_many_requests_beside_others(disturbed):
    lots, busy = random.Random(4), ("others took its CPUs",)
    base, head = (
        replace(run, rounds=tuple(replace(one, disturbances=busy * (one.pair < disturbed)) for one in run.rounds))
        for run in duet_of(*[lambda _, n: n * lots.uniform(0.2, 1.8)] * 2)
    )
    judged = judge(DuetPlan(1, 60.0, 60.0 / PAIRS), Rules(), base, head, last=True)
    (said,) = [row.warnings[-1] for row in judged.rows if row.row.is_count]
    assert said.startswith(f"informs: {QUERIES} value of 8,000 requests is known to ")
    assert "about 0 would" not in said


def test_counts_of_rounds_that_nobody_can_believe_are_not_compared():
    base, head = (
        replace(run, rounds=tuple(replace(one, problems=("the worker died",)) for one in run.rounds))
        for run in duet_of(times(4), times(5))
    )
    assert compared(base, head)[QUERIES].warnings == ("no pair of valid rounds was measured",)


def test_counts_that_scatter_alike_are_red_no_more_often_than_the_error_rate():
    red = 0
    for seed in range(300):
        lots = random.Random(seed)
        base, head = duet_of(*[lambda _, n, lots=lots: round(2 * n + lots.gauss(0, 2)) for _ in range(2)])
        red += compared(base, head)[QUERIES].verdict is RowVerdict.REGRESSED
    assert red <= 1
