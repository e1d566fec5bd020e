"""A service that perfgate starts: one instance of it, or one after the other.

Two instances of one program are not equally fast. Where the system happened to lay their memory decides how branches
and lines of a cache get in each other's way, for as long as the instance lives (Mytkowicz et al. 2009, "Producing Wrong
Data Without Doing Anything Obviously Wrong!"; Curtsinger & Berger 2013, "Stabilizer"). No number of rounds on one
instance shows that; more instances do (Kalibera & Jones 2013, "Rigorous Benchmarking in Reasonable Time").
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from perfgate.service.service import Instance


def _nothing() -> None:
    """Most services leave nothing to clear away."""


class OwnService:
    """A service that perfgate starts, and stops again.

    start: starts one more instance, ready for load.
    clear: takes away what all instances stood on, once the last has ended.
    instance: the one that runs now.
    """

    ours = True

    def __init__(self, start: Callable[[], Instance], clear: Callable[[], None] = _nothing) -> None:
        self._start = start
        self._clear = clear
        try:
            self.instance = start()
        except BaseException:
            clear()
            raise

    def renew(self) -> None:
        self.instance.stop()
        self.instance = self._start()

    def stop(self) -> None:
        try:
            self.instance.stop()
        finally:
            self._clear()

    def __enter__(self) -> OwnService:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
