"""Stacks that went on while a profiler read them: what is inside is of one moment, what is outside of a later one.

py-spy stops nobody, and reads from the inside out. So what a function calls may be seen in the function that was called
after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from perfgate.explain.changes import Changes
from perfgate.explain.origin import innermost, part_of
from perfgate.explain.pairs import ProfiledPair, sides
from perfgate.explain.profile import Function, Stack


def mended(pairs: Sequence[ProfiledPair], changes: Changes) -> list[ProfiledPair]:
    """The pairs, with calls that are new on head in the function that the commits changed.

    Code that is as it was does not begin to call something. Where a changed function does, the call is that one's.
    """
    base, head = sides(pairs)

    def differs(function: Function) -> bool | None:
        return changes.touch(function, head.lines.get(function))

    before = set(map(part_of, base.stacks))
    new: Counter[Stack] = Counter()
    for stack, count in head.stacks.items():
        part = part_of(stack)
        if part not in before and part[0] != part[1]:
            new[part] += count
    most_often_last = sorted(new, key=lambda part: new[part])
    callers = {inner: outer for outer, inner in most_often_last if differs(outer)}
    moved = {part: callers[part[1]] for part in new if part[1] in callers and differs(part[0]) is False}

    def in_place(stack: Stack) -> Stack:
        part = part_of(stack)
        return _instead(stack, part[0], moved[part]) if part in moved else stack

    return [replace(pair, head=pair.head.renamed(in_place)) for pair in pairs] if moved else list(pairs)


def _instead(stack: Stack, wrong: Function, right: Function) -> Stack:
    place = innermost(stack, wrong)
    return (*stack[:place], right, *stack[place + 1 :])
