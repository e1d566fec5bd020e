"""Slowdowns of a branch: rows that got worse together, told apart from others, and back."""

import math
import random
from dataclasses import replace

from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.confirmation import MOST_CONFIRMING
from perfgate.compare.stored.slowdowns import (
    is_back,
    is_same,
    joined,
    kept_of,
    slowdowns_of,
    still_measured,
    told_by,
)
from perfgate.compare.stored.trend import Expectation, TrendPoint, Window, trends_of

MEDIAN = Row("create_pet", "POST /pet", "http_req_duration", "med")
RATE = Row("create_pet", None, "http_reqs", "rate")
RULES = Rules()


def trends(levels, start=0, scenario_hash="1", testbed="here"):
    """The trends of a branch: levels by row, in noise of 1 %."""
    points = []
    for row, of_row in levels.items():
        lots = random.Random(str(row))
        for run, level in enumerate(of_row):
            value = level * math.exp(lots.gauss(0, 0.01))
            if run >= start:
                name = f"run {run:03}"
                points.append(TrendPoint(row, value, name, 3600.0 * run, testbed, scenario_hash, f"{run:040x}", False))
    return trends_of(points, Window(None, None), Expectation(RULES, len(levels)))


def one_slowdown(found, rules=RULES):
    (slowdown,) = slowdowns_of(found, rules)
    return slowdown


def test_rows_that_get_worse_together_are_one_slowdown():
    found = trends({MEDIAN: [10.0] * 30 + [12.0] * 5, RATE: [100.0] * 30 + [83.0] * 5})
    slowdown = one_slowdown(found)
    assert {worse.trend.row for worse in slowdown.rows} == {MEDIAN, RATE}
    assert {worse.first.run for worse in slowdown.rows} == {"run 030"}
    assert slowdown.clearest.good.run < "run 030" <= slowdown.clearest.bad.run


def test_rows_that_get_worse_at_other_times_are_slowdowns_of_their_own():
    found = trends({MEDIAN: [10.0] * 30 + [12.0] * 12, RATE: [100.0] * 38 + [83.0] * 4})
    assert [one.clearest.trend.row for one in slowdowns_of(found, RULES)] == [MEDIAN, RATE]


def test_what_gets_better_or_hardly_worse_or_gates_nothing_is_none():
    memory = Row("create_pet", None, "service_memory", "value")
    levels = {MEDIAN: [10.0] * 30 + [8.0] * 5, RATE: [100.0] * 35, memory: [1e8] * 30 + [2e8] * 5}
    assert slowdowns_of(trends(levels), RULES) == ()
    small = trends({MEDIAN: [10.0] * 30 + [10.25] * 20})
    assert slowdowns_of(small, RULES) == ()
    assert slowdowns_of(small, Rules(margin=0.02, latency_floor_ms=0.0)) != ()


def test_a_changed_scenario_is_no_slowdown():
    before = trends({MEDIAN: [10.0] * 30})[0]
    after = trends({MEDIAN: [10.0] * 30 + [15.0] * 5}, start=30, scenario_hash="2")[0]
    both = replace(after, points=(*before.points, *after.points))
    assert slowdowns_of([both], RULES) == ()


def test_later_runs_make_it_no_other_one():
    kept = kept_of(one_slowdown(trends({MEDIAN: [10.0] * 30 + [12.0] * 3})), None)
    for count in (4, 8, 15, 26, 31, 33, 36, 39, 50):
        found = slowdowns_of(trends({MEDIAN: [10.0] * 30 + [12.0] * count}), RULES)
        assert all(is_same(one, kept) for one in found)
        assert bool(found) is (count <= MOST_CONFIRMING)
    later = trends({MEDIAN: [10.0] * 30 + [12.0] * 12 + [15.0] * 4})
    assert [is_same(one, kept) for one in slowdowns_of(later, RULES)] == [True, False]


def on_two_machines(levels, there):
    """The trends of a branch whose runs are on one machine or the other. there: the places of those on the other."""
    lots = random.Random(5)
    points = [
        TrendPoint(
            MEDIAN,
            level * math.exp(lots.gauss(0, 0.01)),
            f"run {run:03}",
            3600.0 * run,
            "there" if run in there else "here",
            "1",
            f"{run:040x}",
            False,
        )
        for run, level in enumerate(levels)
    ]
    return trends_of(points, Window(None, None), Expectation(RULES, 1))


def test_on_machines_that_take_turns_a_slowdown_is_one():
    there = set(range(0, 200, 4))  # and none of the first ones after the step
    levels = [10.0] * 101 + [12.0] * 20
    slowdown = one_slowdown(on_two_machines(levels, there))
    assert {worse.trend.testbed for worse in slowdown.rows} == {"here", "there"}
    kept = kept_of(one_slowdown(on_two_machines(levels[:105], there)), None)
    assert is_same(slowdown, kept)
    only_there = [worse for worse in slowdown.rows if worse.trend.testbed == "there"]
    assert is_same(replace(slowdown, rows=tuple(only_there)), kept)


def test_runs_on_another_machine_do_not_part_what_is_few_runs_apart():
    levels = [10.0] * 301 + [12.0] * 30
    # One run in ten is here, so that two of those are many runs of the branch apart.
    slowdown = one_slowdown(on_two_machines(levels, {run for run in range(len(levels)) if run % 10}))
    rare = next(worse for worse in slowdown.rows if worse.trend.testbed == "here")
    points = rare.trend.points
    for apart, same in ((2, True), (5, True), (6, False)):
        moment = points[rare.step.first - apart].started_at
        kept = replace(kept_of(slowdown, None), started_at=moment)
        assert is_same(replace(slowdown, rows=(rare,)), kept) is same


def test_what_is_joined_has_the_clearest_row_first():
    one, other = slowdowns_of(trends({MEDIAN: [10.0] * 30 + [12.0] * 12, RATE: [100.0] * 38 + [60.0] * 4}), RULES)
    both = joined((one, other))
    assert both.clearest == other.clearest
    assert {worse.trend.row for worse in both.rows} == {MEDIAN, RATE}


def test_it_is_back_when_enough_runs_are_and_not_before():
    kept = kept_of(one_slowdown(trends({MEDIAN: [10.0] * 30 + [12.0] * 5})), None)
    backs = [is_back(kept, trends({MEDIAN: [10.0] * 30 + [12.0] * 9 + [10.0] * count})) for count in range(6)]
    assert backs == [False, False, False, True, True, True]


def test_it_is_back_when_all_rows_are():
    levels = {MEDIAN: [10.0] * 30 + [12.0] * 5, RATE: [100.0] * 30 + [83.0] * 5}
    kept = kept_of(one_slowdown(trends(levels)), None)
    half = {MEDIAN: [*levels[MEDIAN], *[10.0] * 5], RATE: [*levels[RATE], *[83.0] * 5]}
    assert not is_back(kept, trends(half))
    assert is_back(kept, trends({**half, RATE: [*levels[RATE], *[100.0] * 5]}))


def test_what_cannot_be_told_any_more_is_not_back():
    kept = kept_of(one_slowdown(trends({MEDIAN: [10.0] * 30 + [12.0] * 5})), None)
    assert not is_back(kept, trends({RATE: [100.0] * 40}))
    assert not is_back(kept, trends({MEDIAN: [10.0] * 50}, scenario_hash="2"))
    assert not is_back(kept, trends({MEDIAN: [10.0] * 50}, testbed="there"))


def test_of_rows_that_can_no_longer_be_told_the_others_say_whether_it_is_back():
    levels = {MEDIAN: [10.0] * 30 + [12.0] * 5, RATE: [100.0] * 30 + [83.0] * 5}
    kept = kept_of(one_slowdown(trends(levels)), None)
    of_median = {MEDIAN: [*levels[MEDIAN], *[10.0] * 5]}
    assert [row.row for row in told_by(kept, trends(of_median))] == [MEDIAN]
    assert is_back(kept, trends(of_median))
    assert told_by(kept, trends(of_median, scenario_hash="2")) == ()


def test_a_scenario_that_has_changed_for_a_run_or_two_is_still_told():
    levels = {MEDIAN: [10.0] * 30 + [12.0] * 5}
    kept = kept_of(one_slowdown(trends(levels)), None)
    (trend,) = trends({MEDIAN: [*levels[MEDIAN], *[10.0] * 3]})
    for changed in range(4):
        points = [replace(point, scenario_hash="2") for point in trend.points[len(trend.points) - changed :]]
        now = [replace(trend, points=(*trend.points[: len(trend.points) - changed], *points))]
        assert bool(told_by(kept, now)) is (changed < 3)
        assert is_back(kept, now) is (changed == 0)


def test_a_machine_has_ended_after_many_runs_of_others_and_longer_than_usual():
    old = trends({MEDIAN: [10.0] * 20}, testbed="old")
    for count, ended in ((40, False), (41, True)):
        found = [*old, *trends({MEDIAN: [10.0] * count}, start=20)]
        assert [trend.testbed for trend in still_measured(found)] == (["here"] if ended else ["old", "here"])
    seldom = [replace(trend, points=trend.points[::15]) for trend in old]
    for count, ended in ((46, False), (47, True)):
        found = [*seldom, *trends({MEDIAN: [10.0] * count}, start=16)]
        assert (len(still_measured(found)) == 1) is ended
    assert still_measured([]) == ()


def test_what_is_kept_first_stays():
    first = kept_of(one_slowdown(trends({MEDIAN: [10.0] * 30 + [12.0] * 5})), None)
    both = trends({MEDIAN: [10.0] * 30 + [12.0] * 8, RATE: [100.0] * 30 + [83.0] * 8})
    then = kept_of(one_slowdown(both), first)
    assert then.run == first.run
    assert first.rows[0] in then.rows
    assert {kept.row for kept in then.rows} == {MEDIAN, RATE}
