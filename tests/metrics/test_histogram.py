"""The histogram against exact arithmetic on the same values."""

import json
import math
import random

import pytest

from perfgate.metrics.histogram import Histogram, bucket_of, middle_of

QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)


def exact_quantile(values, fraction):
    """Hyndman & Fan's type 7, which k6 and numpy use."""
    ordered = sorted(values)
    position = fraction * (len(ordered) - 1)
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (position - low) * (ordered[high] - ordered[low])


def latencies(seed, count=20_000):
    """Nanoseconds as services have them: 2 ms, log-normal, with one in fifty a hundred times slower."""
    chance = random.Random(seed)
    return [int(chance.lognormvariate(14.5, 0.5) * (100 if chance.random() < 0.02 else 1)) for _ in range(count)]


@pytest.mark.parametrize("fraction", QUANTILES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_quantiles_are_within_a_thousandth_of_the_exact_ones(seed, fraction):
    values = latencies(seed)
    assert Histogram.of(values).quantile(fraction) == pytest.approx(exact_quantile(values, fraction), rel=1e-3)


@pytest.mark.parametrize("fraction", [0.0, *QUANTILES, 1.0])
@pytest.mark.parametrize("count", [1, 2, 3, 10, 999])
def test_quantiles_of_small_values_are_exact(count, fraction):
    values = random.Random(count).choices(range(2048), k=count)
    assert Histogram.of(values).quantile(fraction) == pytest.approx(exact_quantile(values, fraction))


def test_count_mean_minimum_and_maximum_are_exact():
    values = latencies(4)
    histogram = Histogram.of(values)
    assert histogram.count == len(values)
    assert histogram.total == sum(values)
    assert histogram.mean == sum(values) / len(values)
    assert (histogram.minimum, histogram.maximum) == (min(values), max(values))


@pytest.mark.parametrize(
    ("values", "left"), [([8_000] * 10, 4_000), ([1_000] * 9 + [11_000], 3_250), ([0, 0], 0), ([], 0)]
)
def test_what_is_left_of_a_duration_is_asked_at_any_moment(values, left):
    """Long ones are there at more moments."""
    assert Histogram.of(values).mean_left == pytest.approx(left, rel=2e-3)


def test_the_extreme_quantiles_are_the_exact_extremes():
    values = latencies(5)
    histogram = Histogram.of(values)
    assert (histogram.quantile(0.0), histogram.quantile(1.0)) == (min(values), max(values))


def test_a_histogram_of_nothing_knows_nothing():
    assert math.isnan(Histogram().mean)
    assert math.isnan(Histogram().quantile(0.5))


def test_a_negative_value_counts_as_zero():
    assert Histogram.of([-5]) == Histogram.of([0])


@pytest.mark.parametrize("value", [0, 1, 2047, 2048, 2049, 4095, 4096, 10**6, 10**9, 3600 * 10**9, 2**63])
def test_a_bucket_stands_for_its_values_to_three_digits(value):
    assert middle_of(bucket_of(value)) == pytest.approx(value, rel=1 / 2048, abs=0)


def test_buckets_are_in_the_order_of_their_values():
    values = sorted({*range(10_000), *(int(1.01**power) for power in range(900, 3000))})
    buckets = [bucket_of(value) for value in values]
    assert buckets == sorted(buckets)
    assert buckets[:10_000] == sorted(buckets[:10_000])
    assert bucket_of(2048) == 2048
    assert len(set(buckets[:2048])) == 2048


def test_merging_is_as_good_as_recording_together():
    one, other = latencies(6, 1000), latencies(7, 500)
    merged = Histogram.of(one)
    merged.merge(Histogram.of(other))
    assert merged == Histogram.of(one + other)
    assert merged.count == 1500


@pytest.mark.parametrize("nothing_first", [True, False])
def test_merging_nothing_changes_nothing(nothing_first):
    some, nothing = Histogram.of([5, 7]), Histogram()
    merged, other = (nothing, some) if nothing_first else (some, nothing)
    merged.merge(other)
    assert merged == Histogram.of([5, 7])


def test_merging_leaves_the_other_as_it_was():
    one, other = Histogram.of([5]), Histogram.of([7, 9])
    one.merge(other)
    one.record(7)
    assert other == Histogram.of([7, 9])


def test_a_histogram_survives_json():
    histogram = Histogram.of(latencies(8, 1000))
    back = Histogram.from_plain(json.loads(json.dumps(histogram.to_plain())))
    assert back == histogram
    assert back.count == histogram.count
    back.record(5)
    assert back != histogram


def test_an_empty_histogram_survives_json():
    assert Histogram.from_plain(json.loads(json.dumps(Histogram().to_plain()))) == Histogram()


def test_memory_stays_flat_whatever_is_recorded():
    histogram = Histogram.of(latencies(9, 50_000))
    assert len(histogram.buckets) < 12_000
