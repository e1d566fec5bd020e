"""The trend of a statistic over the runs of a branch."""

import math
import random

import pytest

from perfgate.compare.comparison import RowVerdict
from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.baseline import compare_stored
from perfgate.compare.stored.points import StoredPoint
from perfgate.compare.stored.trend import Expectation, StretchStart, TrendPoint, Window, trends_of

ROW = Row("create_pet", "POST /pet", "http_req_duration", "med")
ALL = Window(None, None)


def points(values, row=ROW, testbed="here", scenario_hash="1"):
    hashes = [scenario_hash] * len(values) if isinstance(scenario_hash, str) else scenario_hash
    return [
        TrendPoint(row, value, f"run {day:03}", 86400.0 * day, testbed, hashes[day], f"{day:040x}", False)
        for day, value in enumerate(values)
    ]


def noisy(levels, seed=1, noise=0.01):
    lots = random.Random(seed)
    return [level * math.exp(lots.gauss(0, noise)) for level in levels]


def only_trend(of_points, window=ALL, gated=1):
    (trend,) = trends_of(of_points, window, Expectation(Rules(), gated))
    return trend


def test_a_step_is_a_change_point_with_its_commit_and_size():
    trend = only_trend(points(noisy([10.0] * 30 + [12.0] * 20)))
    (shift,) = trend.shifts
    assert trend.points[shift.start].commit == f"{30:040x}"
    assert shift.change == pytest.approx(0.2, abs=0.02)
    assert shift.level == pytest.approx(12, rel=0.01)
    assert [(stretch.start, stretch.end) for stretch in trend.stretches] == [(0, 30), (30, 50)]
    assert trend.is_worse(shift.change)


def test_more_requests_a_second_are_not_worse():
    row = Row("create_pet", None, "http_reqs", "rate")
    assert not only_trend(points([1.0], row)).is_worse(0.2)


def test_the_change_over_the_window_is_that_of_the_level_and_has_a_verdict():
    trend = only_trend(points(noisy([10.0] * 30 + [12.0] * 20)))
    assert trend.interval.low < trend.change < trend.interval.high
    assert trend.change == pytest.approx(0.2, abs=0.03)
    assert trend.verdict is RowVerdict.REGRESSED
    assert only_trend(points(noisy([10.0] * 30))).verdict is RowVerdict.UNCHANGED


def test_few_points_have_neither_change_nor_band():
    for count in range(1, 5):
        trend = only_trend(points([10.0] * count))
        assert (trend.change, trend.baseline, trend.verdict) == (None, None, RowVerdict.INCONCLUSIVE)
        assert (trend.newest.value, trend.stretches[0].level, len(trend.stretches)) == (10.0, 10.0, 1)


@pytest.mark.parametrize("levels", [[10.0] * 40, [10.0] * 40 + [12.0] * 8])
@pytest.mark.parametrize("gated", [1, 12])
def test_the_baseline_is_what_compare_holds_the_next_run_against(levels, gated):
    stored = points(noisy(levels))
    band = only_trend(stored, gated=gated).baseline
    others = [Row(f"other {number}", None, "http_reqs", "rate") for number in range(gated - 1)]
    head = [StoredPoint(row, band.high, "new", 86400.0 * 99, "here", "1") for row in (ROW, *others)]
    compared = next(row for row in compare_stored(head, stored, Rules()) if row.row == ROW)
    assert compared.rounds == band.runs
    assert compared.interval.low == pytest.approx(0)
    assert compared.change == pytest.approx(band.high / band.centre - 1)


def test_after_a_shift_the_band_is_that_of_the_runs_since():
    stored = noisy([10.0] * 40 + [12.0] * 8)
    band = only_trend(points(stored)).baseline
    assert band.runs == 8
    assert band.low > 10.2
    assert only_trend(points(stored[:-5])).baseline is None


def test_runs_before_the_window_say_what_to_expect_but_are_not_shown():
    trend = only_trend(points(noisy([10.0] * 40)), Window(86400.0 * 38, None))
    assert [point.run for point in trend.points] == ["run 038", "run 039"]
    assert trend.baseline.runs == 20
    assert len(only_trend(points(noisy([10.0] * 40)), Window(None, 7)).points) == 7


def test_a_series_without_a_point_in_the_window_is_left_out():
    assert trends_of(points([1.0, 2.0]), Window(1e12, None), Expectation(Rules(), 1)) == ()


def test_a_changed_scenario_starts_a_stretch_and_is_no_change_point():
    values = noisy([10.0] * 15 + [20.0] * 15)
    trend = only_trend(points(values, scenario_hash=["1"] * 15 + ["2"] * 15))
    assert [stretch.begins for stretch in trend.stretches] == [StretchStart.FIRST, StretchStart.SCENARIO]
    assert (trend.shifts, trend.stretches[1].change) == ((), None)
    assert trend.baseline.runs == 15
    assert trend.verdict is RowVerdict.UNCHANGED
    assert trend.baseline.centre == pytest.approx(20, rel=0.02)


def test_every_testbed_is_a_series_of_its_own_the_one_used_last_first():
    old, new = points([10.0] * 9, testbed="old"), points([5.0] * 10, testbed="new")
    made = trends_of([*old, *new], ALL, Expectation(Rules(), 1))
    assert [(trend.testbed, len(trend.points)) for trend in made] == [("new", 10), ("old", 9)]


def test_where_nothing_is_known_of_the_machine_there_is_no_band():
    expected = Expectation(Rules(), 1, unknown=frozenset({"here"}))
    (trend,) = trends_of(points(noisy([10.0] * 20 + [12.0] * 20)), ALL, expected)
    assert trend.baseline is None
    assert [stretch.band for stretch in trend.stretches] == [None, None]
    assert len(trend.shifts) == 1


def test_shares_change_in_points_and_stay_between_none_and_all():
    row = Row("create_pet", None, "http_req_failed", "rate")
    trend = only_trend(points([0.0] * 15 + [0.1] * 15, row))
    assert trend.change == pytest.approx(0.1)
    assert trend.shifts[0].change == pytest.approx(0.1)
    assert trend.baseline.low > 0
    assert only_trend(points([0.0] * 15, row)).baseline.low == 0


def test_a_latency_of_zero_has_no_ratio():
    trend = only_trend(points([0.0] * 20))
    assert (trend.change, trend.baseline, trend.verdict) == (None, None, RowVerdict.INCONCLUSIVE)


def test_the_only_request_of_a_scenario_is_not_shown_twice():
    def rows_shown(*requests):
        made = [
            point for request in requests for point in points([1.0], Row("order_pet", request, "http_reqs", "rate"))
        ]
        return [trend.row.request for trend in trends_of(made, ALL, Expectation(Rules(), 1))]

    assert rows_shown(None, "POST /order") == [None]
    assert rows_shown(None, "POST /order", "GET /order") == [None, "GET /order", "POST /order"]
    assert rows_shown("POST /order") == ["POST /order"]


def test_the_order_of_the_points_does_not_matter():
    made = points(noisy([10.0] * 20 + [11.0] * 20))
    mixed = random.Random(3).sample(made, len(made))
    assert trends_of(mixed, ALL, Expectation(Rules(), 1)) == trends_of(made, ALL, Expectation(Rules(), 1))


def test_a_step_of_one_request_is_seen_beside_the_others_though_the_machine_moves_them_all():
    lots = random.Random(4)
    machine = [lots.gauss(0, 0.2) for _ in range(50)]
    rows = [Row("create_pet", f"{number} /pet", "http_req_duration", "med") for number in range(3)]
    made = [
        point
        for row in rows
        for point in points(
            [
                10 * math.exp(shared + lots.gauss(0, 0.01) + 0.1 * (row is rows[0] and day >= 30))
                for day, shared in enumerate(machine)
            ],
            row,
        )
    ]
    slower, *others = trends_of(made, ALL, Expectation(Rules(), 3))
    assert [shift.start for shift in slower.shifts] == [30]
    assert not any(trend.shifts for trend in others)
