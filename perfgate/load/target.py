"""The two sides of a measurement, as the runner sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from perfgate.metrics.run import Environment, GeneratorRecord


class Usage(Protocol):
    """What a service has used so far.

    cpu_seconds: since its start.
    memory_bytes: peak.
    """

    @property
    def cpu_seconds(self) -> float: ...

    @property
    def memory_bytes(self) -> int: ...


class LoadWatch(Protocol):
    """A watch over the machine's CPUs during one round, or two in short turns."""

    def start(self) -> None:
        """The round begins."""

    def turn(self, side: str) -> None:
        """It is the turn of this side, until the next call."""

    def stop(self) -> None:
        """The round has ended."""

    def environment(self, generator: GeneratorRecord, service_cpu: float | None, side: str = "") -> Environment | None:
        """Who used the CPUs in between; None where that cannot be told.

        service_cpu: of the watched side's service, in seconds, if known. side: of two rounds in short turns, whose.
        """


class CounterValue(Protocol):
    """What a counter says. gauge: it may fall as well as rise, and is taken as it is."""

    @property
    def value(self) -> float: ...

    @property
    def gauge(self) -> bool: ...


class CountersRead(Protocol):
    """What all counters say at one moment, by name. trouble: why they could not be read; "" where they could."""

    @property
    def values(self) -> Mapping[str, CounterValue]: ...

    @property
    def trouble(self) -> str: ...


class LoadTarget(Protocol):
    """One side of a measurement, and the service that stands there.

    side: "base" or "head"; "" for a run of one target.
    url: of the instance that runs now.
    can_renew: whether another instance of the service can take its place.
    cpus: how many CPUs the service has; 0 where nobody knows.
    dependency_cpus: how many CPUs its dependencies have for themselves; 0 where they share the service's.
    resets: whether `prepare` sets the service back before every round.
    has_counters: whether `counters` reads anything. That is done while there is no load.
    """

    @property
    def side(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def can_renew(self) -> bool: ...

    @property
    def cpus(self) -> int: ...

    @property
    def dependency_cpus(self) -> int: ...

    @property
    def resets(self) -> bool: ...

    @property
    def has_counters(self) -> bool: ...

    def counters(self) -> CountersRead:
        """What its counters say now."""

    def confirm_counters(self) -> None:
        """A warm-up is over. TargetError where a counter is still missing: no round would have it."""

    def usage(self) -> Usage | None:
        """What the service has used; None where that cannot be had."""

    def dependency_usage(self) -> Mapping[str, Usage] | None:
        """What the service's dependencies have used, by name; those of one name together.

        What both sides share is in both mappings, whichever side it was found on. {} where the service depends on
        nothing on this machine; None where nobody can tell. One that cannot be read now is left out.
        """

    def shared_servers(self) -> frozenset[str]:
        """The names of the servers that both sides depend on, whose CPU is one side's only while that alone is loaded.

        As far as was found until now.
        """

    def stands_alone(self) -> bool:
        """Whether the other side is another service, not the same process or container under another address."""

    def times_throttled(self) -> Mapping[str, int]:
        """How often each control group of the service and its dependencies had used up its quota until now."""

    def look(self) -> None:
        """Find what the services depend on now, besides what is found from time to time while they are loaded."""

    def trouble(self) -> str:
        """What is wrong with the service after a round; "" if nothing."""

    def watch(self) -> LoadWatch:
        """A watch for the next round."""

    def prepare(self) -> None:
        """Get the service ready for a round or a warm-up; nothing of it is measured."""

    def renew(self) -> None:
        """Put another instance of the service in the place of this one."""
