"""The CPU time of one side: of its service, and of what that depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perfgate.load.target import LoadTarget


@dataclass(frozen=True)
class SideCpu:
    """CPU time so far (s).

    service: of the service; None where it is not known.
    dependencies: of what was seen to belong to it, by name.
    """

    service: float | None
    dependencies: Mapping[str, float]

    @property
    def total(self) -> float | None:
        """Of the service and its dependencies together; None where that of the service is not known."""
        return None if self.service is None else self.service + sum(self.dependencies.values())


def read_side_cpu(target: LoadTarget) -> SideCpu:
    """What a side has used until now."""
    usage = target.usage()
    used = target.dependency_usage() or {}
    return SideCpu(None if usage is None else usage.cpu_seconds, {name: one.cpu_seconds for name, one in used.items()})


def cpu_between(before: SideCpu, after: SideCpu) -> SideCpu:
    """What it used in between (s); a dependency that was found meanwhile counts from the next time on."""
    known = before.dependencies.keys() & after.dependencies.keys()
    differences = {name: max(0.0, after.dependencies[name] - before.dependencies[name]) for name in known}
    if before.service is None or after.service is None:
        return SideCpu(None, differences)
    return SideCpu(max(0.0, after.service - before.service), differences)


@dataclass(frozen=True)
class UsedCpu:
    """What a side used in a stretch of load.

    seconds: its length (s).
    cpu: CPU time in it.
    """

    seconds: float
    cpu: SideCpu


def busy_share(used: Sequence[UsedCpu], cpus: int, dependency_cpus: int) -> float | None:
    """The share of its CPUs that a side keeps busy, those of the service or of its dependencies, whichever is more.

    A dependency that was found late is taken to have been as busy before. cpus: of the service. dependency_cpus: that
    its dependencies have for themselves; 0 where they share the service's. None where the service's CPU is not known.
    """
    service = [one.cpu.service for one in used if one.cpu.service is not None]
    if len(service) < len(used) or not used:
        return None
    of_service = sum(service) / max(1e-9, sum(one.seconds for one in used)) / cpus
    of_dependencies = 0.0
    for name in {name for one in used for name in one.cpu.dependencies}:
        known = [(one.seconds, one.cpu.dependencies[name]) for one in used if name in one.cpu.dependencies]
        of_dependencies += sum(cpu for _, cpu in known) / max(1e-9, sum(seconds for seconds, _ in known))
    if dependency_cpus:
        return max(of_service, of_dependencies / dependency_cpus)
    return of_service + of_dependencies / cpus
