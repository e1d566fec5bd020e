"""Pairs under a profiler, on the instances that a bench has running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from perfgate.application.bench import Bench
from perfgate.explain.folded import Profile, parse_folded
from perfgate.explain.profilers.processes import folder_of
from perfgate.explain.profilers.profiler import Profiler
from perfgate.explain.profiles import ProfiledPair, ProfiledRound
from perfgate.load.pacer import slices
from perfgate.load.runner import DuetLoad
from perfgate.load.target import LoadTarget
from perfgate.metrics.run import Round
from perfgate.scenario import AnyScenario


class Profiling:
    """A bench and the profiler that looks at its services."""

    def __init__(self, bench: Bench, profiler: Profiler) -> None:
        self._bench = bench
        self._profiler = profiler
        self._latest: dict[str, Profile] = {}
        self._round_seconds = 1

    def pairs(self, scenario: AnyScenario, count: int, round_seconds: int) -> list[ProfiledPair]:
        """So many pairs, each round under the profiler. ProfilerError where that fails."""
        self._round_seconds = round_seconds
        load = DuetLoad(slices(scenario.profile, round_seconds), count, 2.0 * round_seconds, at_once=False)
        targets = self._bench.target("base"), self._bench.target("head")
        return [
            ProfiledPair(self._profiled(pair.base), self._profiled(pair.head))
            for pair in self._bench.runner.pairs_beside(scenario, targets, load, self._record)
        ]

    @contextmanager
    def _record(self, target: LoadTarget) -> Iterator[None]:
        pids = self._bench.service(target.side).instance.processes()
        with self._profiler.record(pids, self._round_seconds) as recording:
            yield
            self._latest[target.side] = parse_folded(recording.folded(), folder_of(pids))

    def _profiled(self, played: Round) -> ProfiledRound:
        tally = played.tally
        return ProfiledRound(self._latest[played.side], tally.attempts, tally.service_cpu_seconds or 0.0)
