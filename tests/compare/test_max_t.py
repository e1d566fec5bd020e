"""compare/max_t: one error rate for rows that hang together."""

import random

import pytest

from perfgate.compare import max_t
from perfgate.compare.max_t import joint_alpha
from perfgate.compare.statistics import lies_above

ALPHA = 0.01


def rows(count, shared, seed=1, pairs=40):
    """Rows of noise over the same pairs; shared: the part of their variance that they have in common."""
    chance = random.Random(seed)
    common = [chance.gauss(0, 1) for _ in range(pairs)]
    return [[shared**0.5 * one + (1 - shared) ** 0.5 * chance.gauss(0, 1) for one in common] for _ in range(count)]


def test_rows_that_know_nothing_of_each_other_share_the_rate_equally():
    assert joint_alpha(rows(10, 0.0), ALPHA) == pytest.approx(ALPHA / 10, rel=0.35)


def test_rows_that_are_one_row_have_the_whole_rate_each():
    assert joint_alpha(rows(10, 1.0), ALPHA) == pytest.approx(ALPHA, rel=0.25)


def test_the_more_rows_hang_together_the_more_each_may_spend():
    rates = [joint_alpha(rows(10, shared), ALPHA) for shared in (0.0, 0.9, 1.0)]
    assert rates == sorted(rates)


def test_one_row_has_the_whole_rate_and_none_needs_one():
    assert joint_alpha(rows(1, 0.0), ALPHA) == ALPHA
    assert joint_alpha([], ALPHA) == ALPHA


def test_the_same_samples_give_the_same_rate():
    assert joint_alpha(rows(5, 0.5), ALPHA) == joint_alpha(rows(5, 0.5), ALPHA)


def test_shifting_a_row_changes_nothing():
    plain = rows(5, 0.5)
    assert joint_alpha([[value + 3.0 for value in row] for row in plain], ALPHA) == joint_alpha(plain, ALPHA)


def test_all_rows_together_err_as_often_as_was_asked_for(monkeypatch):
    """Of 200 families of six rows in which nothing changed some 20 must raise an alarm at 10 %."""
    monkeypatch.setattr(max_t, "_LOTS", 500)  # as many as a quantile of 10 % needs
    alarms = 0
    for seed in range(200):
        family = rows(6, 0.7, seed, pairs=24)
        alarms += any(lies_above(row, 0.0, joint_alpha(family, 0.1)) for row in family)
    assert 8 <= alarms <= 32  # 20 +- 3 standard deviations
