"""Trends to be reported: two requests on two machines, one of them with steps; any name in them can be hostile."""

import hashlib
import math
import random
from dataclasses import replace

from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.trend import STATISTICS, Expectation, TrendPoint, Window, trends_of
from perfgate.report.trend.trends import Trends
from perfgate.testing import FIRST_STARTED_AT, SEEDED_TESTBED

OTHER_TESTBED = replace(SEEDED_TESTBED, id="9b1d07aa31c2f604", cpu_model="Intel Xeon Platinum 8370C")
COMMIT_URL = "https://github.com/octo/pets/commit/{sha}"
_DAY = 86_400.0


def series(row, values, testbed=SEEDED_TESTBED, first_day=0, scenario_hash="1"):
    return [
        TrendPoint(
            row=row,
            value=value,
            run=f"{row.request} {day} {testbed.id}",
            started_at=FIRST_STARTED_AT + _DAY * day,
            testbed=testbed.id,
            scenario_hash=scenario_hash,
            commit=hashlib.sha1(str(day).encode()).hexdigest(),
            dirty=day % 17 == 5,
        )
        for day, value in enumerate(values, first_day)
    ]


def noisy(levels, seed, noise=0.015):
    lots = random.Random(seed)
    return [level * math.exp(lots.gauss(0, noise)) for level in levels]


def points(scenario="create_pet", request="POST /pet"):
    created = Row(scenario, request, "http_req_duration", "med")
    read = Row("read_pet", "GET /pet/{id}", "http_req_duration", "med")
    failed = Row(scenario, None, "http_req_failed", "rate")
    return [
        *series(created, noisy([10.0] * 30 + [12.0] * 14 + [9.5] * 16, 1)),
        *series(created, noisy([7.0] * 40, 2), OTHER_TESTBED, 12),
        *series(read, noisy([4.0] * 60, 3)),
        *series(failed, [0.0] * 40 + [0.02] * 20),
    ]


def trends(of_points=None, branch="main", commit_url=COMMIT_URL):
    """All of them; `.of("http_req_duration", "med")` for one statistic."""
    made = trends_of(of_points or points(), Window(None, None), Expectation(Rules(), 12))
    testbeds = {testbed.id: testbed for testbed in (SEEDED_TESTBED, OTHER_TESTBED)}
    return Trends(branch, made, testbeds, commit_url)


def medians():
    return trends().of(*STATISTICS[0])
