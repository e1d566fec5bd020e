"""Targets for the runner that no service stands behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from perfgate.load.target import Usage
from perfgate.metrics.run import Environment, GeneratorRecord
from perfgate.service.counters.reading import CounterReading


class LoadTarget:
    """One side, as a runner sees it. urls: of one instance after the other; without them one, never renewed."""

    def __init__(
        self,
        side: str,
        url: str,
        usage: Callable[[], Usage | None] = lambda: None,
        trouble: Callable[[], str] = lambda: "",
        urls: Iterator[str] | None = None,
        dependencies: Callable[[], Mapping[str, Usage] | None] = lambda: None,
    ) -> None:
        self.side = side
        self.url = url
        self._usage = usage
        self._trouble = trouble
        self._urls = urls
        self._dependencies = dependencies

    cpus = 1
    dependency_cpus = 0
    shared: frozenset[str] = frozenset()
    alone = True
    looks = 0
    throttled = throttles = 0
    resets = False
    has_counters = False

    @property
    def can_renew(self) -> bool:
        return self._urls is not None

    def usage(self) -> Usage | None:
        return self._usage()

    def counters(self) -> CounterReading:
        return CounterReading({}, "")

    def confirm_counters(self) -> None:
        """Nothing is missing."""

    def dependency_usage(self) -> Mapping[str, Usage] | None:
        return self._dependencies()

    def shared_servers(self) -> frozenset[str]:
        return self.shared

    def stands_alone(self) -> bool:
        return self.alone

    def times_throttled(self) -> Mapping[str, int]:
        self.throttled += self.throttles
        return {"group": self.throttled}

    def look(self) -> None:
        self.looks += 1

    def trouble(self) -> str:
        return self._trouble()

    def watch(self) -> Unwatched:
        return Unwatched()

    def prepare(self) -> None:
        """Nothing to do."""

    def renew(self) -> None:
        assert self._urls is not None
        self.url = next(self._urls)


class Unwatched:
    """A LoadWatch that does not look."""

    def start(self) -> None:
        """The round begins."""

    def turn(self, side: str) -> None:
        """It is the turn of this side."""

    def stop(self) -> None:
        """The round has ended."""

    def environment(self, generator: GeneratorRecord, service_cpu: float | None, side: str = "") -> Environment | None:
        return None
