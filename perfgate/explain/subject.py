"""A subject: what a profiler looks at beside the load."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.explain.cause import CauseKind
from perfgate.explain.profilers.profiler import Profiler


@dataclass(frozen=True)
class Subject:
    """The service, or one of its dependencies, and the profiler that serves.

    kind: what its samples are.
    dependency: the name of a dependency; "" for the service itself.
    profiler: looks at its processes.
    """

    kind: CauseKind
    dependency: str
    profiler: Profiler
