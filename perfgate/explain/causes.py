"""Causes: the functions that rose, with their names, callers and what they call."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from perfgate.explain.cause import Cause, CauseKind
from perfgate.explain.changes import Changes
from perfgate.explain.origin import called, callers, has_own, own_lines, totals
from perfgate.explain.pairs import ProfiledPair, SideProfile, sides
from perfgate.explain.profile import Function, Stack
from perfgate.explain.rise import MOST_OF_IT, KnownRise, Rise, rises
from perfgate.explain.subject import Subject
from perfgate.explain.torn_stacks import mended

_MOST_CAUSES = 10
_MOST_CALLERS = 3
# A profiler of CPU that sees so many times the samples of a second of CPU that it saw on base has seen threads that
# wait; then a rise of so many times that of the whole service is no CPU.
_SEES_WAITING, _NO_CPU = 1.3, 2.0
# Times the CPU of all users: what passes beyond is no waiting for the CPU.
_FAR_MORE = 2.0
_SEVERAL = 2
_STANDARD_LIBRARY = re.compile(r".*\blib(?:64)?/python\d[^/]*/")
# A dependency that takes so much of what the service waits longer explains it.
_MOSTLY = 0.5


def find_causes(
    scenario: str,
    subject: Subject,
    pairs: Sequence[ProfiledPair],
    changes: Changes | None,
    known: KnownRise | None = None,
) -> tuple[Cause, ...]:
    """The functions that take more time on head, the most first.

    changes: what the commits changed; None where that is not known.
    known: by how much all of them together rose, where the duet has proven that.
    """
    if subject.kind is CauseKind.WAITING:
        # Threads that wait for work are no part of a request.
        pairs = [pair.only(has_own) for pair in pairs]
    if changes:
        pairs = mended(pairs, changes)
    found = rises(pairs, changes.touch if changes else lambda *_: None, known)
    if not found:
        return ()
    finding = _Finding(scenario, subject, *sides(pairs), changes)
    return tuple(finding.cause(rise) for rise in found if finding.is_plausible(rise))[:_MOST_CAUSES]


def told_apart(worked: Sequence[Cause], waited: Sequence[Cause], users: int, known: KnownRise | None) -> list[Cause]:
    """Each function once, by what profilers of CPU and of waiting have seen in the same rounds; waiting first.

    Time that passes is what a function works, what it waits for the CPU behind other users, and what else it waits for.
    Where CPU is not known to have risen, a function that waits counts only if the work of others cannot explain it.
    users: at a time. known: as of find_causes.
    """
    passed = {cause.function: cause.change_ms for cause in waited}
    working = [one for one in worked if passed.get(one.function, 0.0) <= _FAR_MORE * users * one.change_ms]
    names = {cause.function for cause in working}
    explained = 0.0 if known is not None else _FAR_MORE * users * sum(cause.change_ms for cause in working)
    waiting = [one for one in waited if one.function not in names and one.change_ms > explained]
    return [*waiting, *working]


def in_order(causes: Sequence[Cause]) -> tuple[Cause, ...]:
    """Causes of several subjects: queries that run oftener, which no noise does. Then those of the subject in which
    most was found, in the order they have there; what waits for such a dependency stands behind that.
    """
    most: dict[str, float] = {}
    for cause in causes:
        most[cause.dependency] = max(cause.change_ms, most.get(cause.dependency, cause.change_ms))
    longest = max((change for dependency, change in most.items() if dependency), default=0.0)

    def place(cause: Cause) -> tuple[bool, bool, float]:
        waits = cause.kind is CauseKind.WAITING and not cause.dependency
        explained = waits and longest >= _MOSTLY * cause.change_ms
        return cause.kind is not CauseKind.QUERY_RUNS, explained, -most[cause.dependency]

    return tuple(sorted(causes, key=place))


@dataclass(frozen=True)
class _Finding:
    """All that is known of one subject under one scenario's load."""

    scenario: str
    subject: Subject
    base: SideProfile
    head: SideProfile
    changes: Changes | None

    def cause(self, rise: Rise) -> Cause:
        charged, within = rise.function, self._within(rise)
        outside = callers(self.head.stacks, charged)
        function, changed = charged, self._changed(charged)
        if within != charged and changed is False:
            # The code that calls a library is as it was: it is the library that takes more.
            function, outside = within, (charged, *outside)
            changed = self._changed(within)
        whole = self.head.request_ms - self.base.request_ms
        return Cause(
            kind=self.subject.kind,
            scenario=self.scenario,
            dependency=self.subject.dependency,
            function=full_name(function),
            file=function.file,
            line=self._line(function),
            base_ms=rise.base_ms,
            head_ms=rise.head_ms,
            change_ms=rise.change_ms,
            low_ms=rise.low_ms,
            high_ms=rise.high_ms,
            share=rise.change_ms / whole if whole > 0 else None,
            self_ms=self._difference(own_lines(self.base.stacks), own_lines(self.head.stacks)).get(function, 0.0),
            total_ms=self._difference(totals(self.base.stacks), totals(self.head.stacks)).get(function, 0.0),
            within="" if within == function else full_name(within),
            callers=tuple(full_name(one) for one in outside[:_MOST_CALLERS]),
            changed=changed,
            profiler=self.subject.profiler.name,
            base_calls=None,
            head_calls=None,
        )

    def is_plausible(self, rise: Rise) -> bool:
        """Whether it can be what its subject's samples are of: CPU, or time that passes."""
        if any(one.profile.sample_seconds is not None for one in self.head.rounds):
            return True
        if self.head.samples_a_second < _SEES_WAITING * self.base.samples_a_second:
            return True
        return rise.change_ms < _NO_CPU * (self.head.request_ms - self.base.request_ms)

    def _changed(self, function: Function) -> bool | None:
        """Whether the commits differ in it; None where nobody knows."""
        return self.changes.touch(function, self._line(function)) if self.changes else None

    def _line(self, function: Function) -> int | None:
        """Where it begins on head; None where unknown. Of several of that name in its file, the one that rose: on both
        sides they stand in one order.
        """
        before, after = (sorted(side.begins.get(function, {}).items()) for side in (self.base, self.head))
        if len(after) < _SEVERAL or len(after) != len(before):
            return self.head.lines.get(function)
        rose = {
            line: now / self.head.exposure - then / self.base.exposure
            for (_, then), (line, now) in zip(before, after, strict=True)
        }
        line, most = max(rose.items(), key=lambda one: one[1])
        whole = math.fsum(rose.values())
        # Where the others are far from having stayed as they were, these are not the same on both sides.
        return line if MOST_OF_IT * whole <= most <= whole / MOST_OF_IT else None

    def _within(self, rise: Rise) -> Function:
        """The innermost function, on the way in from the one that rose, that most of the rise is spent in."""
        path: Stack = rise.path
        while True:
            found = self._difference(called(self.base.stacks, path), called(self.head.stacks, path))
            if not found:
                return path[-1]
            function, change = max(found.items(), key=lambda one: one[1])
            if change < MOST_OF_IT * rise.change_ms:
                return path[-1]
            path = (*path, function)

    def _difference(self, before: Counter[Function], after: Counter[Function]) -> dict[Function, float]:
        """By how much each function rose (ms a request)."""
        return {one: after[one] / self.head.exposure - before[one] / self.base.exposure for one in before | after}


def full_name(function: Function) -> str:
    """A function with its module: "shop.prices.discount" of shop/prices.py; its bare name where that is no module."""
    if not function.file.endswith(".py"):
        return function.name
    path = function.file.removesuffix(".py").removesuffix("/__init__")
    for folder in ("site-packages/", "dist-packages/"):
        path = path.rpartition(folder)[2]
    inside = _STANDARD_LIBRARY.sub("", path)
    module = inside.strip("/").replace("/", ".")
    return f"{module}.{function.name}" if not inside.startswith("/") else f"{module.rpartition('.')[2]}.{function.name}"
