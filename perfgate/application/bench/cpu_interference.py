"""The machine during a round: what else took its CPUs, besides all that belongs to the bench."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from perfgate.application.bench.strangers_watch import StrangersWatch
from perfgate.machine.cpu_usage import CpuTimes, OwnCpu, read_cpu_times, usage_between
from perfgate.machine.cpus import CpuSets
from perfgate.metrics.run import Environment, GeneratorRecord
from perfgate.service.attribution.attribution import Attribution, Beside, Moment
from perfgate.service.service import Service


class CpuInterference:
    """A LoadWatch: it tells what else took the CPUs.

    cpus: those that belong to generator and services alone.
    idle: services that no load is sent to, though they may use CPU.
    attribution: tells the dependencies of services from neighbours; None where nobody looks.
    """

    def __init__(self, cpus: CpuSets, idle: Sequence[Service], attribution: Attribution | None = None) -> None:
        self._cpus = cpus
        self._idle = idle
        self._attribution = attribution
        self._moments: list[Moment] = []
        self._strangers: StrangersWatch | None = None
        self._before: CpuTimes | None = None
        self._idle_before: float | None = None
        self._self_before = 0.0
        self._after: CpuTimes | None = None
        self._idle_after: float | None = None
        self._self_after = 0.0

    def start(self) -> None:
        self._before, self._idle_before, self._self_before = read_cpu_times(), _cpu_of(self._idle), time.process_time()
        self._look()

    def turn(self, side: str) -> None:
        if self._attribution is not None:
            if self._strangers is None:
                self._strangers = StrangersWatch(self._attribution.strangers(self._moments[0].table))
            self._strangers.turn(side)

    def stop(self) -> None:
        if self._strangers is not None:
            self._strangers.turn("")
        self._look()
        self._after, self._idle_after, self._self_after = read_cpu_times(), _cpu_of(self._idle), time.process_time()

    def environment(self, generator: GeneratorRecord, service_cpu: float | None, side: str = "") -> Environment | None:
        """See LoadWatch. Where a service cannot be read, its CPUs are not known, and nothing is told of any."""
        before, after = self._before, self._after
        if before is None or after is None:
            return None
        beside = self._attribution.between(self._moments[0], self._moments[-1]) if self._attribution else Beside((), {})
        own = self._own(generator, service_cpu, beside, after.at - before.at)
        seen = replace(usage_between(before, after, self._cpus, own), neighbours=beside.neighbours)
        return self._strangers.in_turns_of(side, seen, self._cpus) if side and self._strangers else seen

    def _own(self, generator: GeneratorRecord, service_cpu: float | None, beside: Beside, seconds: float) -> OwnCpu:
        """CPU time of all that belongs to the bench, in so many seconds."""
        before, after = self._idle_before, self._idle_after
        if service_cpu is None or before is None or after is None or beside.dependencies is None:
            return OwnCpu(None, None)
        own = OwnCpu(service_cpu + after - before, None, beside.dependencies)
        if not generator.here:
            return own
        workers = generator.cpu * generator.workers * seconds
        return replace(own, generator=workers + self._self_after - self._self_before)

    def _look(self) -> None:
        if self._attribution is not None:
            self._moments.append(self._attribution.moment())


def _cpu_of(services: Sequence[Service]) -> float | None:
    used = [service.instance.usage() for service in services]
    return None if None in used else sum(usage.cpu_seconds for usage in used if usage is not None)
