"""Slices of load that users live through: on one side, or on both, at the same time or in short turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import gevent
from gevent.event import AsyncResult

from perfgate.load.generator import messages
from perfgate.load.generator.executor import Executor, Part
from perfgate.load.generator.garbage import settle
from perfgate.load.generator.greenlets import Greenlets
from perfgate.load.generator.loop_monitor import LoopMonitor
from perfgate.load.generator.recorder import RoundRecorder
from perfgate.load.generator.shared_users import SharedUsers
from perfgate.load.generator.user_pool import UserPool
from perfgate.load.pacer import staggers
from perfgate.load.phase import Phase
from perfgate.load.processes.messages import Done, to_plain
from perfgate.load.reports import WorkerReport
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.request_names import Names

# A request that takes longer than this may never be answered (s).
_LONG = 5.0


class LiveSlices:
    """A worker's share of the slices. What users do is counted into the slice in which it ends.

    Requests that have waited for long when the last slice ends get the graceful stop, as in a round that stands alone,
    and count into that slice: else those that are never answered would be neither slow nor failed.
    """

    def __init__(
        self, command: messages.PlaySlices, pools: Mapping[str, UserPool], new_group: Callable[[], Greenlets]
    ) -> None:
        self._command = command
        self._recorders = {side: RoundRecorder(Names()) for side in pools}
        self._plays = {}
        group = new_group()
        for (side, pool), stagger in zip(pools.items(), staggers(len(pools)), strict=True):
            stop, share = command.graceful_stop, command.share
            part = Part(command.slice, stop, share, command.phase, command.number, stagger)
            own = group if command.turns else new_group()
            self._plays[side] = Executor(pool, part, self._recorders[side], own)
        plays = list(self._plays.values())
        self._shared = SharedUsers(plays, command.turns, group) if command.turns else None
        self._is_open = any(pool.scenario.profile.is_open for pool in pools.values())
        self._start_at: AsyncResult = AsyncResult()
        self._halted = False

    def signal(self, signal: messages.Signal) -> None:
        """Let the users begin, or end them."""
        if isinstance(signal, messages.Go):
            self._start_at.set(signal.start_at)
            return
        self._halted = True
        if not self._start_at.ready():
            self._start_at.set(time.monotonic())
        for play in self._plays.values():
            gevent.spawn(play.halt)

    def play(self, reply: Callable[[Any], None]) -> None:
        """Play until the last slice has ended or a Halt comes; `reply` is called with the report of each slice."""
        gevent.joinall([gevent.spawn(play.prepare) for play in self._plays.values()], raise_error=True)
        settle()
        reply(Done())
        start_at = self._start_at.get()
        if self._halted:
            return
        time.sleep(max(0.0, start_at - time.monotonic()))
        running = (
            [gevent.spawn(play.run, sliced=True) for play in self._plays.values()]
            if self._shared is None
            else [gevent.spawn(self._shared.run)]
        )
        late = self._report_slices(start_at, reply)
        gevent.joinall(running, raise_error=True)
        if late:
            reply(messages.SliceReport({side: self._tail(side) for side in late}, False))

    def _report_slices(self, start_at: float, reply: Callable[[Any], None]) -> list[str]:
        """Report slice after slice; returns the sides on which requests have waited for long when the last one ends."""
        command, late = self._command, list[str]()
        length = command.slice.length / command.count
        began = start_at + command.slice.spread
        self._wait_until(began)
        for recorder in self._recorders.values():
            recorder.leave_out()
        self._seconds(0.0)
        for number in range(1, command.count + 1):
            with LoopMonitor() as monitor:
                self._wait_until(began + number * length)
            if self._halted:
                return []
            now = time.monotonic()
            waiting = {side: recorder.waiting(self._patience) for side, recorder in self._recorders.items()}
            if number == command.count and command.phase is Phase.MEASURING:
                late = [side for side, count in waiting.items() if count]
            counted = {side: recorder.cut() for side, recorder in self._recorders.items()}
            seconds = self._seconds(now - began - (number - 1) * length)
            for side, one in counted.items():
                one.tally.seconds = max(1e-9, seconds[side])
            reports = {
                side: to_plain(report_of(one, monitor, self._is_open, waiting[side])) for side, one in counted.items()
            }
            reply(messages.SliceReport(reports, bool(late)))
        return late

    def _seconds(self, passed: float) -> dict[str, float]:
        """For how long each side was loaded since this was asked before (s). passed: the time that has passed since."""
        if self._shared is None:
            return dict.fromkeys(self._recorders, passed)
        return {side: self._shared.take_seconds(place) for place, side in enumerate(self._recorders)}

    @property
    def _patience(self) -> float:
        """How long a request may take before the end of the slices is put off for it (s)."""
        whole = self._command.slice.length
        return max(whole / self._command.count, min(_LONG, whole / 2))

    def _tail(self, side: str) -> dict[str, Any]:
        """What became of the requests that were under way when the last slice ended, as a plain tally."""
        tally = self._recorders[side].cut().tally
        tally.seconds, tally.vus, tally.vus_max = 0.0, 0, 0
        return tally.to_plain()

    def _wait_until(self, moment: float) -> None:
        while not self._halted and (left := moment - time.monotonic()) > 0:
            gevent.sleep(min(left, 0.1))


def report_of(recorder: RoundRecorder, monitor: LoopMonitor, is_open: bool, unanswered: int = 0) -> WorkerReport:
    """What was counted, with how the process fared meanwhile."""
    return WorkerReport(
        tally=recorder.tally.to_plain(),
        stamped=recorder.stamped,
        stamps_missing=recorder.stamps_missing,
        reader_lag=_seconds(recorder.reader_lag, 0.5),
        hub_lag=monitor.hub_lag,
        schedule_lag=_seconds(recorder.schedule_lag, 0.99),
        cpu=monitor.cpu,
        cpu_waited=monitor.cpu_waited,
        offered=recorder.offered if is_open else None,
        scenario_errors=dict(recorder.scenario_errors),
        unanswered=unanswered,
        elsewhere=dict(recorder.elsewhere),
    )


def _seconds(histogram: Histogram, fraction: float) -> float:
    return histogram.quantile(fraction) / 1e9 if histogram.count else 0.0
