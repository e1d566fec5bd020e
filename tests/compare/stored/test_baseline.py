"""A run compared with stored ones."""

import math
import random
from dataclasses import replace
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfgate.compare.comparison import BELOW_ZERO, RowVerdict
from perfgate.compare.rows import Row
from perfgate.compare.rules import Margin, Rules
from perfgate.compare.stored.baseline import BaselineSize, compare_stored, size_of_baseline
from perfgate.compare.stored.points import StoredPoint, points_of
from perfgate.compare.stored.prediction import Level, predict
from perfgate.compare.stored.siblings import SiblingsInRun
from perfgate.compare.stored.spread import ALONE, Usual, learnt, spread_of
from perfgate.metrics.run import Run, RunRecord, Testbed
from tests.support.seeded_duets import run_of, tally

MEDIAN = Row("shop", "GET /", "http_req_duration", "med")
FAILED = Row("shop", None, "http_req_failed", "rate")


def stored(values, row=MEDIAN, testbed="here", scenario_hash="hash"):
    return [
        StoredPoint(row, value, f"run {place}", float(place), testbed, scenario_hash)
        for place, value in enumerate(values)
    ]


def new(value, row=MEDIAN, testbed="here", scenario_hash="hash"):
    return [StoredPoint(row, value, "new", 1000.0, testbed, scenario_hash)]


CALM = [10.0, 10.1, 9.9, 10.05, 9.95, 10.0, 10.1, 9.9, 10.02, 9.98]


def only(rows):
    (row,) = rows
    return row


def test_a_run_far_beyond_the_stored_ones_regressed():
    row = only(compare_stored(new(13.0), stored(CALM), Rules()))
    assert row.verdict is RowVerdict.REGRESSED
    assert row.base == pytest.approx(10.0)
    assert row.change == pytest.approx(0.3)
    assert row.interval.low < 0.3 < row.interval.high
    assert row.rounds == 10


def test_a_run_like_the_stored_ones_is_no_regression():
    row = only(compare_stored(new(10.1), stored(CALM), Rules()))
    assert row.verdict is not RowVerdict.REGRESSED


def test_one_odd_run_in_the_baseline_hides_no_regression():
    row = only(compare_stored(new(13.0), stored([*CALM[:-1], 40.0]), Rules()))
    assert row.verdict is RowVerdict.REGRESSED


def test_too_few_runs_say_how_many_are_missing():
    row = only(compare_stored(new(13.0), stored(CALM[:3]), Rules()))
    assert (row.verdict, row.interval) == (RowVerdict.INCONCLUSIVE, None)
    assert row.change == pytest.approx(0.3)
    assert row.warnings == ("2 more runs of the baseline needed",)
    assert only(compare_stored(new(13.0), [], Rules())).warnings == ("5 more runs of the baseline needed",)


def test_another_testbed_is_shown_and_never_fails():
    row = only(compare_stored(new(20.0, testbed="there"), stored(CALM), Rules()))
    assert (row.gated, row.verdict) == (False, RowVerdict.INCONCLUSIVE)
    assert row.change == pytest.approx(1.0)
    assert row.warnings == ("measured on another testbed: shown, not judged",)


def test_runs_of_another_testbed_are_not_counted():
    baseline = stored(CALM) + stored([20.0] * 20, testbed="there")
    assert only(compare_stored(new(13.0), baseline, Rules())).base == pytest.approx(10.0)


def test_a_scenario_that_changed_is_shown_and_never_fails():
    row = only(compare_stored(new(20.0, scenario_hash="other"), stored(CALM), Rules()))
    assert not row.gated
    assert row.warnings == ("the scenario has changed since: shown, not judged",)


def test_a_row_that_head_lacks_is_never_green():
    rows = compare_stored(new(0.0, FAILED), stored(CALM) + stored([0.0] * 10, FAILED), Rules())
    missing = next(row for row in rows if row.row.metric == "http_req_duration")
    assert (missing.verdict, missing.gated, missing.head) == (RowVerdict.INCONCLUSIVE, True, None)
    assert missing.warnings == ("only the baseline measured it",)


ELSEWHERE = Row("cart", "GET /cart", "http_req_duration", "med")


def test_scenarios_that_head_did_not_play_are_none_of_its_rows():
    baseline = stored(CALM) + stored(CALM, ELSEWHERE)
    assert [row.row for row in compare_stored(new(10.0), baseline, Rules())] == [MEDIAN]


def test_of_a_scenario_that_head_should_have_every_row_is_missed():
    baseline = stored(CALM) + stored(CALM, ELSEWHERE)
    _, missing = compare_stored(new(10.0), baseline, Rules(), expected=("shop", "cart"))
    assert (missing.row, missing.gated, missing.warnings) == (ELSEWHERE, True, ("only the baseline measured it",))


@pytest.mark.parametrize("changed", [{"scenario_hash": "other"}, {"testbed": "there"}])
def test_what_a_changed_scenario_or_another_testbed_lacks_is_shown_like_the_rest(changed):
    baseline = stored(CALM) + stored([0.0] * 10, FAILED)
    rows = compare_stored(new(0.0, FAILED, **changed), baseline, Rules())
    assert [(row.row, row.gated) for row in rows] == [(FAILED, False), (MEDIAN, False)]


def test_failures_are_compared_in_points():
    row = only(compare_stored(new(0.2, FAILED), stored([0.0] * 10, FAILED), Rules()))
    assert row.verdict is RowVerdict.REGRESSED
    assert row.change == pytest.approx(0.2)


def test_a_margin_of_many_rows_is_shared():
    others = [Row(f"shop {place}", None, "http_req_failed", "rate") for place in range(20)]
    head = new(10.0) + [point for row in others for point in new(0.0, row)]
    baseline = stored(CALM) + [point for row in others for point in stored([0.0] * 10, row)]
    alone = only(compare_stored(new(10.0), stored(CALM), Rules()))
    among_others = compare_stored(head, baseline, Rules())[0]
    assert among_others.smallest > alone.smallest


OTHERS = [Row("shop", f"GET /{place}", "http_req_duration", "med") for place in range(3)]


def moody(row, seed):
    """Twenty runs of a machine that is up to 40 % slower from day to day, the same for all rows, and noise of 1 %."""
    lots, mood = random.Random(seed), random.Random(99)
    return stored([10 * math.exp(mood.uniform(0, 0.35) + lots.gauss(0, 0.01)) for _ in range(20)], row)


def rows_beside_siblings(factor, others):
    baseline = [point for place, row in enumerate([MEDIAN, *OTHERS]) for point in moody(row, place)]
    head = new(12.0 * factor) + [point for row in OTHERS for point in new(12.0 * others, row)]
    return compare_stored(head, baseline, Rules())[0]


def test_what_a_moody_machine_hides_the_siblings_show():
    row = rows_beside_siblings(1.2, 1.0)
    assert row.verdict is RowVerdict.REGRESSED
    assert row.interval.low < 0.2 < row.interval.high
    assert any("beside the run's other rows" in warning for warning in row.warnings)
    assert rows_beside_siblings(1.0, 1.0).verdict is not RowVerdict.REGRESSED


def test_a_row_is_not_its_own_sibling():
    baseline = [point for place, row in enumerate([MEDIAN, OTHERS[0]]) for point in moody(row, place)]
    row = compare_stored(new(12.0 * 1.2) + new(12.0, OTHERS[0]), baseline, Rules())[0]
    assert row.verdict is RowVerdict.REGRESSED
    assert row.change == pytest.approx(0.2, abs=0.02)


class CountedPoint(StoredPoint):
    """A point that counts how often anything of it is read."""

    reads = 0

    def __getattribute__(self, name):
        CountedPoint.reads += 1
        return super().__getattribute__(name)


def reads_of_comparison(rows, *, same_names):
    """How often points are read for ten stored runs of so many rows, which have the same names or others each time."""

    def run(number, started_at):
        names = [f"GET /{place}" if same_names else f"GET /{number}/{place}" for place in range(rows)]
        return [
            CountedPoint(replace(MEDIAN, request=name), 10.0 + place, f"run {number}", started_at, "here", "hash")
            for place, name in enumerate(names)
        ]

    baseline = [point for number in range(10) for point in run(number, float(number))]
    head = run(10, 10.0)
    CountedPoint.reads = 0
    found = compare_stored(head, baseline, Rules())
    assert len(found) == (rows if same_names else 2 * rows)
    return CountedPoint.reads


@pytest.mark.parametrize("same_names", [True, False])
def test_twice_the_rows_are_twice_the_work(same_names):
    few, many = (reads_of_comparison(rows, same_names=same_names) for rows in (20, 40))
    assert many < 2.5 * few


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12))
def test_the_middle_of_the_siblings_is_the_median_of_the_others(values):
    rows = [replace(MEDIAN, request=f"GET /{place}") for place in range(len(values))]
    siblings = SiblingsInRun(point for row, value in zip(rows, values, strict=True) for point in new(value, row))
    for place, row in enumerate(rows):
        others = [math.log(value) for value in values[:place] + values[place + 1 :] if value > 0]
        assert siblings.middle(row) == (median(others) if others else None)
    assert siblings.middle(FAILED) is None


def test_siblings_that_got_faster_make_no_regression_of_the_row_that_did_not():
    assert rows_beside_siblings(1.0, 0.8).verdict is not RowVerdict.REGRESSED


def test_a_slow_machine_that_slows_every_row_is_no_regression():
    assert rows_beside_siblings(1.1, 1.1).verdict is not RowVerdict.REGRESSED


def test_a_slow_down_that_was_accepted_makes_no_alarm_on_every_run_after_it():
    before = [value for _ in range(3) for value in CALM[:8]]
    slow = [13.0, 13.1, 12.9, 13.05, 12.95, 13.0]
    row = only(compare_stored(new(13.1), stored(before + slow), Rules()))
    assert row.verdict is not RowVerdict.REGRESSED
    assert row.base == pytest.approx(10.0, rel=0.02)
    assert row.change == pytest.approx(0.008, abs=0.01)
    assert row.warnings == ("the baseline's level shifted 6 runs ago",)
    worse = only(compare_stored(new(20.0), stored(before + slow), Rules()))
    assert worse.verdict is RowVerdict.REGRESSED


def test_right_after_a_shift_nothing_is_claimed():
    before = [value for _ in range(3) for value in CALM[:8]]
    row = only(compare_stored(new(13.1), stored([*before, 13.0, 13.1, 12.9]), Rules()))
    assert row.verdict is RowVerdict.INCONCLUSIVE
    assert row.warnings == ("the baseline's level shifted 3 runs ago: too lately to judge",)


def test_a_rise_after_a_fall_is_only_claimed_beyond_both_levels():
    fast = [7.0, 7.05, 6.95, 7.0, 7.02, 6.98]
    before = [value for _ in range(3) for value in CALM[:8]]
    assert only(compare_stored(new(9.5), stored(before + fast), Rules())).verdict is RowVerdict.INCONCLUSIVE


def test_a_value_of_zero_has_no_ratio():
    row = only(compare_stored(new(0.0), stored(CALM), Rules()))
    assert (row.verdict, row.warnings) == (RowVerdict.INCONCLUSIVE, ("a value of zero has no ratio",))


GAUGE = Row("shop", None, "counter{name:headroom}", "value")


@pytest.mark.parametrize(("before", "now"), [([-50.0] * 10, -5.0), ([3.0] * 10, -1.0), ([*CALM, -0.5], 10.0)])
def test_a_gauge_below_zero_has_no_ratio_and_informs(before, now):
    row = only(compare_stored(new(now, GAUGE), stored(before, GAUGE), Rules()))
    assert (row.verdict, row.gated, row.change, row.head) == (RowVerdict.INCONCLUSIVE, False, None, now)
    assert row.warnings == (BELOW_ZERO,)
    named = Rules(margins=(Margin(0.05, metric=GAUGE.metric),))
    assert only(compare_stored(new(now, GAUGE), stored(before, GAUGE), named)).gated


def test_the_newest_runs_count():
    old = [20.0, 20.1] * 20
    row = only(compare_stored(new(10.0), stored(old + CALM * 3), Rules(), newest=10))
    assert row.base == pytest.approx(10.0)
    assert row.rounds == 10


DATABASE = Row("shop", None, "dependency_cpu{name:postgres}", "value")


def test_a_database_that_costs_more_than_in_the_stored_runs_regressed():
    assert only(compare_stored(new(13.0, DATABASE), stored(CALM, DATABASE), Rules())).verdict is RowVerdict.REGRESSED


def test_a_dependency_that_no_stored_run_has_informs():
    rows = compare_stored([*new(3.0, DATABASE), *new(10.0)], stored(CALM), Rules())
    row = next(row for row in rows if row.row == DATABASE)
    assert (row.gated, row.warnings) == (False, ("no run of the baseline has it: a threshold can limit it",))


def test_a_dependency_that_head_does_without_informs():
    baseline = [*stored(CALM), *stored(CALM, DATABASE)]
    row = next(row for row in compare_stored(new(10.0), baseline, Rules()) if row.row == DATABASE)
    assert (row.gated, row.warnings) == (False, ("only the baseline measured it",))


def test_a_dependency_that_did_next_to_nothing_is_judged_all_the_same():
    idle = stored([0.0, 0.0001, 0.0, 0.0003, 0.0, 0.0002], DATABASE)
    assert only(compare_stored(new(0.001, DATABASE), idle, Rules())).verdict is not RowVerdict.REGRESSED
    assert only(compare_stored(new(1.0, DATABASE), idle, Rules())).verdict is RowVerdict.REGRESSED


def test_the_points_of_a_run_are_its_rows():
    run = Run(
        RunRecord("id", 5.0, "run", "", "", "petstore", "", "", False, Testbed("bed", "", 2, 1, "", ""), {}, 1, {}),
        (run_of("", [tally(10), tally(10)]),),
    )
    points = points_of(run)
    assert {point.row.metric for point in points} == {
        "http_req_failed",
        "http_reqs",
        "service_cpu",
        "http_req_duration",
    }
    median = next(point for point in points if point.row.stat == "med")
    assert median.value == pytest.approx(9.975, rel=1e-3)
    assert (median.run, median.started_at, median.testbed, median.scenario_hash) == ("id", 5.0, "bed", "hash")


def test_the_interval_is_a_prediction_for_one_new_run():
    # Of 1 to 9 with 1 and 9 drawn in to 2 and 8 the squares around the mean of 5 add up to 46; six degrees are left.
    unknown = Usual(deviation=0.0, degrees=0, own_degrees=0, least=0.0)
    centre, half = predict(Level([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], ()), 0.025, unknown)
    assert centre == 5.0
    assert half == pytest.approx(2.447 * math.sqrt(46 / 8) * (8 / 6) * math.sqrt(1 + 1 / 9), rel=1e-3)
    still = predict(Level([1.0] * 9, ()), 0.025, replace(unknown, least=0.5))
    assert still[1] == pytest.approx(2.447 * 0.5 * math.sqrt(1 + 1 / 9), rel=1e-3)


def test_half_of_the_error_is_kept_for_the_siblings():
    row = only(compare_stored(new(10.0), stored(CALM), Rules()))
    logs = [math.log(value) for value in CALM]
    _, half = predict(Level(logs, ()), 0.005, learnt(ALONE, [spread_of(logs)]))
    assert row.smallest == pytest.approx(math.expm1(half))


def test_the_size_of_a_baseline_counts_runs_of_this_testbed_and_scenario():
    mixed = stored(CALM[:3]) + stored([9.0] * 2, testbed="there") + stored([9.0] * 5, scenario_hash="other")
    mixed = [replace(point, run=f"{point.run} of {point.testbed} {point.scenario_hash}") for point in mixed]
    size = size_of_baseline(new(10.0), mixed)
    assert (size, size.missing) == (BaselineSize(stored=10, comparable=3), 2)
    assert size_of_baseline(new(10.0), stored(CALM)).missing == 0


def rows_of_a_run(noises, seed=5):
    """Five runs of rows of one statistic whose logs scatter by so much, and a run at their level."""
    lots = random.Random(seed)
    rows = [Row("shop", f"GET /{place}", "http_req_duration", "med") for place in range(len(noises))]
    baseline = [
        point
        for row, noise in zip(rows, noises, strict=True)
        for point in stored([10 * math.exp(lots.gauss(0, noise)) for _ in range(5)], row)
    ]
    return compare_stored([point for row in rows for point in new(10.0, row)], baseline, Rules())


def test_five_runs_give_an_interval_that_a_person_can_use():
    for row in rows_of_a_run([0.03] * 8):
        assert row.interval is not None
        assert row.smallest < 0.45


def test_a_row_of_a_noisy_run_is_believed_less():
    calm, noisy = rows_of_a_run([0.02] * 8)[0], rows_of_a_run([0.02] + [0.3] * 7)[0]
    assert noisy.smallest > 1.5 * calm.smallest


def test_five_runs_that_agree_by_chance_make_no_alarm_of_a_slower_machine():
    assert only(compare_stored(new(11.8), stored([10.0, 10.0, 10.01, 9.99, 10.0]), Rules())).verdict is (
        RowVerdict.INCONCLUSIVE
    )


def test_shares_of_failed_requests_are_believed_after_five_runs():
    row = only(compare_stored(new(0.02, FAILED), stored([0.0] * 5, FAILED), Rules()))
    assert row.verdict is RowVerdict.REGRESSED
    assert only(compare_stored(new(0.004, FAILED), stored([0.0] * 5, FAILED), Rules())).verdict is (
        RowVerdict.INCONCLUSIVE
    )
