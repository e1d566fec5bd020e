"""What a duet will show, foretold from its warm-up."""

import math
from statistics import NormalDist

import pytest

from perfgate.compare.duet import DuetPlan
from perfgate.compare.forecast import WarmUpCounts, forecast
from perfgate.compare.rules import Rules
from perfgate.metrics.tally import Tally


def counted(per_second, seconds=4.0, spread=1.0, names=("GET /pet",), slower=1.0):
    """What one side counts whose latencies scatter by so much (of the log), and are so many times 10 ms."""
    tally = Tally()
    tally.seconds = seconds
    for name in names:
        count = round(per_second * seconds / len(names))
        for number in range(count):
            normal = NormalDist().inv_cdf((number + 0.5) / count)
            tally.request(name).ok.record(round(slower * 10e6 * math.exp(spread * normal)))
    return tally


def foretold(
    tally, budget=60.0, round_seconds=0.5, at_once=True, executor="constant-vus", scenarios=1, load=1.0, head=None
):
    plan = DuetPlan(scenarios, budget, 2 * round_seconds)
    return forecast(WarmUpCounts("a", executor, tally, head or tally, load), Rules(), plan, at_once)


def test_more_load_shows_smaller_changes():
    thin, thick = foretold(counted(10)), foretold(counted(1000))
    assert thin.requests_per_second == pytest.approx(10)
    assert thick.medians[0] < thin.medians[0] / 3
    assert thick.times < 0.2 < 1 < thin.times


def test_a_head_that_is_much_slower_does_not_spoil_the_forecast():
    same = foretold(counted(100, spread=0.1))
    slower = foretold(counted(100, spread=0.1), head=counted(100, spread=0.1, slower=5))
    assert slower.medians == pytest.approx(same.medians, rel=0.2)
    assert slower.times == pytest.approx(same.times, rel=0.5)


def test_pairs_with_less_load_than_the_warm_up_show_as_much_as_that_load_does():
    lighter, as_light = foretold(counted(1000), load=0.1), foretold(counted(100))
    assert lighter.requests_per_second == pytest.approx(as_light.requests_per_second)
    assert lighter.medians == pytest.approx(as_light.medians, rel=0.05)
    assert lighter.times == pytest.approx(as_light.times, rel=0.1)


def test_a_load_of_so_many_times_as_much_is_enough():
    thin = foretold(counted(10))
    enough = foretold(counted(10 * thin.times * 1.3))
    assert thin.times > 2
    assert enough.times < 1.5


def test_sides_that_take_turns_have_half_of_the_budget_each():
    assert foretold(counted(100)).seconds == pytest.approx(60)
    assert foretold(counted(100), at_once=False).seconds == pytest.approx(30)


@pytest.mark.parametrize(("scenarios", "needed"), [(1, 9), (4, 11)])
def test_the_pairs_that_are_needed_grow_with_the_rows_that_share_the_error_rate(scenarios, needed):
    assert foretold(counted(100), scenarios=scenarios).pairs_needed == needed


def test_a_plan_of_few_pairs_says_the_budget_with_which_there_would_be_enough():
    few = foretold(counted(100), round_seconds=5.0, at_once=False)
    assert few.pairs == 6 < few.pairs_needed
    assert few.budget_for_pairs == pytest.approx(60 * few.pairs_needed / 6)
    assert foretold(counted(100), budget=few.budget_for_pairs, round_seconds=5.0).pairs == few.pairs_needed


def test_every_request_has_its_own_forecast_the_best_known_first():
    several = foretold(counted(400, names=("GET /a", "GET /b", "GET /c", "GET /d")))
    assert len(several.medians) == 4
    assert list(several.medians) == sorted(several.medians)
    assert several.medians[0] > foretold(counted(400)).medians[0]


def test_a_warm_up_without_an_answer_foretells_nothing():
    nothing = foretold(counted(0))
    assert (nothing.medians, nothing.tails, nothing.margin, nothing.times) == ((), (), None, None)
