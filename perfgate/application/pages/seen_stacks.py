"""Profiled pairs, as the page of a measurement shows them."""

from __future__ import annotations

from collections.abc import Iterable

from perfgate.explain.cause import CauseKind
from perfgate.explain.pairs import ProfiledPair, SideProfile, sides
from perfgate.explain.profile import Stack
from perfgate.explain.subject import Subject
from perfgate.report.page.details import SeenStacks

_WHAT = {CauseKind.CPU: "CPU of a request", CauseKind.WAITING: "Waiting of a request"}


def seen_stacks(scenario: str, subject: Subject, pairs: Iterable[ProfiledPair]) -> tuple[SeenStacks, ...]:
    """What a request takes in each stack, over all pairs that can be used; () where nothing was seen."""
    on_base, on_head = sides(pairs)
    base, head = _times(on_base), _times(on_head)
    if not base and not head:
        return ()
    inside = f" in {subject.dependency}" if subject.dependency else ""
    what = f"{_WHAT[subject.kind]}{inside}"
    return (SeenStacks(scenario, what, subject.profiler.name, base, head, on_head.lines),)


def _times(side: SideProfile) -> dict[Stack, float]:
    return {stack: count / side.exposure for stack, count in side.stacks.items()}
