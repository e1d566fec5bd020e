"""The profilers that serve, by what the service is and what is installed."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.explain.profilers.command import CommandProfiler
from perfgate.explain.profilers.processes import python_processes
from perfgate.explain.profilers.profiler import Profiler, ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.explain.profilers.py_spy import PySpy
from perfgate.explain.settings import ExplainSettings


def choose_profiler(settings: ExplainSettings, sides: Sequence[Sequence[int]], place: ProfilerPlace) -> Profiler:
    """What sees the service's CPU, one profiler for both sides. ProfilerError where none serves.

    sides: the first processes of each.
    """
    if not all(sides):
        raise ProfilerError(
            "the processes of the service are not known", "measure targets that perfgate starts, or that run here"
        )
    if settings.command:
        return CommandProfiler(settings.command, place)
    if all(map(python_processes, sides)):
        return PySpy(place)
    raise ProfilerError(
        "the service is no Python program, and no profiler for it is named",
        "name one that prints folded stacks: command under [explain] in perfgate.toml",
    )


def choose_waiting_profiler(sides: Sequence[Sequence[int]], place: ProfilerPlace) -> Profiler | None:
    """What sees where the service waits; None where nothing does."""
    if not all(map(python_processes, sides)):
        return None
    try:
        return PySpy(place, waiting=True)
    except ProfilerError:
        return None
