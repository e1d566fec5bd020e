"""Profiles: which functions were seen at work, in which stacks, how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """A function as a profiler names it.

    name: with its class, where the profiler knows it.
    file: the file that holds it; "" where unknown.
    """

    name: str
    file: str


Stack = tuple[Function, ...]
"""The functions of one sample, from the outermost on."""


@dataclass(frozen=True)
class Profile:
    """The samples of one round on one side.

    stacks: how many samples were seen in each stack.
    lines: where each function begins, as far as that is known.
    sample_seconds: what one sample stands for (s); None where all of them together are the CPU time of the round.
    """

    stacks: Mapping[Stack, int]
    lines: Mapping[Function, int]
    sample_seconds: float | None
