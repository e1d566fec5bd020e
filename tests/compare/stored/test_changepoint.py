"""Change points in series of runs."""

import json
import math
import random
from pathlib import Path

import pytest

from perfgate.compare.stored.changepoint import change_points, newest_stretch

# From apache/otava, tests/tigerbeetle_test.py: a real benchmark with the shifts that people see in it.
TIGERBEETLE = json.loads((Path(__file__).parent / "data" / "tigerbeetle.json").read_text())["series"]


def cuts(values):
    return [point.index for point in change_points(values)]


def test_the_shifts_of_a_real_benchmark_are_found_and_its_outlier_is_none():
    found = cuts(TIGERBEETLE)
    for seen in (15, 61, 71, 95):
        assert any(abs(one - seen) <= 2 for one in found)
    assert not any(abs(one - 10) <= 2 for one in found)


def test_a_change_point_says_from_where_to_where():
    first = change_points(TIGERBEETLE)[0]
    assert (first.before, first.after) == (pytest.approx(26745, rel=0.01), pytest.approx(23690, rel=0.01))


def test_a_shift_of_two_percent_in_noise_of_one_is_dated_within_two_runs():
    lots = random.Random(7)
    dated = 0
    for _ in range(50):
        series = [math.exp(lots.gauss(0.02 if run >= 30 else 0.0, 0.01)) for run in range(60)]
        dated += any(abs(one - 30) <= 2 for one in cuts(series))
    assert dated >= 42


def test_noise_alone_has_no_change_point():
    lots = random.Random(7)
    assert sum(bool(cuts([math.exp(lots.gauss(0, 0.01)) for _ in range(60)])) for _ in range(150)) <= 9


@pytest.mark.parametrize("outlier", [0.1, 1.5, 100.0])
def test_one_or_two_outliers_are_no_change_point(outlier):
    series = [1.0 + 0.01 * (-1) ** run for run in range(40)]
    series[20] = outlier
    assert cuts(series) == []
    series[30] = outlier
    assert cuts(series) == []


def test_three_runs_at_a_new_level_are_a_shift():
    series = [1.0 + 0.01 * (-1) ** run for run in range(40)] + [1.3, 1.31, 1.29]
    assert cuts(series) == [40]
    assert newest_stretch(series) == 40


def test_a_shift_is_a_ratio_whatever_the_size_of_the_values():
    lots = random.Random(2)
    levels = [100.0] * 40 + [1.0] * 10 + [1.2] * 10
    assert cuts([level * math.exp(lots.gauss(0, 0.01)) for level in levels]) == [40, 50]


def test_a_staircase_has_all_its_steps():
    lots = random.Random(5)
    series = [math.exp(0.05 * (run // 12) + lots.gauss(0, 0.005)) for run in range(60)]
    assert cuts(series) == [12, 24, 36, 48]


def test_shares_that_may_be_zero_have_change_points_too():
    assert cuts([0.0] * 15 + [0.1] * 15) == [15]


def test_short_and_still_series_have_none():
    assert cuts([]) == []
    assert cuts([1.0, 2.0, 3.0]) == []
    assert cuts([0.0] * 30) == []
    assert cuts([5.0] * 30) == []
    assert newest_stretch([5.0] * 30) == 0


def machines(lots, runs=140):
    """Runs on machines of two kinds, one 40 % faster, each steady within 1.5 %."""
    return [lots.choice((0.0, -0.4)) + lots.gauss(0, 0.015) for _ in range(runs)]


def test_a_small_step_among_machines_of_two_kinds_is_seen_by_the_order_of_the_values():
    lots = random.Random(3)
    seen = odd = 0
    for _ in range(40):
        logs = machines(lots)
        odd += bool(cuts([math.exp(log) for log in logs]))
        found = cuts([math.exp(log + 0.1 * (run >= 70)) for run, log in enumerate(logs)])
        seen += any(abs(one - 70) <= 8 for one in found)
    assert seen >= 24
    assert odd <= 8


def test_what_the_machine_did_to_all_rows_hides_no_step_of_one():
    lots = random.Random(5)
    shared = [lots.gauss(0, 0.15) + 0.3 * (run >= 20) for run in range(60)]
    siblings = [one + lots.gauss(0, 0.02) for one in shared]
    row = [math.exp(one + lots.gauss(0, 0.02) + 0.1 * (run >= 40)) for run, one in enumerate(shared)]
    beside = [point.index for point in change_points(row, siblings)]
    assert any(abs(one - 40) <= 1 for one in beside)
    assert not any(abs(one - 40) <= 3 for one in cuts(row))


def test_a_step_of_the_siblings_is_none_of_the_row():
    lots = random.Random(6)
    siblings = [lots.gauss(0, 0.02) + 0.2 * (run >= 30) for run in range(60)]
    row = [math.exp(lots.gauss(0, 0.02)) for _ in range(60)]
    assert change_points(row, siblings) == ()


def test_a_step_of_all_rows_is_one_of_each():
    lots = random.Random(8)
    siblings = [lots.gauss(0, 0.02) + 0.1 * (run >= 30) for run in range(60)]
    row = [math.exp(lots.gauss(0, 0.02) + 0.1 * (run >= 30)) for run in range(60)]
    assert [point.index for point in change_points(row, siblings)] == [pytest.approx(30, abs=2)]


def test_runs_at_a_few_equal_values_shift_where_they_do():
    assert cuts([2.0, 2.0, 3.0] * 10 + [3.0, 3.0, 4.0] * 10) == [pytest.approx(30, abs=2)]
