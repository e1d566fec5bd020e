"""What would have decided a row that stayed open."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from perfgate.compare.comparison import Comparison
from perfgate.compare.foresight.prospect import TINY, Progress, prospect_of
from perfgate.compare.rules import MISS_RATE, margin_above
from perfgate.metrics.catalogue import metric_of

# The last look has a third of the miss rate to itself, or all of it where the duet was short: something between.
_END = Progress(share=1.0, miss_now=MISS_RATE / 2, miss_at_end=MISS_RATE / 2)

# Beyond, a change lies so near its margin that a wider margin is the only sensible answer.
_MOST_TIMES = 30.0

# A rank test needs about as many pairs to say anything at all.
_FEWEST_PAIRS = 12


@dataclass(frozen=True)
class Decisive:
    """What would have decided one row.

    times: how many times as much load; None where hardly any load would.
    margin: a margin within which a regression is ruled out, of a round number; None where none would help.
    by_instances: whether no load would, for no other reason than what instances of one program differ by.
    """

    times: float | None
    margin: float | None
    by_instances: bool = False


def decisive(comparison: Comparison, instance_variance: float = 0.0) -> Decisive:
    """What would have decided `comparison`, which leaves a regression open.

    instance_variance: of the log ratio, for no other reason than which instances were measured.
    """
    prospect = prospect_of(comparison, replace(_END, instance_variance=instance_variance))
    if prospect is None:
        few = comparison.change is not None and 0 < comparison.rounds < _FEWEST_PAIRS
        return Decisive(_FEWEST_PAIRS / comparison.rounds if few else None, None)
    if not prospect.looks_worse(1):
        needed = prospect.needed  # as if nothing had changed
        distance = prospect.margin
    elif prospect.estimate < prospect.margin:
        needed, distance = prospect.half, prospect.margin - prospect.estimate
    else:
        needed, distance = _other_half(comparison), prospect.estimate - prospect.margin
    of_instances = (prospect.of_instances / prospect.error) ** 2 if prospect.error else 0.0
    times = _times(needed, distance, of_instances)
    by_instances = times > _MOST_TIMES >= _times(needed, distance, 0.0)
    return Decisive(max(1.1, times) if times <= _MOST_TIMES else None, _margin(comparison), by_instances)


def _times(needed: float, distance: float, of_instances: float) -> float:
    """How many times the load makes what is needed as small as `distance`; infinity where none does.

    of_instances: the share of the variance that more load does not make smaller.
    """
    if distance <= 0:
        return math.inf
    bearable = (distance / max(TINY, needed)) ** 2 - of_instances
    return (1 - of_instances) / bearable if bearable > 0 else math.inf


def _other_half(comparison: Comparison) -> float:
    """From the estimate to the end of the interval on the side of no harm."""
    if comparison.interval is None or comparison.change is None:
        return math.inf
    calm = comparison.interval.low if metric_of(comparison.row.metric).lower_is_better else comparison.interval.high
    if comparison.row.in_points:
        return abs(comparison.change - calm)
    return abs(math.log1p(comparison.change) - math.log1p(max(-1 + 1e-9, calm)))


def _margin(comparison: Comparison) -> float | None:
    if comparison.interval is None:
        return None
    return margin_above(
        comparison.interval.high if metric_of(comparison.row.metric).lower_is_better else -comparison.interval.low
    )
