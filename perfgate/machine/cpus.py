"""CPU sets: the generator, the service and its dependencies must not fight for the same CPU."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perfgate.errors import UsageError

_TOPOLOGY = Path("/sys/devices/system/cpu")
_ENOUGH_FOR_THREE = 4
_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


@dataclass(frozen=True)
class CpuSets:
    """Disjoint sets of CPUs. Both are empty where there is nothing to split: then everything runs everywhere.

    generator: the CPUs of the load generator, in order.
    service: the CPUs of the service, in order.
    dependencies: those of its dependencies, in order; empty where they share the service's.
    """

    generator: tuple[int, ...]
    service: tuple[int, ...]
    dependencies: tuple[int, ...] = ()

    @property
    def beside(self) -> tuple[int, ...]:
        """The CPUs that dependencies run on."""
        return self.dependencies or self.service


@dataclass(frozen=True)
class Cpus:
    """The CPUs of this machine.

    available: the CPUs that this process may use; none where the system pins nothing.
    siblings: groups of CPUs that share a core; a CPU in no group is a core of its own.
    """

    available: tuple[int, ...]
    siblings: tuple[tuple[int, ...], ...]


def allowed_cpus(pid: int) -> frozenset[int]:
    """The CPUs that a process may run on; none where that cannot be told."""
    try:
        return frozenset(os.sched_getaffinity(pid))
    except (OSError, AttributeError):
        return frozenset()


def parse_cpus(text: str) -> tuple[int, ...]:
    """The CPUs in a list like "0-1,3". UsageError for anything else."""
    numbers: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise UsageError(f"{text!r} is not a list of CPUs", "write it like 0-1,3")
        numbers.update(range(first, last + 1))
    return tuple(sorted(numbers))


def split_cpus(available: Sequence[int], siblings: Sequence[Sequence[int]], chosen: Sequence[int] | None) -> CpuSets:
    """Disjoint sets for the generator and for the service.

    available, siblings: see `Cpus`. chosen: the CPUs wanted for the service, None for no wish. Without one
    the service gets half of the cores, the larger half of an odd number. A core's siblings stay on one side as long as
    each side has something then. UsageError where `chosen` cannot be had.
    """
    cores = _cores(available, siblings)
    if chosen is not None:
        return _around(cores, sorted(available), chosen)
    if len(available) < 2:
        return CpuSets((), ())
    parts = cores if len(cores) > 1 else [[cpu] for cpu in cores[0]]
    half = len(parts) // 2
    return CpuSets(_flat(parts[:half]), _flat(parts[half:]))


def set_dependencies_apart(sets: CpuSets, siblings: Sequence[Sequence[int]]) -> CpuSets:
    """The sets with one for dependencies: half of the generator's, the larger half of an odd number.

    The generator can spare them, as a service whose requests wait for a database gets fewer of them. With less than
    four CPUs, or a generator on one of them, the dependencies share the service's. siblings: see `Cpus`.
    """
    everything = len(sets.generator) + len(sets.service)
    if everything < _ENOUGH_FOR_THREE or len(sets.generator) < 2 or sets.dependencies:
        return sets
    cores = _cores(sets.generator, siblings)
    parts = cores if len(cores) > 1 else [[cpu] for cpu in cores[0]]
    half = len(parts) // 2
    return CpuSets(_flat(parts[:half]), sets.service, _flat(parts[half:]))


def _around(cores: list[list[int]], available: list[int], chosen: Sequence[int]) -> CpuSets:
    missing = sorted(set(chosen) - set(available))
    if missing:
        raise UsageError(
            f"--cpus: there is no CPU {_listed(missing)} for the service",
            f"this process may use {_listed(available)}" if available else "leave --cpus out: this system pins nothing",
        )
    if len(available) < 2:
        return CpuSets((), ())
    free = [[cpu for cpu in core if cpu not in chosen] for core in cores]
    whole = [core for core, left in zip(cores, free, strict=True) if len(core) == len(left)]
    rest = _flat(whole) or _flat(free)
    if not rest:
        raise UsageError("--cpus leaves no CPU for the load generator", f"leave out one of {_listed(available)}")
    return CpuSets(rest, tuple(sorted(chosen)))


def _cores(available: Sequence[int], siblings: Sequence[Sequence[int]]) -> list[list[int]]:
    core_of = {cpu: min(group) for group in siblings for cpu in group}
    cores: dict[int, list[int]] = {}
    for cpu in sorted(available):
        cores.setdefault(core_of.get(cpu, cpu), []).append(cpu)
    return list(cores.values())


def _flat(parts: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sorted(cpu for part in parts for cpu in part))


def _listed(cpus: Sequence[int]) -> str:
    return ",".join(map(str, cpus))


def read_cpus(topology: Path = _TOPOLOGY) -> Cpus:
    """The CPUs of this machine, as far as it tells. topology: where Linux describes its CPUs."""
    if not hasattr(os, "sched_getaffinity"):
        return Cpus((), ())
    available = tuple(sorted(os.sched_getaffinity(0)))
    groups = set()
    for cpu in available:
        try:
            text = (topology / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text()
        except OSError:
            continue
        groups.add(parse_cpus(text.strip()))
    return Cpus(available, tuple(sorted(groups)))
