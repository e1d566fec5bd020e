"""CPU time that others took while a round was measured: Linux' own accounts, less the time known to be ours.

The kernel writes per CPU how long it was idle and what it did else (proc(5), /proc/stat), in steps of 10 ms. Time
that was neither idle, nor spent on interrupts, nor the service's own was taken by something foreign. Idle time is kept
exactly; the times of processes are sampled on many kernels, and so they are not used. Interrupts are left out because
loopback traffic makes them (3 to 10 % of a busy CPU), and because kernels differ in whether a process is charged for
those that hit it: what is found can be too small by that much, on both sides of a pair alike.

A dependency of a service is nothing foreign, but one that nobody pinned may run on any CPU, and no account says on
which it did. What is known is what others took of all CPUs together. It is shared out among the sets by what of each
was neither spare nor its owner's. So a neighbour on one set can seem to have taken half as much there, and the rest on
the other; but a dependency that works harder on one side does not make even neighbours look uneven.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean

from perfgate.machine.cpus import CpuSets
from perfgate.metrics.run import Environment, Occupancy

_STAT = Path("/proc/stat")
_CPUS = Path("/sys/devices/system/cpu")
_TICKS_A_SECOND = 100  # USER_HZ, the unit of /proc/stat on every platform that we know
# The columns of /proc/stat: user nice system idle iowait irq softirq steal.
_NOT_OF_PROCESSES = slice(3, 8)
_IDLE = slice(3, 5)
_STEAL = 7


@dataclass(frozen=True)
class CpuTimes:
    """The accounts at one moment, by CPU.

    at: the moment (s, monotonic clock).
    spare: time since the start that no process had: idle, interrupts, stolen (s).
    idle: idle time of that (s).
    steal: stolen time of that (s).
    frequency: clock rate, of the CPUs that tell it (Hz).
    """

    at: float
    spare: Mapping[int, float]
    idle: Mapping[int, float]
    steal: Mapping[int, float]
    frequency: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class DependencyCpu:
    """CPU time of a dependency.

    seconds: that it used (s).
    cpus: where it may run; none where that is not known, or anywhere.
    """

    seconds: float
    cpus: frozenset[int]


@dataclass(frozen=True)
class OwnCpu:
    """CPU time of what belongs to the measurement.

    service: of the service (s); None where that is not known.
    generator: of the load generator (s); None where that is not known.
    dependencies: of what the service depends on.
    """

    service: float | None
    generator: float | None
    dependencies: tuple[DependencyCpu, ...] = ()


def read_cpu_times(stat: Path = _STAT, cpus: Path = _CPUS) -> CpuTimes | None:
    """The accounts now; None where the system keeps none that we can read."""
    try:
        moment = parse_cpu_times(stat.read_text(), time.monotonic())
    except OSError:
        return None
    return replace(moment, frequency={cpu: rate for cpu in moment.steal if (rate := _frequency(cpus, cpu))})


def _frequency(cpus: Path, cpu: int) -> float:
    """The clock rate of a CPU in hertz; 0 where the system does not tell, as most virtual machines."""
    try:
        return int((cpus / f"cpu{cpu}" / "cpufreq" / "scaling_cur_freq").read_text()) * 1e3
    except (OSError, ValueError):
        return 0.0


def parse_cpu_times(stat: str, at: float) -> CpuTimes:
    """The accounts in the text of /proc/stat, as it was at `at` (monotonic seconds)."""
    spare, idle, steal = {}, {}, {}
    for line in stat.splitlines():
        name, *columns = line.split()
        if name.startswith("cpu") and name != "cpu" and len(columns) > _STEAL:
            cpu, ticks = int(name.removeprefix("cpu")), [int(column) for column in columns]
            spare[cpu] = sum(ticks[_NOT_OF_PROCESSES]) / _TICKS_A_SECOND
            idle[cpu] = sum(ticks[_IDLE]) / _TICKS_A_SECOND
            steal[cpu] = ticks[_STEAL] / _TICKS_A_SECOND
    return CpuTimes(at, spare, idle, steal)


def usage_between(before: CpuTimes, after: CpuTimes, cpus: CpuSets, own: OwnCpu) -> Environment:
    """The environment of a round, from one moment to a later one. cpus: what generator and service were pinned to."""
    span = max(1e-9, after.at - before.at)
    everywhere = (*cpus.generator, *cpus.service) or tuple(after.steal)
    rates = [after.frequency[cpu] for cpu in everywhere if cpu in after.frequency]
    stolen = sum(after.steal.get(cpu, 0.0) - before.steal.get(cpu, 0.0) for cpu in everywhere)
    taken = _Taken(before, after, cpus, own)
    return Environment(
        service=taken.occupancy(cpus.service, own.service),
        generator=taken.occupancy(cpus.generator, own.generator),
        steal=stolen / (span * len(everywhere)) if everywhere else None,
        frequency=fmean(rates) if rates else None,
        dependencies_beside_generator=taken.by_dependencies(cpus.generator, own.generator),
    )


class _Taken:
    """What was taken of sets of CPUs between two moments, besides what each is for."""

    def __init__(self, before: CpuTimes, after: CpuTimes, cpus: CpuSets, own: OwnCpu) -> None:
        self._before = before
        self._after = after
        self._own = own
        self._cpus = cpus
        self._span = after.at - before.at
        sets = (frozenset(cpus.service), frozenset(cpus.generator))
        self._free = [one for one in own.dependencies if not any(one.cpus and one.cpus <= some for some in sets)]
        region = sets[0].union(sets[1], *(one.cpus for one in self._free))
        used = (own.service or 0.0) + (own.generator or 0.0) + sum(one.seconds for one in own.dependencies)
        # What nobody who is known used, wherever dependencies may have run.
        self._unknown = max(0.0, self._busy([cpu for cpu in region if self._reads(cpu)]) - used)

    def occupancy(self, cpus: Sequence[int], own: float | None) -> Occupancy | None:
        """The occupancy of these CPUs; None where they, or our own use of them, are not known."""
        others = self._others(cpus, own)
        if others is None:
            return None
        given = max(1e-9, self._span * len(cpus))
        idle = sum(self._after.idle[cpu] - self._before.idle[cpu] for cpu in cpus)
        foreign = self._unknown * max(0.0, others) / max(1e-9, self._all_others) if self._free else others
        return Occupancy(foreign=foreign / given, idle=idle / given)

    @property
    def _all_others(self) -> float:
        """What `_others` comes to for both sets together."""
        each = (
            self._others(self._cpus.service, self._own.service),
            self._others(self._cpus.generator, self._own.generator),
        )
        return max(self._unknown, sum(max(0.0, others) for others in each if others is not None))

    def by_dependencies(self, cpus: Sequence[int], own: float | None) -> float | None:
        """The share of these CPUs that dependencies took at most; None where that is not known."""
        others = self._others(cpus, own)
        if others is None:
            return None
        free = sum(one.seconds for one in self._free)
        pinned = self._pinned_to(cpus)
        return (pinned + max(0.0, min(free, others))) / max(1e-9, self._span * len(cpus))

    def _others(self, cpus: Sequence[int], own: float | None) -> float | None:
        """CPU time of all but the owner of these CPUs and of dependencies that run nowhere else."""
        if own is None or not cpus or not all(map(self._reads, cpus)):
            return None
        return self._busy(cpus) - own - self._pinned_to(cpus)

    def _pinned_to(self, cpus: Sequence[int]) -> float:
        return sum(one.seconds for one in self._own.dependencies if one.cpus and one.cpus <= frozenset(cpus))

    def _busy(self, cpus: Sequence[int]) -> float:
        spare = sum(self._after.spare[cpu] - self._before.spare[cpu] for cpu in cpus)
        return self._span * len(cpus) - spare

    def _reads(self, cpu: int) -> bool:
        return cpu in self._before.spare and cpu in self._after.spare
