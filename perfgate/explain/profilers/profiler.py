"""The interface of profilers: a service goes in, a profile comes out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from perfgate.errors import PerfgateError
from perfgate.explain.profile import Profile


class ProfilerError(PerfgateError):
    """A profiler that is missing, is not allowed to look, or failed. It never changes a verdict."""


class Recording(Protocol):
    """A profiler at work."""

    def profile(self) -> Profile:
        """End it; what it saw. ProfilerError where it failed."""


class Profiler(Protocol):
    """What records the stacks of a service.

    name: as its own documents call it.
    """

    name: str

    def record(self, pids: Sequence[int], seconds: int) -> AbstractContextManager[Recording]:
        """Look at these processes and their descendants from now on; leaving the block ends it in any case.

        seconds: of load that begin now: users that begin, and the round.
        """
