"""One side while it warms up: what was counted of it, and what that says of its load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean

from perfgate.load.engine import RoundResult
from perfgate.load.side_cpu import SideCpu, UsedCpu, busy_share
from perfgate.load.steadiness import is_steady, still_falls
from perfgate.load.target import LoadTarget
from perfgate.metrics.tally import Tally, merged
from perfgate.metrics.tally_statistics import read

# Iterations shorter than this are over before a burst of users could matter; they are no thinking either (s).
_SHORT_ITERATION = 0.1
# A service that has just started may begin with longer ones; they get shorter where the newer ones take less than this
# share of the older ones.
_SHORTER = 0.9


@dataclass
class WarmingSide:
    """One side while it warms up: its levels, one for each step, the turn of each, and what was counted.

    throttled: how often each of its control groups had used up its quota of CPU time before.
    """

    target: LoadTarget
    throttled: Mapping[str, int]
    levels: list[float] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    used: list[UsedCpu] = field(default_factory=list)
    generator: list[float] = field(default_factory=list)

    def add(self, result: RoundResult, cpu: SideCpu, turn: int | None) -> None:
        """Count a step. turn: of the level that it shows; None where users begin in it, so that it shows none."""
        tally = result.tally
        tally.service_cpu_seconds = cpu.total
        self.used.append(UsedCpu(tally.seconds, cpu))
        self.tallies.append(tally)
        self.generator.append(result.generator.cpu)
        if turn is None:
            return
        level = _median_latency(tally) if cpu.total is None else read(tally, "service_cpu", "value")
        if level:
            self.levels.append(level)
            self.turns.append(turn)

    def forget_levels(self) -> None:
        """Forget the levels so far: from now on it is loaded in another way."""
        self.levels.clear()
        self.turns.clear()

    @property
    def requests(self) -> int:
        return sum(tally.request_count for tally in self.tallies)

    @property
    def seconds(self) -> float:
        return sum(tally.seconds for tally in self.tallies)

    @property
    def is_steady(self) -> bool:
        """Whether its level has settled."""
        return is_steady(self.levels, self.turns)

    @property
    def still_falls(self) -> bool:
        """Whether it still gets faster."""
        return still_falls(self.levels, self.turns)

    @property
    def iteration(self) -> float:
        """The median duration of the newer iterations (s); 0 where none ended."""
        return _iteration(self._newer)

    @property
    def overhang(self) -> float:
        """How long an iteration still takes from a moment that falls into it (s)."""
        return self._newer.iterations.mean_left / 1e9

    @property
    def shows_levels(self) -> bool:
        """Whether steps of its load say something of the level: its iterations are short, or on their way to be."""
        return 0 < self.iteration <= _SHORT_ITERATION or self._gets_shorter

    @property
    def hurries(self) -> bool:
        """Whether its users wait for answers most of the time.

        They take what they can get, and the other side's share.
        """
        vus = max(tally.vus_max for tally in self.tallies)
        return self._waited > max(1e-9, self.seconds) * vus / 2

    def busy(self, cpus: int) -> float:
        """The share of so many CPUs that its load keeps busy; where that is not known, how many requests wait."""
        share = busy_share(self.used, cpus, self.target.dependency_cpus)
        return self._waited / max(1e-9, self.seconds) / cpus if share is None else share

    def was_throttled(self) -> bool:
        """Whether it has used up a quota of CPU time since its warm-up began."""
        now = self.target.times_throttled()
        return any(times > self.throttled.get(group, times) for group, times in now.items())

    @property
    def _newer(self) -> Tally:
        """What was counted once the first iterations were over; all of it where none ended since."""
        latest = merged(self.tallies[len(self.tallies) // 2 :])
        return latest if latest.iterations.count else merged(self.tallies)

    @property
    def _gets_shorter(self) -> bool:
        """Whether its newer iterations are shorter than the first ones, since its users wait for answers."""
        first = _iteration(merged(self.tallies[: len(self.tallies) // 2]))
        return 0 < self.iteration < _SHORTER * first and self.hurries

    @property
    def _waited(self) -> float:
        """How long its users waited for answers, all together (s)."""
        return sum(
            (requests.ok.total + requests.failed.total) / 1e9
            for tally in self.tallies
            for requests in tally.requests.values()
        )


def _median_latency(tally: Tally) -> float | None:
    """The mean of the medians of all request names (ms); of failed requests where none succeeded, None without any."""
    values = [read(tally, "http_req_duration", "med", name) for name in tally.requests]
    known = [value for value in values if value]
    if not known:
        known = [requests.failed.quantile(0.5) / 1e6 for requests in tally.requests.values() if requests.failed.count]
    return fmean(known) if known else None


def _iteration(tally: Tally) -> float:
    """The median duration of an iteration (s); 0 where none ended."""
    return (read(tally, "iteration_duration", "med") or 0.0) / 1000
