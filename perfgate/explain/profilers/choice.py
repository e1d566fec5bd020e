"""The profiler that serves, by what the service is and what is installed."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.explain.profilers.command import CommandProfiler
from perfgate.explain.profilers.processes import python_processes
from perfgate.explain.profilers.profiler import Profiler, ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.explain.profilers.py_spy import PySpy
from perfgate.explain.settings import ExplainSettings


def choose_profiler(settings: ExplainSettings, sides: Sequence[Sequence[int]], place: ProfilerPlace) -> Profiler:
    """One profiler for both sides. sides: the first processes of each. ProfilerError where none serves."""
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
