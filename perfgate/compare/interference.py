"""Did the machine treat both rounds of a pair alike?

Other processes on the service's or the generator's CPUs slow a round down, and no statistic can tell that from a
regression if they come on one side only. So a pair of which one round lost much more CPU than the other is invalid. A
machine that is busy all the time does not mislead a duet, because both sides have it equally bad; a run of one target
has nothing beside it, and there the loss itself decides.

What a round loses shows in its latencies by about as much: a service that keeps its CPU busy gets slower by 11 % when
10 % of it are gone. A single pair that is off by so much drowns in the rank statistics; all of them together do not, so
for the mean of a scenario the limit is a quarter, as far as chance does not explain it.

A greedy neighbour that is there all the time takes more from the side that leaves it more. Where that is head, nothing
tells it from a neighbour that came with head, and it counts. Where it is base, it could only make head look better:
then the sides are compared by what others took of the rest, too, and the smaller difference counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.neighbours import HINT as NAME_IT
from perfgate.compare.neighbours import grown_neighbour
from perfgate.compare.rows import FAILED
from perfgate.compare.sample import Pair, valid_pairs
from perfgate.metrics.run import Round, ScenarioRun

# Default of the limit. One greedy process takes half of a CPU that the service keeps busy, and all that it leaves idle;
# a machine that is busy with other things the whole time scatters by 3 to 8 % from round to round of 0.25 s.
FOREIGN_CPU = 0.10

# Two readings of accounts that are kept in steps of 10 ms.
_RESOLUTION = 0.02
_OF_MEAN = 1 / 4
_OVERRUN = 0.5  # a service with less than half of its CPU measures the habits of what has the other half
# CPU time is what a process gets, so neighbours reach it through caches and hyper-threads alone: on two CPUs with four
# greedy ones a request took 1.5 times its CPU. What takes more than four times as much does not owe it to them.
_MOST_BY_NEIGHBOURS = 3.0
# Half of the requests are beyond a median, so it moves with the share that others took, by about as much. Tails do not:
# all that waits for a neighbour is in them.
_TIMES_SLOW_DOWN = 5.0
_HINT = "end them, use another machine, or raise foreign_cpu under [measure] in perfgate.toml"
_WHERE = {"service": "the service's CPUs", "generator": "the generator's CPUs", "steal": "the CPUs"}


def flag_round(round_: Round, limit: float) -> Round:
    """The round of a run, invalid where others took more than `limit` of the CPUs; from half of that on it warns."""
    lost, slack = {place: taken.of_all for place, taken in _taken(round_).items()}, _slack(round_)
    too_much = [place for place, share in lost.items() if share > limit + slack]
    much = [place for place, share in lost.items() if limit / 2 + slack < share <= limit + slack]
    disturbances = [f"others took more than {_percent(limit)} of {_WHERE[place]}: {_HINT}" for place in too_much]
    warnings = [f"others took more than {_percent(limit / 2)} of {_WHERE[place]}" for place in much]
    return replace(
        round_,
        disturbances=(*round_.disturbances, *disturbances),
        warnings=(*round_.warnings, *warnings),
    )


def flag_pair(base: Round, head: Round, limit: float) -> Pair:
    """The pair, both rounds invalid where others took more CPU from one than from the other, by more than `limit`."""
    slack = _slack(base) + _slack(head)
    disturbances = tuple(
        f"others took more of {_WHERE[place]} from {'head' if more > 0 else 'base'}: {_HINT}"
        for place, more in _more_on_head(base, head).items()
        if abs(more) > limit + slack
    )
    return (
        replace(base, disturbances=base.disturbances + disturbances),
        replace(head, disturbances=head.disturbances + disturbances),
    )


def imbalance(base: ScenarioRun, head: ScenarioRun, limit: float) -> str:
    """How much more CPU others took from one side of a scenario, over all its valid pairs; "" where it was little."""
    pairs = valid_pairs(base, head)
    for place, where in _WHERE.items():
        known = [(pair, more[place]) for pair in pairs if place in (more := _more_on_head(*pair))]
        if len(known) < 2 or limit >= 1:
            continue
        differences = [more for _, more in known]
        chance = 2 * stdev(differences) / math.sqrt(len(known))
        if abs(fmean(differences)) > limit * _OF_MEAN + chance:
            on_base, on_head = (
                _percent(fmean(_taken(pair[side])[place].of_all for pair, _ in known)) for side in (0, 1)
            )
            return f"others took {on_base} of {where} on base and {on_head} on head"
    return ""


def downgrade_doubtful(
    rows: Sequence[Comparison], base: ScenarioRun, head: ScenarioRun, limit: float
) -> tuple[Comparison, ...]:
    """The rows of one scenario, its regressions inconclusive where other processes may have made them.

    Unlike `imbalance` this gives chance no credit: what others took may be as even as noise goes, and still be more
    than half of a margin. Failed requests and counts stand: no neighbour makes a service answer errors, or ask more. So
    does what rose beyond all that neighbours can have done to it.
    """
    pairs = valid_pairs(base, head)
    found = [taken for place in _WHERE if (taken := _on_average(place, pairs)) is not None]
    if not found or limit >= 1:
        return tuple(rows)
    worst = max(found, key=lambda disturbance: disturbance.slow_down)
    grown = grown_neighbour(base, head)
    warning = f"{worst.sentence}: not proven beside them" + (f"; {grown}: {NAME_IT}" if grown else "")
    doubted = [
        comparison.verdict is RowVerdict.REGRESSED
        and comparison.row.metric != FAILED
        and not comparison.row.is_count
        and not _beyond_neighbours(comparison, worst.slow_down)
        and worst.slow_down > min(limit * _OF_MEAN, comparison.margin / 2)
        for comparison in rows
    ]
    return tuple(
        replace(comparison, verdict=RowVerdict.INCONCLUSIVE, warnings=(*comparison.warnings, warning))
        if doubtful
        else comparison
        for comparison, doubtful in zip(rows, doubted, strict=True)
    )


def _beyond_neighbours(comparison: Comparison, slow_down: float) -> bool:
    """Whether it is CPU or a median that got worse by more than neighbours can have made of it.

    slow_down: what they took from head more than from base can have slowed head down by so much, as a fraction.
    """
    row, interval = comparison.row, comparison.interval
    if interval is None or not (row.is_cpu or row.stat == "med"):
        return False
    most = _TIMES_SLOW_DOWN * slow_down
    return interval.low > comparison.margin + (min(most, _MOST_BY_NEIGHBOURS) if row.is_cpu else most)


@dataclass(frozen=True)
class _Disturbance:
    """What others took of one place from base and from head, over all pairs.

    slow_down: by how much that can have slowed head down, as a fraction.
    sentence: what they took, for the reader.
    """

    slow_down: float
    sentence: str


def _on_average(place: str, pairs: Sequence[Pair]) -> _Disturbance | None:
    """What others took there over these pairs; None where that is not known."""
    known = [(_taken(base), _taken(head)) for base, head in pairs]
    shares = [(base[place].of_all, head[place].of_all) for base, head in known if place in base and place in head]
    if len(shares) < 2:
        return None
    on_base, on_head = fmean(base for base, _ in shares), fmean(head for _, head in shares)
    said = f"others took {_percent(on_base)} of {_WHERE[place]} on base and {_percent(on_head)} on head"
    if max(on_base, on_head) > _OVERRUN:
        return _Disturbance(math.inf, said)
    return _Disturbance((1 - on_base) / (1 - on_head) - 1, said)


@dataclass(frozen=True)
class _Taken:
    """The share of CPU that others took: of all, and of what we left them."""

    of_all: float
    of_rest: float


def _taken(round_: Round) -> dict[str, _Taken]:
    """What is known of it, by place."""
    seen = round_.environment
    if seen is None:
        return {}
    found = {}
    for place, cpus in (("service", seen.service), ("generator", seen.generator)):
        if cpus is not None:
            foreign, idle = max(0.0, cpus.foreign), max(0.0, cpus.idle)
            found[place] = _Taken(foreign, foreign / max(1e-9, foreign + idle))
    if seen.steal is not None:
        found["steal"] = _Taken(seen.steal, seen.steal)
    return found


def _more_on_head(base: Round, head: Round) -> dict[str, float]:
    """By place, how much more others took on head than on base."""
    on_base, on_head = _taken(base), _taken(head)
    found = {}
    for place in on_base.keys() & on_head.keys():
        of_all = on_head[place].of_all - on_base[place].of_all
        of_rest = on_head[place].of_rest - on_base[place].of_rest
        found[place] = of_all if of_all > 0 else max(of_all, min(0.0, of_rest))
    return found


def _slack(round_: Round) -> float:
    return _RESOLUTION / max(_RESOLUTION, round_.tally.seconds)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
