"""What services, their dependencies and the machine had used when a round began, and when it ended."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import pairwise

from perfgate.load.clock_watch import ClockWatch
from perfgate.load.target import LoadTarget, LoadWatch, Usage
from perfgate.metrics.dependency_use import DependencyUse, tidy_name
from perfgate.metrics.tally import Tally


class UsageReading:
    """What services and machine had used when a round began, and when it ended.

    One side's watch is enough for both: it takes what the other side uses into account.
    earlier: the reading of the slice that ends as this one begins. in_turns: whether the sides share the load.
    by_turn: the servers that both use meanwhile, whose CPU time belongs to the side whose turn it is.
    """

    def __init__(
        self, targets: tuple[LoadTarget, ...], earlier: UsageReading | None = None, in_turns: bool = False
    ) -> None:
        self._targets = targets
        self.in_turns = in_turns
        self.by_turn = targets[0].shared_servers() if in_turns else frozenset()
        self._turns: list[tuple[str, Mapping[str, Mapping[str, Usage] | None]]] = []
        self.watched = targets[0]
        self.watch: LoadWatch = self.watched.watch()
        self.watch.start()
        # Nothing falls between two slices, of which the later one begins with what one side's users do.
        self._before = earlier.after if earlier else _services(targets)
        self.after: dict[str, Usage | None] = {}
        self._dependencies_before = earlier.dependencies_after if earlier else _dependencies(targets)
        self.dependencies_after: dict[str, Mapping[str, Usage] | None] = {}
        self.clock: ClockWatch = ClockWatch(earlier.clock if earlier else None)
        self.started_at = time.time()

    def turn(self, side: str) -> None:
        """It is the turn of this side."""
        if self.by_turn:
            read = _dependencies(self._targets) if self._turns else self._dependencies_before
            self._turns.append((side, read))
        self.watch.turn(side)

    def stop(self) -> None:
        """The round has ended."""
        self.clock.stop()
        self.after = _services(self._targets)
        self.dependencies_after = _dependencies(self._targets)
        self._turns.append(("", self.dependencies_after))
        self.watch.stop()

    def cpu_seconds(self, target: LoadTarget) -> float | None:
        """CPU time of the service on one side; None where it is not known."""
        before, after = self._before.get(target.side), self.after.get(target.side)
        if before is None or after is None:
            return None
        return max(0.0, after.cpu_seconds - before.cpu_seconds)

    def count_usage(self, target: LoadTarget, tally: Tally) -> None:
        """Put what the service used into the tally."""
        after = self.after.get(target.side)
        tally.service_cpu_seconds = self.cpu_seconds(target)
        if tally.service_cpu_seconds is not None and after is not None:
            tally.service_memory_bytes = after.memory_bytes
        tally.dependencies = self._dependencies_used(target.side, tally.attempts)

    def _dependencies_used(self, side: str, attempts: int) -> dict[str, DependencyUse] | None:
        """What dependencies of a side used in its round; those that both sides use, in its turns alone."""
        used = _used(self._dependencies_before.get(side), self.dependencies_after.get(side), attempts)
        if used is None or not self.by_turn:
            return used
        turns = [
            _used(before.get(side), after.get(side), 1) or {}
            for (whose, before), (_, after) in pairwise(self._turns)
            if whose == side
        ]
        for name in used.keys() & set(map(tidy_name, self.by_turn)):
            uses = [turn[name] for turn in turns if name in turn]
            known = len(uses) == len(turns) and all(use.attempts for use in uses)
            cpu = sum(use.cpu_seconds for use in uses)
            used[name] = DependencyUse(attempts if known else 0, cpu, used[name].memory_bytes)
        return used


def _services(targets: tuple[LoadTarget, ...]) -> dict[str, Usage | None]:
    """What the service of each side has used so far."""
    return {target.side: target.usage() for target in targets}


def _dependencies(targets: tuple[LoadTarget, ...]) -> dict[str, Mapping[str, Usage] | None]:
    """What the dependencies of each side have used so far."""
    return {target.side: target.dependency_usage() for target in targets}


def _used(
    before: Mapping[str, Usage] | None, after: Mapping[str, Usage] | None, attempts: int
) -> dict[str, DependencyUse] | None:
    """What dependencies used in a round of so many requests. One that was found on its way, or began anew, is seen and
    not read.
    """
    if after is None:
        return None
    found = {}
    for name, now in after.items():
        then = before.get(name) if before is not None else None
        spent = now.cpu_seconds - then.cpu_seconds if then is not None else -1.0
        found[tidy_name(name)] = DependencyUse(attempts if spent >= 0 else 0, max(0.0, spent), now.memory_bytes)
    for name in before or {}:
        found.setdefault(tidy_name(name), DependencyUse(0, 0.0, 0))
    return found
