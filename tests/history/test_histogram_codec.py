"""Histograms as bytes in the history."""

import random
from contextlib import suppress

import pytest

from perfgate.history.histogram_codec import pack, unpack
from perfgate.metrics.histogram import Histogram
from perfgate.testing import seeded_run


def log_normal(count, seed=1):
    chance = random.Random(seed)
    return Histogram.of(round(10e6 * chance.lognormvariate(0, 0.4)) for _ in range(count))


@pytest.mark.parametrize(
    "values",
    [
        [1],
        [7, 7, 7],
        [1, 10**12],
        [10**6] * 100_000,
        list(range(1, 3000)),
        [1_000_000, 1_000_001, 60_000_000_000],
    ],
)
def test_unpacking_gives_every_value_to_one_percent_and_every_count(values):
    unpacked = unpack(pack(Histogram.of(values)))
    assert unpacked.count == len(values)
    restored = [value for bucket in sorted(unpacked.buckets) for value in [bucket] * unpacked.buckets[bucket]]
    assert len(restored) == len(values)
    for fraction in (0, 0.25, 0.5, 0.9, 1):
        assert unpacked.quantile(fraction) == pytest.approx(Histogram.of(values).quantile(fraction), rel=0.012, abs=1)


def test_the_quantiles_and_the_mean_of_a_latency_survive_to_one_percent():
    histogram = log_normal(20_000)
    unpacked = unpack(pack(histogram))
    for fraction in (0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1):
        assert unpacked.quantile(fraction) == pytest.approx(histogram.quantile(fraction), rel=0.0105)
    assert unpacked.mean == pytest.approx(histogram.mean, rel=0.01)


def test_packing_twice_gives_the_same_bytes_whatever_the_order_of_the_values():
    values = [round(5e6 * 1.0007**step) for step in range(5000)]
    forwards, backwards = Histogram.of(values), Histogram.of(reversed(values))
    assert pack(forwards) == pack(backwards)


def test_unpacked_histograms_merge_like_the_ones_they_came_from():
    one, other = log_normal(3000, seed=1), log_normal(2000, seed=2)
    together = unpack(pack(one))
    together.merge(unpack(pack(other)))
    one.merge(other)
    assert pack(together) == pack(one)


def test_twenty_thousand_latencies_take_little_more_than_a_hundred_bytes():
    histogram = seeded_run(rounds=50).scenarios[0].total.requests["POST /pet"].ok
    assert histogram.count == 20_000
    assert len(pack(histogram)) < 130


def test_an_empty_histogram_has_no_blob():
    assert pack(Histogram()) is None


def test_a_latency_of_zero_is_kept_as_one_nanosecond():
    assert unpack(pack(Histogram.of([0, 0]))).maximum == 1


@pytest.mark.parametrize("blob", [b"", b"\0\0\0\0", b"\xff", pack(log_normal(500))[:-3], b"\0\0\1\xff\xff\xff\xff"])
def test_bytes_that_are_no_histogram_are_refused(blob):
    with pytest.raises(ValueError, match="not a packed histogram"):
        unpack(blob)


def test_random_bytes_never_do_more_than_be_refused():
    chance = random.Random(1)
    for _ in range(2000):
        with suppress(ValueError):
            unpack(chance.randbytes(chance.randrange(40)))
