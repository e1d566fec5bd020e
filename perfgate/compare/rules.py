"""What a pull request may do: which rows are gated, and the margin of each."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.compare.rows import DURATION, FAILED, LEAST_CPU_MS, Row
from perfgate.metrics.catalogue import covers, name_in

# A twentieth of a millisecond vanishes in the round trip of any network (0.5 ms within one datacentre), so no user can
# see it; above 1 ms the default margin is the larger of the two, so it only guards latencies that are tiny.
_LATENCY_FLOOR_MS = 0.05

# One query of the cheapest kind: a GET costs Redis 5 to 6 us of CPU while queries follow one another, and 12 to 15 us
# where it sleeps in between (tests/bench/cheapest_query.py). What a dependency spends on a request may change by less
# for no other reason than how many queries it finds waiting when it wakes; a request that asks once more costs more.
_DEPENDENCY_FLOOR_MS = 0.005

# How often a row may rule out a regression that is there. At twice the rate more than 1 of 100 rows of recorded pairs
# with think time are green though the truth is 1.1 times their margin (tests/bench/judging.py).
MISS_RATE = 0.025

# A tail is known less well than a median from the same requests: in recorded pairs a pair scatters 1.3 times (closed
# loop) to 4 times (think time) as much. With twice the margin a minute of closed loop decides it in a fifth of its
# budget.
_TAIL_MARGIN = 2.0
_TAIL = 0.9

# Half a point: a service with races fails a few requests in a thousand, now more, now fewer.
_FAILED_POINTS = 0.005


# The margins that are proposed: a number that looks exact would promise too much.
MARGIN_STEPS = (0.02, 0.03, 0.05, 0.07, 0.10, 0.15, 0.20, 0.30, 0.50, 1.00)


@dataclass(frozen=True)
class Margin:
    """A margin for the rows that it describes; what is None describes any.

    allowed: the regression that is allowed, a fraction of the value on base; of http_req_failed in points.
    metric: a metric; without a name that of all dependencies or counters, with one ("dependency_cpu{name:postgres}",
        "counter{name:queries}") of one; None for every metric.
    stat: a statistic, like "p(95)"; None for all.
    scenario: the name of a scenario; None for all.
    request: a request name, like "POST /pet"; None for all.
    """

    allowed: float
    metric: str | None = None
    stat: str | None = None
    scenario: str | None = None
    request: str | None = None

    def describes(self, row: Row) -> bool:
        wanted = (self.stat, self.scenario, self.request)
        actual = (row.stat, row.scenario, row.request)
        if self.metric is not None and not covers(self.metric, row.metric):
            return False
        return all(one is None or one == other for one, other in zip(wanted, actual, strict=True))

    @property
    def precision(self) -> int:
        """How much it says about the rows it means: the most precise margin holds."""
        parts = (self.metric, self.stat, self.scenario, self.request, name_in(self.metric or ""))
        return sum(part is not None for part in parts)


@dataclass(frozen=True)
class Rules:
    """What perfgate.toml and --margin say.

    margin: the regression that is allowed to every row without a margin of its own; tails of latency, from p(90) on,
        have twice as much.
    margins: of single rows; the most precise one holds, among equals the last. A margin that names http_req_failed is
        in points (0.01 is one point); a margin that names a stat, the metric of a memory,
        server_timing or a phase of requests gates rows that otherwise only inform.
    failed_points: how many points more requests may fail, where no margin says otherwise.
    latency_floor_ms: a latency that changed by less is no regression (ms).
    dependency_floor_ms: nor is what a dependency spends on a request (ms of CPU).
    error_rate: how often a pipeline may fail although nothing changed, at most.
    miss_rate: how often a row may rule out a regression that is there, at most.
    """

    margin: float = 0.05
    margins: tuple[Margin, ...] = ()
    failed_points: float = _FAILED_POINTS
    latency_floor_ms: float = _LATENCY_FLOOR_MS
    dependency_floor_ms: float = _DEPENDENCY_FLOOR_MS
    error_rate: float = 0.01
    miss_rate: float = MISS_RATE

    def margin_of(self, row: Row, base: float | None) -> float:
        """The change that `row` may show on top of `base` (its value on base, in its unit), as Comparison.margin is."""
        if row.metric == FAILED:
            own = self._most_precise(row, only_named=True)
            points = self.failed_points if own is None else own.allowed
            return max(points, (base or 0.0) * self._relative(row))
        if (row.metric == DURATION or row.is_server_timing or row.is_timing) and base:
            return max(self._relative(row), self.latency_floor_ms / base)
        if row.is_cpu_of_dependency and base is not None:
            return max(self._relative(row), self.dependency_floor_ms / max(base, LEAST_CPU_MS))
        return self._relative(row)

    def gates(self, row: Row) -> bool:
        """Whether a regression of `row` fails the gate."""
        if row.is_memory or row.is_server_timing or row.is_timing:
            return any(margin.metric is not None and margin.describes(row) for margin in self.margins)
        if row.metric == DURATION and row.stat not in ("med", "p(95)"):
            return any(margin.stat is not None and margin.describes(row) for margin in self.margins)
        return True

    def names(self, row: Row) -> bool:
        """Whether a margin names the metric or the statistic of `row`: such a row gates on whatever load."""
        named = (margin for margin in self.margins if margin.metric is not None or margin.stat is not None)
        return any(margin.describes(row) for margin in named)

    def _relative(self, row: Row) -> float:
        found = self._most_precise(row, only_named=False)
        if found is not None:
            return found.allowed
        return self.margin * _TAIL_MARGIN if is_tail(row) else self.margin

    def _most_precise(self, row: Row, only_named: bool) -> Margin | None:
        named = [margin for margin in self.margins if margin.describes(row)]
        if row.metric == FAILED:
            named = [margin for margin in named if (margin.metric == FAILED) is only_named]
        return max(enumerate(named), key=lambda item: (item[1].precision, item[0]), default=(0, None))[1]


def is_tail(row: Row) -> bool:
    """Whether `row` is a tail of latency: p(90) and beyond, or the maximum."""
    if row.metric != DURATION:
        return False
    return row.stat == "max" or (row.stat.startswith("p(") and float(row.stat[2:-1]) >= 100 * _TAIL)


def margin_above(change: float) -> float | None:
    """The smallest margin to propose that `change` is within; None where it is beyond all of them."""
    return next((step for step in MARGIN_STEPS if step >= change), None)
