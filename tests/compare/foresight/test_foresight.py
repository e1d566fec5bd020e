"""compare/foresight: what a load will show, and what would have decided a row."""

import math
import random
from dataclasses import replace
from statistics import stdev

import pytest

from perfgate.compare.comparison import Interval, RowVerdict, undecided
from perfgate.compare.foresight.decisive import decisive
from perfgate.compare.foresight.instances import instance_variance
from perfgate.compare.foresight.load import foresee, seconds_needed
from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.metrics.histogram import Histogram

MEDIAN = Row("shop", "GET /", "http_req_duration", "med")
FAILED = Row("shop", None, "http_req_failed", "rate")
THROUGHPUT = Row("shop", None, "http_reqs", "rate")


def latencies(count, seed=1):
    lots = random.Random(seed)
    return Histogram.of(round(1e7 * math.exp(lots.gauss(0, 0.5))) for _ in range(count))


def open_row(row, change, low, high):
    base = 0.0 if row is FAILED else 10.0
    empty = undecided(row, base, base, Rules(), 60)
    return replace(empty, change=change, interval=Interval(low, high), verdict=RowVerdict.INCONCLUSIVE)


@pytest.mark.parametrize(("fraction", "part"), [(0.5, "median"), (0.95, "tail")])
def test_what_is_foretold_is_what_many_duets_scatter_by(fraction, part):
    foretold = getattr(foresee(latencies(1000), per_second=20.0, seconds=30.0), part)
    ratios = [
        math.log(latencies(600, seed).quantile(fraction) / latencies(600, 1000 + seed).quantile(fraction))
        for seed in range(200)
    ]
    assert math.log1p(foretold) == pytest.approx(1.96 * stdev(ratios), rel=0.25)


def test_four_times_the_load_shows_half_the_change():
    short, long = (foresee(latencies(2000), per_second=20.0, seconds=seconds) for seconds in (30.0, 120.0))
    assert (short.requests, long.requests) == (600, 2400)
    assert math.log1p(short.median) == pytest.approx(2 * math.log1p(long.median), rel=0.3)
    assert short.tail > short.median


def test_a_short_warm_up_foretells_a_long_duet():
    few, many = (foresee(latencies(count), per_second=100.0, seconds=60.0) for count in (200, 6000))
    assert few.median == pytest.approx(many.median, rel=0.4)


def test_too_few_requests_foretell_nothing():
    assert foresee(Histogram(), 10.0, 60.0).median is None
    assert foresee(latencies(9), 10.0, 60.0).median is None
    thin = foresee(latencies(1000), per_second=1.0, seconds=30.0)
    assert (thin.median is None, thin.tail) == (False, None)


def test_the_load_that_a_margin_needs():
    warm_up = latencies(2000)
    seconds = seconds_needed(warm_up, 20.0, 0.05)
    assert foresee(warm_up, 20.0, seconds).median == pytest.approx(0.05, rel=0.1)
    assert seconds_needed(warm_up, 20.0, 0.10, fraction=0.95) > seconds_needed(warm_up, 20.0, 0.10)
    assert seconds_needed(Histogram(), 20.0, 0.05) is None
    assert seconds_needed(warm_up, 0.0, 0.05) is None


def test_a_row_that_may_well_be_unchanged_needs_as_much_as_an_unchanged_one():
    found = decisive(open_row(MEDIAN, 0.01, -0.07, 0.08))
    assert found.times == pytest.approx(5.5, rel=0.1)
    assert found.margin == 0.10


def test_a_row_near_its_margin_needs_another_margin():
    near = decisive(open_row(MEDIAN, 0.049, 0.02, 0.075))
    assert (near.times, near.margin) == (None, 0.10)


def test_a_regression_that_is_not_proven_yet_needs_a_narrower_lower_end():
    found = decisive(open_row(MEDIAN, 0.12, 0.03, 0.2))
    assert found.times == pytest.approx((math.log(1.12 / 1.03) / math.log(1.12 / 1.05)) ** 2)
    assert found.margin == 0.20


def test_less_throughput_is_worse():
    found = decisive(open_row(THROUGHPUT, -0.12, -0.18, -0.03))
    assert found.times == pytest.approx((math.log(0.97 / 0.88) / math.log(0.95 / 0.88)) ** 2)
    assert found.margin == 0.20


def test_shares_are_compared_in_points():
    found = decisive(open_row(FAILED, 0.001, -0.01, 0.012))
    assert found.margin == 0.02
    assert found.times > 2


def test_no_load_decides_what_instances_differ_by():
    variance = instance_variance(0.02, 2)
    row = open_row(MEDIAN, 0.0, -0.07, 0.07)
    assert decisive(row).times is not None
    assert (decisive(row, variance).times, decisive(row, variance).by_instances) == (None, True)
    assert not decisive(open_row(MEDIAN, 0.049, 0.02, 0.075), variance).by_instances  # nor does it near its margin


def test_what_instances_differ_by_takes_more_load_to_make_up_for():
    row = open_row(MEDIAN, 0.0, -0.07, 0.07)
    few, many, none = (decisive(row, instance_variance(0.01, count)).times for count in (2, 8, None))
    assert few > many > none
    assert decisive(open_row(FAILED, 0.001, -0.01, 0.012), 0.01) == decisive(open_row(FAILED, 0.001, -0.01, 0.012))


def test_a_row_of_few_pairs_needs_a_dozen():
    few = replace(open_row(MEDIAN, 0.01, 0, 0), interval=None, rounds=4)
    assert (decisive(few).times, decisive(few).margin) == (3.0, None)
    assert decisive(replace(few, rounds=0)).times is None
    assert decisive(replace(few, change=None)).times is None
