"""Causes: the functions that rose, with their names, callers and what they call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from statistics import fmean

from perfgate.explain.cause import Cause
from perfgate.explain.folded import Function, Stack
from perfgate.explain.origin import called, callers, own_lines, totals
from perfgate.explain.profiles import ProfiledPair, SideProfile, sides
from perfgate.explain.rise import Rise, rises

_MOST_CAUSES = 10
_MOST_CALLERS = 3
# Of a rise: a function that takes so much of it is where it is spent.
_MOST_OF_IT = 0.7


def find_causes(
    pairs: Sequence[ProfiledPair], scenario: str, profiler: str, changed_files: Collection[str] | None
) -> tuple[Cause, ...]:
    """The functions that take more CPU on head, the most first.

    changed_files: what differs between the commits; None where that is not known.
    """
    base, head = sides(pairs)
    found = rises(pairs)[:_MOST_CAUSES]
    if not found:
        return ()
    whole = _cpu_of_a_request(head) - _cpu_of_a_request(base)
    return tuple(_cause(rise, base, head, whole, (scenario, profiler, changed_files)) for rise in found)


def _cause(
    rise: Rise,
    base: SideProfile,
    head: SideProfile,
    whole: float,
    known: tuple[str, str, Collection[str] | None],
) -> Cause:
    scenario, profiler, changed_files = known
    function = rise.function
    within = _within(rise, base, head)
    return Cause(
        scenario=scenario,
        function=full_name(function),
        file=function.file,
        line=head.lines.get(function),
        base_ms=rise.base_ms,
        head_ms=rise.head_ms,
        change_ms=rise.change_ms,
        low_ms=rise.low_ms,
        high_ms=rise.high_ms,
        share=rise.change_ms / whole if whole > 0 else None,
        self_ms=_difference(own_lines(base.stacks), own_lines(head.stacks), base, head).get(function, 0.0),
        total_ms=_difference(totals(base.stacks), totals(head.stacks), base, head).get(function, 0.0),
        within="" if within == function else full_name(within),
        callers=tuple(full_name(one) for one in callers(head.stacks, function)[:_MOST_CALLERS]),
        changed=_has_changed(function.file, changed_files),
        profiler=profiler,
    )


def full_name(function: Function) -> str:
    """A function with its module: "shop.prices.discount" of shop/prices.py; its bare name where that is no module."""
    if not function.file.endswith(".py"):
        return function.name
    path = function.file.removesuffix(".py").removesuffix("/__init__")
    for folder in ("site-packages/", "dist-packages/"):
        path = path.rpartition(folder)[2]
    inside = path.rpartition("lib/python")[2].partition("/")[2] if "lib/python" in path else path
    module = inside.strip("/").replace("/", ".")
    return f"{module}.{function.name}" if not inside.startswith("/") else f"{module.rpartition('.')[2]}.{function.name}"


def _within(rise: Rise, base: SideProfile, head: SideProfile) -> Function:
    """The innermost function, on the way in from the one that rose, that most of the rise is spent in."""
    path: Stack = (rise.function,)
    while True:
        found = _difference(called(base.stacks, path), called(head.stacks, path), base, head)
        if not found:
            return path[-1]
        function, change = max(found.items(), key=lambda one: one[1])
        if change < _MOST_OF_IT * rise.change_ms:
            return path[-1]
        path = (*path, function)


def _difference(
    before: Counter[Function], after: Counter[Function], base: SideProfile, head: SideProfile
) -> dict[Function, float]:
    """By how much each function rose (ms of CPU a request)."""
    return {one: after[one] / head.exposure - before[one] / base.exposure for one in before | after}


def _cpu_of_a_request(side: SideProfile) -> float:
    return fmean(1000 * one.cpu_seconds / one.requests for one in side.rounds)


def _has_changed(file: str, changed_files: Collection[str] | None) -> bool | None:
    """Whether git names the file: from the repository's top on, while the service may run in a folder below it."""
    if changed_files is None or not file or file.startswith(("/", "<")):
        return None
    return any(one == file or one.endswith(f"/{file}") for one in changed_files)
