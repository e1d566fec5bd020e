"""The main loop of a worker: it loads the scenarios, then carries out one command after the other."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gevent
from gevent.pool import Group

from perfgate.errors import NoVerdictError
from perfgate.load.generator import messages
from perfgate.load.generator.executor import Executor, Part
from perfgate.load.generator.garbage import settle, thaw
from perfgate.load.generator.greenlets import Greenlets
from perfgate.load.generator.live_slices import LiveSlices, report_of
from perfgate.load.generator.loop_monitor import LoopMonitor
from perfgate.load.generator.recorder import RoundRecorder
from perfgate.load.generator.scenario_copies import ScenarioCopies
from perfgate.load.generator.unique_ids import UniqueIds
from perfgate.load.generator.user_pool import UserPool, WorkerContext
from perfgate.load.processes.messages import Done
from perfgate.load.processes.parent import Parent
from perfgate.load.reports import WorkerReport
from perfgate.load.wire.connector import Connector
from perfgate.load.wire.http_wire import new_wire
from perfgate.load.wire.stream import Deadlines
from perfgate.metrics.request_names import Names
from perfgate.scenario.overrides import Overrides

_FAILED = "the worker failed"

# Where in its turn a user begins where one side is loaded alone.
_MIDDLE = 0.5


def serve(parent: Parent) -> None:
    """Carry out the parent's messages. They are read while a round is played, so that its end is noticed at once."""
    start = parent.receive(messages.Start)
    if start is None:
        return
    try:
        worker = _start(start)
    except Exception as error:  # of the scenario files, or a defect of perfgate
        parent.complain_of(error, _FAILED)
        return
    parent.reply(Done())
    busy: gevent.Greenlet | None = None
    while (command := parent.receive(*messages.COMMANDS)) is not None:
        if isinstance(command, messages.Signal):
            worker.signal(command)
            continue
        if busy is not None:
            busy.join()
        if isinstance(command, messages.PlaySlices):
            step: Callable[[], Any] = partial(worker.play_slices, command, parent.reply)
        else:
            step = partial(worker.carry_out, command)
        busy = gevent.spawn(parent.answer, step, _FAILED)


def _start(start: messages.Start) -> Worker:
    if start.config.cpus and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, start.config.cpus)
    return Worker(start.config, start.worker)


class Worker:
    """The scenarios of a worker and their pools of users.

    number: of the worker.
    new_group: makes the group of the greenlets that the users of a round run in.
    """

    def __init__(self, config: messages.WorkerConfig, number: int, new_group: Callable[[], Greenlets] = Group) -> None:
        self._new_group = new_group
        overrides = Overrides(config.vus, config.duration, config.scales)
        self._scenarios = ScenarioCopies(Path(config.folder), config.wanted, overrides, config.seed)
        self._context = WorkerContext(
            new_wire=partial(new_wire, Connector(Deadlines())),
            ids=UniqueIds(config.nonce, number, config.workers),
            seed=config.seed,
        )
        self._pools: dict[tuple[str, str], UserPool] = {}
        self._live: LiveSlices | None = None

    def hashes(self) -> dict[str, str]:
        """The hashes of the scenarios, by name."""
        return {name: scenario.hash for name, scenario in self._scenarios.known.items()}

    def signal(self, signal: messages.Signal) -> None:
        """Pass a signal on to the slices that are being played."""
        if self._live is not None:
            self._live.signal(signal)

    def carry_out(self, command: messages.Command) -> messages.Opened | Done | WorkerReport:
        """Carry out a command; returns the reply to it."""
        if isinstance(command, messages.Open):
            return messages.Opened(self._open(command))
        if isinstance(command, messages.Close):
            self._close(command)
            return Done()
        return self._play(command)

    def _open(self, command: messages.Open) -> Any:
        pool = UserPool(self._scenarios.take(command.scenario), command.url, self._context, command.verify)
        self._pools[command.scenario, command.side] = pool
        pool.data = command.data
        return pool.set_up() if command.set_up else None

    def _close(self, command: messages.Close) -> None:
        pool = self._pools.pop((command.scenario, command.side), None)
        if pool is not None and command.tear_down:
            pool.tear_down()
        thaw()

    def _pool(self, scenario: str, side: str) -> UserPool:
        if (scenario, side) not in self._pools:
            raise NoVerdictError(f"{scenario} is not open on {side}")
        return self._pools[scenario, side]

    def _play(self, command: messages.Play) -> WorkerReport:
        pool = self._pool(command.scenario, command.side)
        recorder = RoundRecorder(Names())
        part = Part(command.slice, command.graceful_stop, command.share, command.phase, command.number, _MIDDLE)
        play = Executor(pool, part, recorder, self._new_group())
        play.prepare()
        settle()
        time.sleep(max(0.0, command.start_at - time.monotonic()))
        with LoopMonitor() as monitor:
            play.run()
        return report_of(recorder, monitor, pool.scenario.profile.is_open)

    def play_slices(self, command: messages.PlaySlices, reply: Callable[[Any], None]) -> messages.SliceReport:
        """Play slices; returns the last reply. reply: sends those that come before."""
        pools = {side: self._pool(command.scenario, side) for side in command.sides}
        self._live = LiveSlices(command, pools, self._new_group)
        try:
            self._live.play(reply)
        finally:
            self._live = None
        return messages.SliceReport({}, False)
