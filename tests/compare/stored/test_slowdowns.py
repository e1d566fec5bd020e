"""Slowdowns of a branch: rows that got worse together, told apart from others, and back."""

import math
import random
from dataclasses import replace

from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.slowdowns import is_back, is_same, kept_of, slowdowns_of
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
    for count in range(4, 20):
        found = trends({MEDIAN: [10.0] * 30 + [12.0] * count})
        assert is_same(one_slowdown(found), kept, found)
    later = trends({MEDIAN: [10.0] * 30 + [12.0] * 12 + [15.0] * 4})
    assert [is_same(one, kept, later) for one in slowdowns_of(later, RULES)] == [True, False]


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


def test_what_is_kept_first_stays():
    first = kept_of(one_slowdown(trends({MEDIAN: [10.0] * 30 + [12.0] * 5})), None)
    both = trends({MEDIAN: [10.0] * 30 + [12.0] * 8, RATE: [100.0] * 30 + [83.0] * 8})
    then = kept_of(one_slowdown(both), first)
    assert then.run == first.run
    assert first.rows[0] in then.rows
    assert {kept.row for kept in then.rows} == {MEDIAN, RATE}
