"""CPU time that others took while a round was measured: Linux' own accounts, less the time known to be ours.

The kernel writes per CPU how long it was idle and what it did else (proc(5), /proc/stat), in steps of 10 ms. Time
that was neither idle, nor spent on interrupts, nor the service's own was taken by something foreign. Idle time is kept
exactly; the times of processes are sampled on many kernels, and so they are not used. Interrupts are left out because
loopback traffic makes them (3 to 10 % of a busy CPU), and because kernels differ in whether a process is charged for
those that hit it: what is found can be too small by that much, on both sides of a pair alike.
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
class OwnCpu:
    """CPU time of the measurement's own processes.

    service: of the service (s); None where that is not known.
    generator: of the load generator (s); None where that is not known.
    """

    service: float | None
    generator: float | None


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
    return Environment(
        service=_occupancy(before, after, cpus.service, own.service),
        generator=_occupancy(before, after, cpus.generator, own.generator),
        steal=stolen / (span * len(everywhere)) if everywhere else None,
        frequency=fmean(rates) if rates else None,
    )


def _occupancy(before: CpuTimes, after: CpuTimes, cpus: Sequence[int], own: float | None) -> Occupancy | None:
    """The occupancy of these CPUs; None where they, or our own use of them, are not known."""
    if own is None or not cpus or not all(cpu in before.spare and cpu in after.spare for cpu in cpus):
        return None
    given = max(1e-9, (after.at - before.at) * len(cpus))
    spare = sum(after.spare[cpu] - before.spare[cpu] for cpu in cpus)
    idle = sum(after.idle[cpu] - before.idle[cpu] for cpu in cpus)
    return Occupancy(foreign=(given - spare - own) / given, idle=idle / given)
