"""What the runner loads: one side of the bench."""

from __future__ import annotations

from collections.abc import Mapping

from perfgate.application.bench.bench import Bench
from perfgate.application.bench.cpu_interference import CpuInterference
from perfgate.load.target import Usage
from perfgate.machine.quota import times_throttled
from perfgate.service.counters.reading import CounterReading


class LoadedSide:
    """One side of the bench as the runner's LoadTarget: the instance of its service that runs now.

    counts: whether counters are read, where there are any.
    """

    def __init__(self, bench: Bench, side: str, counts: bool = True) -> None:
        self._bench = bench
        self._service = bench.service(side)
        self._counters = bench.counters(side) if counts else None
        self.side = side

    @property
    def url(self) -> str:
        return self._service.instance.url

    @property
    def can_renew(self) -> bool:
        return self._service.ours

    @property
    def cpus(self) -> int:
        return len(self._service.instance.cpus)

    @property
    def dependency_cpus(self) -> int:
        return self._bench.dependency_cpus

    @property
    def resets(self) -> bool:
        return self._bench.resets

    @property
    def has_counters(self) -> bool:
        return self._counters is not None

    def counters(self) -> CounterReading:
        return self._counters.read() if self._counters else CounterReading({}, "")

    def confirm_counters(self) -> None:
        if self._counters is not None:
            self._counters.confirm()

    def usage(self) -> Usage | None:
        return self._service.instance.usage()

    def dependency_usage(self) -> Mapping[str, Usage] | None:
        return self._bench.attribution.usage(self.side)

    def shared_servers(self) -> frozenset[str]:
        return self._bench.attribution.shared_servers()

    def stands_alone(self) -> bool:
        return self._bench.stands_alone(self.side)

    def times_throttled(self) -> Mapping[str, int]:
        beside = (pid for one in self._bench.attribution.dependencies(self.side) for pid in one.processes())
        return times_throttled({*self._service.instance.processes(), *beside})

    def look(self) -> None:
        self._bench.attribution.look()

    def trouble(self) -> str:
        return self._bench.trouble(self.side)

    def watch(self) -> CpuInterference:
        return self._bench.watch(self.side)

    def prepare(self) -> None:
        self._bench.prepare(self.side)

    def renew(self) -> None:
        self._bench.renew(self.side)
