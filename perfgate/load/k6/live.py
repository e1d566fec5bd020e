"""Slices of load that k6 plays as one process a side: cut by the time stamps of its samples, read while it runs."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from perfgate.load.boundaries import Boundaries
from perfgate.load.engine import RoundResult, SlicePlan
from perfgate.load.k6.log import K6Log
from perfgate.load.k6.outcome import K6Outcome, judged_slice, lost_slice, record_of
from perfgate.load.k6.process import LOOK, Process, Watched
from perfgate.load.k6.samples import Folding, Samples
from perfgate.load.k6.script import K6Script
from perfgate.load.k6.slicing import K6Load
from perfgate.load.k6.start_line import StartLine
from perfgate.load.phase import Phase

# How long k6 goes on after the last slice, so that nothing of it is cut (s).
TAIL = 0.25

# k6 writes its samples five times a second: what is older than this when a later sample comes has been written (s).
_WRITTEN_AFTER = 0.3


@dataclass(frozen=True)
class Lane:
    """One side of sliced load.

    url: of the target.
    process: the k6 that loads it.
    samples, log: what it writes.
    """

    side: str
    url: str
    load: K6Load
    process: Process
    samples: BinaryIO
    log: BinaryIO


class K6Slices:
    """The slices of k6s that run at the same time.

    cpus: how many they may use, together.
    patience: how long they may take to begin, and how long to end after the last slice (s).
    """

    def __init__(self, script: K6Script, lanes: Sequence[Lane], plan: SlicePlan, cpus: int, patience: float) -> None:
        self._script = script
        self._plan = plan
        self._cpus = cpus
        self._patience = patience
        self._length = plan.part.length / plan.count
        self._lanes = [_Reading(lane, script, plan.count, self._length) for lane in lanes]
        self._warms_up = plan.phase is Phase.WARM_UP
        self._no_target = ("", 0)

    def play(self, start_line: StartLine) -> Generator[dict[str, RoundResult], None, None]:
        """Each slice as soon as all of it is known. Where a k6 ends early, the slice that it ended in is the last."""
        self._no_target = start_line.address
        started_at = self._started(start_line)
        if started_at is None:
            yield self._lost()
            return
        began = started_at + self._plan.part.spread
        for lane in self._lanes:
            lane.began = began
        begins = time.monotonic() + began - time.time()
        ends = begins + self._plan.part.length
        with Boundaries(begins, self._length, self._plan.count, self._plan.boundary) as boundaries:
            for number in range(self._plan.count):
                if not self._await(number, boundaries, ends):
                    yield self._lost()
                    return
                yield self._slice(number)

    def outcomes(self) -> dict[str, K6Outcome]:
        """What the k6s that have ended left behind, by side."""
        for lane in self._lanes:
            lane.watched.peers.discard(self._no_target)
        return {lane.lane.side: lane.outcome() for lane in self._lanes if lane.has_ended}

    def _started(self, start_line: StartLine) -> float | None:
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            started_at = start_line.started_at()
            if started_at is not None or self._look():
                return started_at
            time.sleep(LOOK)
        return None

    def _await(self, number: int, boundaries: Boundaries, ends: float) -> bool:
        """Wait until all of a slice is known. False where a k6 did not get so far."""
        is_last = number + 1 == self._plan.count
        while True:
            failed = self._look()
            until = self._lanes[0].began + (number + 1) * self._length
            if failed and any(lane.ended_at < until or is_last for lane in self._lanes if lane.has_failed):
                return False
            if boundaries.passed > number + 1:
                known = math.inf if is_last else until + _WRITTEN_AFTER  # the last one ends with k6 itself
                if all(lane.has_ended or lane.latest > known for lane in self._lanes):
                    return True
                if time.monotonic() > ends + self._patience:
                    return False
            time.sleep(LOOK)

    def _look(self) -> bool:
        """Read what there is. Whether a k6 has failed."""
        for lane in self._lanes:
            lane.look(self._warms_up)
        return any(lane.has_failed for lane in self._lanes)

    def _slice(self, number: int) -> dict[str, RoundResult]:
        begin = self._lanes[0].began + number * self._length
        cpu = sum(lane.watched.cpu_share(begin, begin + self._length) for lane in self._lanes) / self._cpus
        record = record_of(self._cpus, cpu, None)
        return {
            lane.lane.side: judged_slice(
                self._script, lane.lane.url, lane.lane.load, self._length, lane.slices[number], lane.raised(), record
            )
            for lane in self._lanes
        }

    def _lost(self) -> dict[str, RoundResult]:
        """The slice in which a k6 ended, or did not begin: invalid on both sides, since one had both CPUs."""
        failed = next((lane for lane in self._lanes if lane.has_failed), None)
        problem = failed.outcome().ending if failed is not None else "k6 did not begin or end in time and was stopped"
        return {lane.lane.side: lost_slice(self._cpus, problem) for lane in self._lanes}


class _Reading:
    """What one k6 has written so far.

    began: when the first slice did (Unix s).
    slices: their samples.
    """

    def __init__(self, lane: Lane, script: K6Script, count: int, length: float) -> None:
        self.lane = lane
        self.began = math.inf
        self.slices = [Samples() for _ in range(count)]
        self._length = length
        self._whole = Samples()
        self._sliced = Folding(lane.url, script.thresholds, self._choose)
        self._all = Folding(lane.url, (), lambda _metric, _ended: self._whole)
        self._rest = {"samples": b"", "log": b""}
        self._log = K6Log()
        self._told: Counter[str] = Counter()

    @property
    def watched(self) -> Watched:
        return self.lane.process.watched

    @property
    def latest(self) -> float:
        return self._sliced.latest

    @property
    def has_ended(self) -> bool:
        return self.watched.code is not None

    @property
    def ended_at(self) -> float:
        return self.watched.looks[-1][0]

    @property
    def has_failed(self) -> bool:
        return self.has_ended and not self.outcome().ended_well

    def look(self, look_closely: bool) -> None:
        """Read what is new. look_closely: at where its requests go, too."""
        self.lane.process.has_ended(look_closely)
        for line in self._lines("samples", self.lane.samples):
            self._sliced.line(line)
            if look_closely:
                self._all.line(line)
        for line in self._lines("log", self.lane.log):
            self._log.add(line.decode(errors="replace"))

    def raised(self) -> dict[str, int]:
        """The exceptions of the script since this was asked before."""
        new = self._log.raised - self._told
        self._told += new
        return dict(new)

    def outcome(self) -> K6Outcome:
        self._whole.protocols = self._all.protocols
        return K6Outcome(self.watched, self._whole, self._log, 0.0)

    def _lines(self, kind: str, stream: BinaryIO) -> list[bytes]:
        *lines, self._rest[kind] = (self._rest[kind] + stream.read()).split(b"\n")
        return [line + b"\n" for line in lines]

    def _choose(self, metric: str, ended: float) -> Samples | None:
        number = math.floor((ended - self.began) / self._length) if ended >= self.began else -1
        if metric == "iteration_duration" and number >= len(self.slices):
            return self.slices[-1]  # of a warm-up that is shorter than an iteration
        return self.slices[number] if 0 <= number < len(self.slices) else None
