"""Did the machine treat both rounds of a pair alike?

Other processes on the service's or the generator's CPUs slow a round down, and no statistic can tell that from a
regression if they come on one side only. So a pair of which one round lost much more CPU than the other is invalid. A
machine that is busy all the time does not mislead a duet, because both sides have it equally bad; a run of one target
has nothing beside it, and there the loss itself decides.

What a round loses shows in its latencies by about as much: a service that keeps its CPU busy gets slower by 11 % when
10 % of it are gone. A single pair that is off by so much drowns in the rank statistics; all of them together do not, so
for the mean of a scenario the limit is a quarter, as far as chance does not explain it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import fmean, stdev

from perfgate.compare.sample import Pair, valid_pairs
from perfgate.metrics.run import Round, ScenarioRun

# Default of the limit. One greedy process takes half of a CPU that the service keeps busy, and all that it leaves idle;
# a machine that is busy with other things the whole time scatters by 3 to 8 % from round to round of 0.25 s.
FOREIGN_CPU = 0.10

# Two readings of accounts that are kept in steps of 10 ms.
_RESOLUTION = 0.02
_OF_MEAN = 1 / 4
_REMEDY = "end them, use another machine, or raise foreign_cpu in perfgate.toml"
_WHERE = {"service": "the service's CPUs", "generator": "the generator's CPUs", "steal": "the CPUs"}


def judged_alone(round_: Round, limit: float) -> Round:
    """The round of a run, invalid where others took more than `limit` of the CPUs; from half of that on it warns."""
    lost, slack = _lost(round_), _slack(round_)
    too_much = [place for place, share in lost.items() if share > limit + slack]
    much = [place for place, share in lost.items() if limit / 2 + slack < share <= limit + slack]
    problems = [f"others took more than {_percent(limit)} of {_WHERE[place]}: {_REMEDY}" for place in too_much]
    warnings = [f"others took more than {_percent(limit / 2)} of {_WHERE[place]}" for place in much]
    return replace(round_, problems=(*round_.problems, *problems), warnings=(*round_.warnings, *warnings))


def judged_together(base: Round, head: Round, limit: float) -> Pair:
    """The pair, both rounds invalid where others took more CPU from one than from the other, by more than `limit`."""
    on_base, on_head, slack = _lost(base), _lost(head), _slack(base) + _slack(head)
    problems = tuple(
        f"others took more of {_WHERE[place]} from {'head' if share > on_base[place] else 'base'}: {_REMEDY}"
        for place, share in on_head.items()
        if place in on_base and abs(share - on_base[place]) > limit + slack
    )
    return (
        replace(base, problems=base.problems + problems),
        replace(head, problems=head.problems + problems),
    )


def unevenness(base: ScenarioRun, head: ScenarioRun, limit: float) -> str:
    """How much more CPU others took from one side of a scenario, over all its valid pairs; "" where it was little."""
    pairs = [(_lost(one), _lost(other)) for one, other in valid_pairs(base, head)]
    for place, where in _WHERE.items():
        known = [(one[place], other[place]) for one, other in pairs if place in one and place in other]
        if len(known) < 2 or limit >= 1:
            continue
        on_base, on_head = fmean(one for one, _ in known), fmean(other for _, other in known)
        chance = 2 * stdev(other - one for one, other in known) / math.sqrt(len(known))
        if abs(on_head - on_base) > limit * _OF_MEAN + chance:
            return f"others took {_percent(on_base)} of {where} on base and {_percent(on_head)} on head"
    return ""


def _lost(round_: Round) -> dict[str, float]:
    """What is known of the shares that others took, by place."""
    if round_.environment is None:
        return {}
    shares = {place: getattr(round_.environment, place) for place in _WHERE}
    return {place: share for place, share in shares.items() if share is not None}


def _slack(round_: Round) -> float:
    return _RESOLUTION / max(_RESOLUTION, round_.tally.seconds)


def _percent(share: float) -> str:
    return f"{max(0.0, share) * 100:.0f} %"
