"""The profilers that serve, by what the service is and what is installed."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.explain.profilers.command import CommandProfiler
from perfgate.explain.profilers.flight_recorder import FlightRecorder
from perfgate.explain.profilers.perf import Perf
from perfgate.explain.profilers.pprof import PprofPage
from perfgate.explain.profilers.processes import python_processes
from perfgate.explain.profilers.profiler import Profiler, ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.explain.profilers.py_spy import PySpy
from perfgate.explain.profilers.runtimes import Runtime, runtime_of, writes_perf_map
from perfgate.explain.profilers.v8_inspector import V8Inspector
from perfgate.explain.settings import ExplainSettings

_OWN_PROFILERS = "name a command under [explain] that prints folded stacks, as rbspy and phpspy do"


def choose_profiler(
    settings: ExplainSettings, sides: Sequence[Sequence[int]], place: ProfilerPlace, urls: Sequence[str] = ()
) -> Profiler:
    """What sees the service's CPU, one profiler for both sides. ProfilerError where none serves.

    sides: the first processes of each. urls: of the services.
    """
    if not all(sides):
        raise ProfilerError(
            "the processes of the service are not known", "measure targets that perfgate starts, or that run here"
        )
    if settings.command:
        return CommandProfiler(settings.command, place)
    if settings.pprof:
        return PprofPage(settings.pprof, {pids[0]: url for pids, url in zip(sides, urls, strict=True)})
    runtimes = [runtime_of(pids) for pids in sides]
    if len(set(runtimes)) > 1:
        raise ProfilerError(f"the two sides run different things, {' and '.join(one.value for one in runtimes)}")
    return _profiler_of(runtimes[-1], sides, place)


def _profiler_of(runtime: Runtime, sides: Sequence[Sequence[int]], place: ProfilerPlace) -> Profiler:
    if runtime is Runtime.PYTHON:
        return PySpy(place)
    if runtime is Runtime.JAVA:
        return FlightRecorder(place, sides[-1])
    if runtime is Runtime.NODE and not all(map(writes_perf_map, sides)):
        return V8Inspector()
    if runtime is Runtime.INTERPRETED:
        raise ProfilerError("perf would see functions of the interpreter, and none of the service", _OWN_PROFILERS)
    return Perf(place)


def choose_waiting_profiler(sides: Sequence[Sequence[int]], place: ProfilerPlace) -> Profiler | None:
    """What sees where the service waits; None where nothing does."""
    if not all(map(python_processes, sides)):
        return None
    try:
        return PySpy(place, waiting=True)
    except ProfilerError:
        return None
