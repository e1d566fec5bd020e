"""Profiles: which functions were seen at work, in which stacks, how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Function:
    """A function as a profiler names it.

    name: with its class, where the profiler knows it.
    file: the file that holds it; "" where unknown.
    line: where it begins; 0 where the profiler does not tell. Those of one name in one file are one function all the
        same, since lines differ from commit to commit.
    """

    name: str
    file: str
    line: int = field(default=0, compare=False)


Stack = tuple[Function, ...]
"""The functions of one sample, from the outermost on."""


@dataclass(frozen=True)
class Profile:
    """The samples of one round on one side.

    stacks: how many samples were seen in each stack.
    lines: where each function begins, or the first line that was seen at work; as far as that is known.
    sample_seconds: what one sample stands for (s); None where all of them together are the CPU time of the round.
    begins: how many samples each function was part of, by the line where it begins; several lines where functions of a
        file share a name.
    """

    stacks: Mapping[Stack, int]
    lines: Mapping[Function, int]
    sample_seconds: float | None
    begins: Mapping[Function, Mapping[int, int]] = field(default_factory=dict)


def begins_of(stack: Stack) -> dict[Function, int]:
    """Where the functions of a stack begin, as far as that is known; of those of one name the innermost one."""
    return {function: function.line for function in stack if function.line}
