"""Which scenarios of a branch are judged: those that are still measured, however seldom."""

from pathlib import Path

import pytest

from perfgate.application.site.source import SiteSource
from perfgate.application.site.verdicts import is_gone
from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.trend import Expectation, TrendPoint, Window, trends_of
from perfgate.history.branch_runs import BranchRun

MEDIAN = Row("create_pet", "POST /pet", "http_req_duration", "med")


def source(count, measured):
    """So many runs of a branch. measured: the places of those that have the scenario."""
    runs = tuple(BranchRun(f"run {place:03}", float(place), "c0ffee", False, "here") for place in range(count))
    points = [
        TrendPoint(MEDIAN, 10.0, run.id, run.started_at, run.testbed, "1", run.commit, run.dirty)
        for run in runs
        if int(run.started_at) in measured
    ]
    trends = trends_of(points, Window(None, None), Expectation(Rules(), 1))
    return SiteSource((), Path(), "main", runs, ("create_pet",), {}, trends, "")


@pytest.mark.parametrize(
    ("count", "measured", "gone"),
    [
        (30, range(30), False),
        (30, range(12), False),
        (40, range(12), True),
        (160, range(0, 101, 25), True),
        (140, range(0, 101, 25), False),
        (30, [3], True),
        (20, [3], False),
    ],
)
def test_a_scenario_is_gone_after_many_runs_without_it_and_more_than_usual(count, measured, gone):
    found = source(count, measured)
    assert is_gone(found, found.trends) is gone
