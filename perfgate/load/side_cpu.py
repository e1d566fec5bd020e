"""The CPU time of one side: of its service, and of what that depends on."""

from __future__ import annotations

from collections.abc import Mapping
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


def read_side_cpu(target: LoadTarget) -> SideCpu:
    """What a side has used until now."""
    usage = target.usage()
    used = target.dependency_usage() or {}
    return SideCpu(None if usage is None else usage.cpu_seconds, {name: one.cpu_seconds for name, one in used.items()})


def cpu_between(before: SideCpu, after: SideCpu) -> float | None:
    """What it used in between (s); a dependency that was found meanwhile counts from the next time on."""
    if before.service is None or after.service is None:
        return None
    known = before.dependencies.keys() & after.dependencies.keys()
    differences = (after.dependencies[name] - before.dependencies[name] for name in known)
    return max(0.0, after.service - before.service) + sum(max(0.0, one) for one in differences)
