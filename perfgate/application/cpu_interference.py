"""Watching the machine during a round: what else took its CPUs, besides all that belongs to the bench."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from perfgate.machine.cpu_usage import OwnCpu, read_cpu_times, usage_between
from perfgate.machine.cpus import CpuSets
from perfgate.metrics.run import Environment, GeneratorRecord
from perfgate.service.service import Service


def watch(cpus: CpuSets, idle: Sequence[Service]) -> Callable[[GeneratorRecord, float | None], Environment | None]:
    """Begin to watch; what is returned ends it. idle: the services that no load is sent to, though they may use CPU.

    Where a service cannot be read nobody knows on which CPUs it runs, and nothing is said about any of them.
    """
    before, idle_before, self_before = read_cpu_times(), _cpu_of(idle), time.process_time()

    def ended(generator: GeneratorRecord, service_cpu: float | None) -> Environment | None:
        after, idle_after = read_cpu_times(), _cpu_of(idle)
        if before is None or after is None:
            return None
        if service_cpu is None or idle_before is None or idle_after is None:
            return usage_between(before, after, cpus, OwnCpu(None, None))
        own = OwnCpu(service_cpu + idle_after - idle_before, None)
        if generator.here:
            workers = generator.cpu * generator.workers * (after.at - before.at)
            own = replace(own, generator=workers + time.process_time() - self_before)
        return usage_between(before, after, cpus, own)

    return ended


def _cpu_of(services: Sequence[Service]) -> float | None:
    used = [service.usage() for service in services]
    return None if None in used else sum(usage.cpu_seconds for usage in used if usage is not None)
