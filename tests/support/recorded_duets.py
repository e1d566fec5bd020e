"""Recorded pairs of rounds as the two sides of a duet."""

from __future__ import annotations

from perfgate.metrics.histogram import Histogram, bucket_of
from perfgate.metrics.run import GeneratorRecord, Round, ScenarioRun
from perfgate.metrics.tally import Tally

Figures = dict[str, float]
Pairs = list[tuple[Figures, Figures]]

ROUND_SECONDS = 0.5
GENERATOR = GeneratorRecord("recorded", 1, "kernel", 0, 0.0, 0.0, 0.0, 0.2, None)


def tally_of(figures: Figures) -> Tally:
    """A round with these figures: its median, p(95), p(99), requests and CPU are the recorded ones."""
    count = int(figures["n"])
    tail, far = round(count * 0.08), round(count * 0.02)
    histogram = Histogram()
    for value, times in ((figures["p50"], count - tail - far), (figures["p95"], tail), (figures["p99"], far)):
        nanoseconds = round(value * 1e6)
        bucket = bucket_of(nanoseconds)
        histogram.buckets[bucket] = histogram.buckets.get(bucket, 0) + times
        histogram.maximum = max(histogram.maximum, nanoseconds)
    histogram.minimum = round(figures["p50"] * 1e6)
    histogram.count, histogram.total = count, round(figures["mean"] * 1e6 * count)
    tally = Tally(seconds=ROUND_SECONDS, vus=8, vus_max=8, service_cpu_seconds=figures["cpu"] / 1000 * count)
    tally.request("GET /").ok = histogram
    return tally


def sides(pairs: Pairs) -> tuple[ScenarioRun, ScenarioRun]:
    """The pairs as the two sides of a duet."""

    def side(name: str, place: int) -> ScenarioRun:
        rounds = [
            Round("recorded", name, pair, float(pair), tally_of(both[place]), GENERATOR, (), ())
            for pair, both in enumerate(pairs)
        ]
        return ScenarioRun("recorded", "hash", "constant-vus", tuple(rounds))

    return side("base", 0), side("head", 1)
