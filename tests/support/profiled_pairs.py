"""Profiles by numbers: rounds in which functions take a known time, sampled by chance."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from perfgate.explain.pairs import ProfiledPair, ProfiledRound
from perfgate.explain.profile import Function, Profile, Stack, begins_of

REQUESTS = 500
RATE = 500


def stack(*names: str) -> Stack:
    """A stack of functions, each "name" of a library without a file, or "file.py:name"."""
    return tuple(Function(name.rpartition(":")[2], name.rpartition(":")[0]) for name in names)


def profiled(times: Mapping[Stack, float], chance: random.Random, requests: int = REQUESTS) -> ProfiledRound:
    """A round with `times` in each stack, in milliseconds a request."""
    stacks = {one: _poisson(ms * requests / 1000 * RATE, chance) for one, ms in times.items()}
    seen = {one: count for one, count in stacks.items() if count}
    lines = {function: function.line or 10 for one in seen for function in one}
    begins: defaultdict[Function, Counter[int]] = defaultdict(Counter)
    for one, count in seen.items():
        for function, line in begins_of(one).items():
            begins[function][line] += count
    return ProfiledRound(Profile(seen, lines, None, begins), requests, sum(times.values()) * requests / 1000)


def pairs(
    base: Mapping[Stack, float], head: Mapping[Stack, float], seed: int = 1, count: int = 8
) -> list[ProfiledPair]:
    """Pairs of a base and a head whose functions take these times."""
    chance = random.Random(seed)
    return [ProfiledPair(profiled(base, chance), profiled(head, chance)) for _ in range(count)]


def timed(one: ProfiledRound) -> ProfiledRound:
    """The round as of a profiler whose samples are of a known time, whatever CPU was used."""
    return replace(one, cpu_seconds=0.0, profile=replace(one.profile, sample_seconds=1 / RATE))


def _poisson(mean: float, chance: random.Random) -> int:
    """By its inverse; means are small here."""
    left, count, limit = 1.0, 0, math.exp(-mean)
    while (left := left * chance.random()) > limit:
        count += 1
    return count
