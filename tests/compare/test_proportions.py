"""Differences of shares of failed requests."""

import random

import pytest

from perfgate.compare import proportions
from perfgate.compare.proportions import difference


def test_the_interval_is_newcombes(monkeypatch):
    # Newcombe 1998, table II, case (a), method 10: 56/70 against 48/80 is 0.2 with 0.0524 to 0.3339 at 95 %.
    monkeypatch.setattr(proportions, "student_quantile", lambda level, degrees: 1.959964)
    found = difference([(24, 40), (24, 40)], [(28, 35), (28, 35)], 0.025)
    assert found.estimate == pytest.approx(0.2)
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def test_without_requests_or_with_one_round_there_is_no_difference():
    assert difference([(0, 0), (0, 0)], [(0, 10), (1, 10)], 0.01) is None
    assert difference([(0, 10)], [(1, 10)], 0.01) is None


def test_failures_spread_evenly_are_found():
    found = difference([(0, 200)] * 15, [(40, 200)] * 15, 0.001)
    assert found.low > 0.1


def test_the_same_number_of_failures_in_one_burst_proves_nothing():
    burst = [(0, 200)] * 12 + [(200, 200)] * 3
    found = difference([(0, 200)] * 15, burst, 0.001)
    assert found.estimate == pytest.approx(0.2)
    assert found.low < 0


def test_failures_that_come_in_clusters_rarely_look_like_a_change():
    lots = random.Random(4)

    def side():
        return [(min(200, round(lots.expovariate(1 / 20))) if lots.random() < 0.3 else 0, 200) for _ in range(30)]

    alarms = sum(found.low > 0 for _ in range(500) if (found := difference(side(), side(), 0.01)))
    assert alarms <= 10
