"""In whose turns the neighbours worked, while two sides share a load in short turns.

The system's accounts of CPUs are too coarse for turns of a tenth of a second, but that of a process is exact. So what
others took of the CPUs is known of both sides together, and moved between them by what each process that was there
used in the turns of either. One that began meanwhile counts from the next slice on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from perfgate.machine.cpus import CpuSets, allowed_cpus
from perfgate.machine.process_table import ProcessEntry
from perfgate.metrics.run import Environment, Occupancy


class StrangersWatch:
    """CPU time of processes, by the side whose turn it was. strangers: those that belong to nobody."""

    def __init__(self, strangers: Sequence[ProcessEntry]) -> None:
        self._strangers = strangers
        self._turns: list[tuple[float, str, Sequence[float]]] = []

    def turn(self, side: str) -> None:
        """It is the turn of this side; "" for the end of the last turn."""
        self._turns.append((time.monotonic(), side, [entry.exact_cpu() for entry in self._strangers]))

    def in_turns_of(self, side: str, seen: Environment, cpus: CpuSets) -> Environment:
        """What was seen in the turns of one side. seen: in those of both."""
        seconds, used = self._used({side})
        all_seconds, all_used = self._used({whose for _, whose, _ in self._turns})
        if not seconds:
            return seen

        def more_on(place: tuple[int, ...]) -> float:
            """The share of these CPUs that they took more of than in all turns."""
            share = self._on(place, used) / seconds - self._on(place, all_used) / all_seconds
            return share / max(1, len(place))

        return replace(
            seen,
            service=_moved(seen.service, more_on(cpus.service)),
            generator=_moved(seen.generator, more_on(cpus.generator)),
            neighbours=self._by_name(seen.neighbours, used, all_used, seconds / all_seconds),
        )

    def _used(self, sides: set[str]) -> tuple[float, Sequence[float]]:
        """How long it was the turn of these sides (s), and what each process used meanwhile (s)."""
        seconds, used = 0.0, [0.0] * len(self._strangers)
        for (began, side, before), (ended, _, after) in pairwise(self._turns):
            if side in sides:
                seconds += ended - began
                used = [sum(one) for one in zip(used, after, (-cpu for cpu in before), strict=True)]
        return seconds, [max(0.0, cpu) for cpu in used]

    def _on(self, place: tuple[int, ...], used: Sequence[float]) -> float:
        """CPU time on these CPUs (s). A process that may run elsewhere, too, is taken to be everywhere alike."""
        on_them = 0.0
        for entry, cpu in zip(self._strangers, used, strict=True):
            if cpu and (allowed := allowed_cpus(entry.pid)):
                on_them += cpu * len(allowed.intersection(place)) / len(allowed)
        return on_them

    def _by_name(
        self, together: Mapping[str, float], used: Sequence[float], all_used: Sequence[float], share: float
    ) -> Mapping[str, float]:
        """CPU time by name (s). What was not there from the beginning has its share of the time."""
        found: dict[str, float] = {}
        for name, total in together.items():
            here = [place for place, entry in enumerate(self._strangers) if entry.name == name]
            late = max(0.0, total - sum(all_used[place] for place in here))
            found[name] = sum(used[place] for place in here) + late * share
        return found


def _moved(both: Occupancy | None, more: float) -> Occupancy | None:
    return None if both is None else Occupancy(both.foreign + more, max(0.0, both.idle - more))
