"""Opens targets: afterwards there is a service with a URL that answers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from perfgate.errors import TargetError
from perfgate.service.petstore.injections import Injections
from perfgate.service.process import ServiceProcess
from perfgate.service.readiness import accepts_connections, wait_until_ready
from perfgate.service.target import PetstoreTarget, Target, UrlTarget
from perfgate.service.usage import Usage
from perfgate.units import format_seconds


class Service(Protocol):
    """Something that takes load. Leaving its `with` block stops what opening it started."""

    @property
    def url(self) -> str:
        """Where load goes; with a URL's user info, and so never shown."""
        ...

    def usage(self) -> Usage | None:
        """What the service has used so far; None where that cannot be had, or the service has ended."""
        ...

    def alive(self) -> bool:
        """Whether it still runs, or, where it is not ours, still takes connections."""
        ...

    def logs(self) -> str:
        """The last 50 lines that it wrote, as far as they can be had."""
        ...

    def stop(self) -> None:
        """Stop what was started. Once is enough; more does no harm."""
        ...

    def __enter__(self) -> Service: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def open_target(target: Target, cpus: Sequence[int], ready_timeout: float) -> Service:
    """The service behind `target`, ready for load.

    cpus: where a service that is started here may run; empty for everywhere. ready_timeout: seconds until it must have
    answered. TargetError where it does not, with the last answer or the service's own last words.
    """
    if isinstance(target, UrlTarget):
        wait_until_ready(target.url, target.text, ready_timeout)
        return UrlService(target.url)
    if isinstance(target, PetstoreTarget):
        return _open_petstore(target.injections, cpus, ready_timeout)
    raise AssertionError(f"nothing opens {target}")


class UrlService:
    """A service that somebody else started: all there is to know of it is whether it is there."""

    def __init__(self, url: str) -> None:
        self.url = url

    def usage(self) -> Usage | None:
        return None

    def alive(self) -> bool:
        return accepts_connections(self.url)

    def logs(self) -> str:
        return ""

    def stop(self) -> None:
        """It is not ours to stop."""

    def __enter__(self) -> UrlService:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


class ProcessService:
    """A service in a child process."""

    def __init__(self, url: str, process: ServiceProcess) -> None:
        self.url = url
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def usage(self) -> Usage | None:
        return self._process.usage()

    def alive(self) -> bool:
        return self._process.alive()

    def logs(self) -> str:
        return self._process.logs()

    def stop(self) -> None:
        self._process.stop()

    def __enter__(self) -> ProcessService:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _open_petstore(injections: Injections, cpus: Sequence[int], ready_timeout: float) -> ProcessService:
    options = [f"--{name}={value}" for name, value in injections.options().items()]
    process = ServiceProcess([sys.executable, "-m", "perfgate.service.petstore", "--lifeline", *options], cpus)
    # It says its URL when it has begun to listen: there is nothing to wait for after that.
    url = process.read_line(ready_timeout)
    if not url:
        process.stop()
        last_words = process.logs() or "it wrote nothing"
        raise TargetError(f"the petstore did not start within {format_seconds(ready_timeout)}:\n{last_words}")
    return ProcessService(url, process)
