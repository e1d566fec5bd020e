"""Which parts of a profile the pairs of a duet play: any few of them in a row lie all over it.

A duet has less time than many a profile of stages takes, and ends as soon as it is decided. Played from its beginning,
such a profile would show its quietest moments alone, and a regression that needs load would stay unseen. So the pairs
leap through it by the golden section, of which any number of multiples lies evenly between 0 and 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from perfgate.load.pacer import Slice, slices
from perfgate.scenario.concurrent_profiles import AnyProfile, ConcurrentProfiles
from perfgate.scenario.profile import OpenProfile, StagedProfile

_GOLDEN = (math.sqrt(5) - 1) / 2

# Of a profile, at which its load is looked at.
_MOMENTS = 200

# Rounds next to each other have nearly the same load: base is compared with itself by them (`compare.noise`).
_NEIGHBOURS = 2


@dataclass(frozen=True)
class Block:
    """Pairs whose slices follow one another.

    numbers: of the pairs.
    place: of the first of their slices in the profile.
    """

    numbers: range
    place: int


def varies(profile: AnyProfile) -> bool:
    """Whether one part of it may be another load than the next."""
    return isinstance(profile, (StagedProfile, ConcurrentProfiles))


def place_of(number: int, parts: int) -> int:
    """Which of so many parts the pair of this number plays, where pairs stand alone."""
    size = min(_NEIGHBOURS, parts)
    return _leap(number // size, parts - size) + number % size


def in_a_row(numbers: range, parts: int) -> list[Block]:
    """The pairs in blocks that follow one another in the profile, which begins anew after all its parts."""
    blocks, start = [], numbers.start
    while start < numbers.stop:
        stop = min(numbers.stop, (start // parts + 1) * parts)
        blocks.append(Block(range(start, stop), start % parts))
        start = stop
    return blocks


def all_over(numbers: range, parts: int, most: int) -> list[Block]:
    """The pairs in blocks of equal length that lie all over the profile; as many as that takes, else at most `most`."""
    count = max(1, min(most, len(numbers)), math.ceil(len(numbers) / parts))
    starts = [numbers.start + len(numbers) * place // count for place in range(count + 1)]
    found = [range(start, stop) for start, stop in pairwise(starts)]
    before = round(numbers.start * count / max(1, len(numbers)))  # blocks of instances that were loaded earlier
    # From the middle: the only block of a short duet is none of a profile's quiet beginning.
    return [Block(one, _leap(place, parts - len(one), 0.5)) for place, one in enumerate(found, before)]


def _leap(number: int, last: int, start: float = 0.0) -> int:
    """The place from 0 to `last` of what is leapt to in this number of leaps. start: of the first, 0 to 1."""
    return int((start + number * _GOLDEN) % 1 * (last + 1))


def busiest(profile: AnyProfile, seconds: float) -> Slice:
    """The part of about so many seconds with the most load, the first of those with the same."""
    parts = slices(profile, seconds)
    if not varies(profile) or parts[0].iterations:
        return parts[0]
    places = {int(turn / parts[0].length) + beside for turn in _turns(profile) for beside in (-1, 0)}
    within = [parts[place] for place in sorted(places) if 0 <= place < len(parts)]
    return max(within, key=lambda part: _level(profile, part.start + part.length / 2))


def evenness(profile: AnyProfile) -> float:
    """The load on average, as a share of the most that there is at any moment: 1 where it never changes."""
    moments = [(number + 0.5) / _MOMENTS * profile.duration for number in range(_MOMENTS)]
    levels = [_level(profile, t) for t in (*moments, *_turns(profile))] if varies(profile) else [1.0] * _MOMENTS
    return fmean(levels[:_MOMENTS]) / max(levels) if max(levels) else 1.0


def _turns(profile: AnyProfile) -> list[float]:
    """The moments at which the load may change its course (s)."""
    if isinstance(profile, ConcurrentProfiles):
        return [part.start + turn for part in profile.parts for turn in _turns(part.profile)]
    turns = [0.0]
    for stage in profile.stages if isinstance(profile, StagedProfile) else ():
        turns.append(turns[-1] + stage.duration)
    return turns if len(turns) > 1 else [0.0, profile.duration]


def _level(profile: AnyProfile, t: float) -> float:
    """The load at a moment: VUs, or iterations a second, all together where there are both."""
    if isinstance(profile, ConcurrentProfiles):
        return sum(_level(part.profile, t - part.start) for part in profile.parts)
    return profile.rate_at(t) if isinstance(profile, OpenProfile) else profile.vus_at(t)
