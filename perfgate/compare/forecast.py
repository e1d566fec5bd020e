"""What the duet of one scenario will show, foretold from its warm-up: before its rounds are played."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from perfgate.compare.duet import DuetPlan
from perfgate.compare.foresight.load import foresee, seconds_needed
from perfgate.compare.rows import DURATION, Row, rows_of
from perfgate.compare.rules import Rules
from perfgate.compare.statistics import fewest
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.tally import Tally, merged
from perfgate.metrics.tally_statistics import latencies, read

# So many latencies of one side tell its p(95).
_ENOUGH = 100


@dataclass(frozen=True)
class Forecast:
    """What a duet will show if nothing changes; of requests by name, the best known first.

    scenario: its name.
    requests_per_second: that the load makes on each side.
    seconds: of load on each side (s).
    budget: of load, both sides together where they take turns (s).
    pairs: how many there will be.
    pairs_needed: the fewest that can prove a regression of one gated row among all.
    medians: the changes of the median that can be ruled out, fractions.
    tails: likewise of p(95).
    margin: of the best known median; None where there is none.
    times: how many times the load would have to be for that margin; at most 1 where it is enough, None where unknown.
    """

    scenario: str
    requests_per_second: float
    seconds: float
    budget: float
    pairs: int
    pairs_needed: int
    medians: tuple[float, ...]
    tails: tuple[float, ...]
    margin: float | None
    times: float | None

    @property
    def budget_for_pairs(self) -> float:
        """The budget with which there would be enough pairs (s)."""
        return self.budget * self.pairs_needed / max(1, self.pairs)


@dataclass(frozen=True)
class WarmUpCounts:
    """What the warm-up of one scenario has counted.

    scenario: its name.
    executor: of its load profile.
    base, head: what was counted on each side.
    load: that of the pairs on average, as a share of the warm-up's.
    """

    scenario: str
    executor: str
    base: Tally
    head: Tally
    load: float


def forecast(counts: WarmUpCounts, rules: Rules, plan: DuetPlan, at_once: bool) -> Forecast:
    """The forecast for one scenario. at_once: whether both sides will be loaded at the same time."""
    total = merged([counts.base, counts.head])  # nothing changed, as far as a forecast goes
    seconds = plan.pairs * plan.pair_seconds * (1 if at_once else 0.5)
    gated = [row for row in rows_of(counts.scenario, counts.executor, counts.base, counts.head) if rules.gates(row)]
    miss = plan.progress(plan.pairs, last=True).miss_at_end
    share = counts.load / max(1e-9, total.seconds)
    rates = {name: counted.ok.count * share for name, counted in total.requests.items()}
    shapes = {name: _shapes(counts, total, name) for name in rates}
    outlooks = [[foresee(one, rates[name], seconds, miss) for one in sides] for name, sides in shapes.items()]
    needed = [
        (_most(seconds_needed(one, rates[name], margin) for one in shapes[name]), margin)
        for name, margin in _margins_of_medians(gated, rules, total)
    ]
    best = min(((load / seconds, margin) for load, margin in needed if load is not None), default=None)
    return Forecast(
        scenario=counts.scenario,
        requests_per_second=total.request_count * share,
        seconds=seconds,
        budget=plan.budget_seconds,
        pairs=plan.pairs,
        pairs_needed=_pairs_needed(len(gated), rules, plan),
        medians=tuple(sorted(_known(_most(one.median for one in sides) for sides in outlooks))),
        tails=tuple(sorted(_known(_most(one.tail for one in sides) for sides in outlooks))),
        margin=best[1] if best else None,
        times=best[0] if best else None,
    )


def _shapes(counts: WarmUpCounts, total: Tally, name: str) -> tuple[Histogram, ...]:
    """The latencies of each side, since the median of two that differ lies where neither has any; where there are few,
    of both together.
    """
    sides = tuple(latencies(tally, name) for tally in (counts.base, counts.head))
    return sides if min(one.count for one in sides) >= _ENOUGH else (latencies(total, name),)


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _most(values: Iterable[float | None]) -> float | None:
    """The most of what is known; None where nothing is."""
    return max(_known(values), default=None)


def _margins_of_medians(gated: Sequence[Row], rules: Rules, total: Tally) -> list[tuple[str, float]]:
    medians = [row for row in gated if (row.metric, row.stat) == (DURATION, "med") and row.request is not None]
    return [(row.request or "", rules.margin_of(row, read(total, DURATION, "med", row.request))) for row in medians]


def _pairs_needed(rows: int, rules: Rules, plan: DuetPlan) -> int:
    """The fewest pairs with which each of so many rows can prove something, in either direction."""
    return max(fewest(rules.error_rate / plan.scenarios / max(1, rows)), fewest(plan.miss_rate))
