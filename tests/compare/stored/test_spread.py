"""How far the values of a row scatter: by its own few values, and by what is usual."""

import math
import random
from statistics import fmean

import pytest

from perfgate.compare.rows import Row
from perfgate.compare.stored.spread import (
    ALONE,
    IN_POINTS,
    Spread,
    Usual,
    learnt,
    moderated,
    pooled,
    spread_of,
    usual_of_statistics,
)

USUAL = Usual(deviation=0.1, degrees=4, own_degrees=24, least=0.025)


def assert_spread(spread, deviation, degrees):
    assert spread.degrees == degrees
    assert spread.deviation == pytest.approx(deviation)


def test_few_values_have_their_standard_deviation():
    assert_spread(spread_of([1.0, 2.0, 3.0, 4.0, 5.0]), math.sqrt(2.5), 4)


def test_of_eight_values_and_more_the_outermost_are_drawn_in():
    calm = spread_of([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    assert spread_of([-50.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 99.0]) == calm
    assert calm.degrees == 5


def test_half_of_what_five_values_say_is_what_is_usual():
    assert_spread(moderated(Spread(0.02, 4), USUAL), math.sqrt((0.02**2 + 0.1**2) / 2), 8)


def test_twenty_values_hardly_lean_on_what_is_usual():
    spread = moderated(Spread(0.1, 17), Usual(deviation=0.13, degrees=4, own_degrees=24, least=0.025))
    assert spread.deviation == pytest.approx(0.1, rel=0.07)


def test_no_scatter_falls_under_the_least():
    assert moderated(Spread(0.0, 4), Usual(0.001, 4, 24, 0.025)).deviation == 0.025


def test_two_stretches_count_by_their_degrees():
    assert_spread(pooled(Spread(0.1, 3), Spread(0.2, 9)), math.sqrt((0.03 + 0.36) / 12), 12)


def test_many_rows_say_what_is_usual_without_bias():
    """Variances of four degrees around 0.05 squared: their plain geometric mean would be a fifth too low."""
    lots = random.Random(3)
    rows = [spread_of([lots.gauss(0, 0.05) for _ in range(5)]) for _ in range(4000)]
    usual = learnt(Usual(0.05, 4, 4, 0.0001), rows)
    assert usual.deviation == pytest.approx(0.05, rel=0.02)
    plain = math.exp(fmean(math.log(row.deviation) for row in rows))
    assert plain < 0.045


def test_the_rows_of_a_run_move_what_is_usual_as_far_as_there_are_some():
    assert learnt(USUAL, []) == USUAL
    one, six = (learnt(USUAL, [Spread(0.03, 4)] * count).deviation for count in (1, 6))
    assert 0.03 < six < one < 0.1
    assert six == pytest.approx(math.sqrt(0.03 * 0.1) * math.exp((math.log(2) - 0.4228) / 4), rel=0.001)
    assert learnt(USUAL, [Spread(0.03, 17)] * 6).deviation < six


def test_one_wild_row_does_not_speak_for_all():
    rows = [Spread(0.03, 4)] * 4
    assert learnt(USUAL, [*rows, Spread(0.8, 4)]).deviation < 2 * learnt(USUAL, [*rows, Spread(0.03, 4)]).deviation


def values(noise, seed):
    lots = random.Random(seed)
    return [lots.gauss(0, noise) for _ in range(5)]


def test_statistics_of_a_run_learn_from_each_other_and_shares_from_shares():
    median, tail = ("http_req_duration", "med"), ("http_req_duration", "p(95)")
    calm = {Row("shop", f"GET /{place}", *median): values(0.02, place) for place in range(5)}
    wild = {Row("shop", f"GET /{place}", *tail): values(0.4, place) for place in range(5)}
    shares = {Row("shop", None, "http_req_failed", "rate"): values(0.0001, 1)}
    alone, together = usual_of_statistics(calm, ALONE), usual_of_statistics({**calm, **wild, **shares}, ALONE)
    assert alone[median].deviation < together[median].deviation < together[tail].deviation
    assert together["http_req_failed", "rate"] == learnt(IN_POINTS, map(spread_of, shares.values()))
