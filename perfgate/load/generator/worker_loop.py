"""What a worker does: load the scenarios that it is told of, and carry out one command after the other."""

from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import gevent
from gevent.fileobject import FileObject
from gevent.pool import Group

from perfgate.errors import NoVerdictError, PerfgateError
from perfgate.load.generator import messages
from perfgate.load.generator.executor import Part, Play
from perfgate.load.generator.greenlets import Greenlets
from perfgate.load.generator.loop_monitor import LoopMonitor
from perfgate.load.generator.recorder import RoundRecorder
from perfgate.load.generator.unique_ids import UniqueIds
from perfgate.load.generator.user_pool import UserPool, WorkerContext
from perfgate.load.reports import WorkerReport
from perfgate.load.wire.connector import Connector
from perfgate.load.wire.http_wire import new_wire
from perfgate.load.wire.stream import Deadlines
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.request_names import Names
from perfgate.metrics.tally import to_plain
from perfgate.scenario import Scenario
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides


def serve(commands: int, answers: BinaryIO) -> None:
    """Take orders and commands from the file descriptor `commands` until it ends. It is read while a round is played,
    so that the end of the parent is noticed at once.
    """
    lines = FileObject(commands, "rb")
    worker: Worker | None = None
    busy: gevent.Greenlet | None = None
    while line := lines.readline():
        if worker is None:
            worker = _answering(answers, partial(_enlisted, line))
            if worker is None:
                return
            _answer(answers, {"ready": os.getpid()})
            continue
        if busy is not None:
            busy.join()
        command = messages.read(line)
        busy = gevent.spawn(_answering, answers, partial(_carry_out, worker, command, answers))


def _enlisted(line: bytes) -> Worker:
    orders = messages.Orders(**json.loads(line))
    if orders.cpus and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, orders.cpus)
    return Worker(orders)


def _carry_out(worker: Worker, command: messages.Command, answers: BinaryIO) -> None:
    _answer(answers, worker.carry_out(command))


def _answering(answers: BinaryIO, step: Any) -> Any:
    """What `step` returns; where it raises, None, and the parent is told why."""
    try:
        return step()
    except BrokenPipeError:
        os._exit(0)  # nobody is left to tell
    except PerfgateError as error:
        _answer(answers, {"error": error.message, "hint": error.hint})
    except Exception as error:  # a mistake of ours: the parent must hear of it rather than wait
        _answer(answers, {"error": f"the worker failed: {type(error).__name__}: {error}", "hint": "please report it"})
    return None


def _answer(answers: BinaryIO, value: dict[str, Any]) -> None:
    data = json.dumps(value).encode() + b"\n"
    while data:
        data = data[answers.write(data) :]


class Worker:
    """Holds the scenarios and their pools, and plays what it is told to.

    new_group: makes the group of the greenlets that the users of a round run in.
    """

    def __init__(self, orders: messages.Orders, new_group: Callable[[], Greenlets] = Group) -> None:
        self._new_group = new_group
        scenarios = load_scenarios(Path(orders.folder), orders.wanted, Overrides(orders.vus, orders.duration))
        self._scenarios = {scenario.name: scenario for scenario in scenarios if isinstance(scenario, Scenario)}
        self._context = WorkerContext(
            new_wire=partial(new_wire, Connector(Deadlines())),
            ids=UniqueIds(orders.nonce, orders.worker, orders.workers),
            seed=orders.seed,
        )
        self._pools: dict[tuple[str, str], UserPool] = {}

    def hashes(self) -> dict[str, str]:
        """What tells the scenarios from others of their names."""
        return {name: scenario.hash for name, scenario in self._scenarios.items()}

    def carry_out(self, command: messages.Command) -> dict[str, Any]:
        """Do what a command says; the answer to it."""
        if isinstance(command, messages.Open):
            return {"data": self._open(command)}
        if isinstance(command, messages.Close):
            return self._close(command)
        return asdict(self._play(command))

    def _open(self, command: messages.Open) -> Any:
        pool = UserPool(self._scenarios[command.scenario], command.url, self._context)
        self._pools[command.scenario, command.side] = pool
        pool.data = command.data
        return pool.set_up() if command.set_up else None

    def _close(self, command: messages.Close) -> dict[str, Any]:
        pool = self._pools.pop((command.scenario, command.side), None)
        if pool is not None and command.tear_down:
            pool.tear_down()
        return {}

    def _play(self, command: messages.Play) -> WorkerReport:
        if (command.scenario, command.side) not in self._pools:
            raise NoVerdictError(f"{command.scenario} is not open on {command.side}")
        pool = self._pools[command.scenario, command.side]
        recorder = RoundRecorder(Names())
        part = Part(command.slice, command.share, command.phase, command.number)
        play = Play(pool, part, recorder, self._new_group())
        gc.collect()
        gc.freeze()
        time.sleep(max(0.0, command.start_at - time.monotonic()))
        with LoopMonitor() as monitor:
            play.run()
        return _played(recorder, monitor, pool.scenario.profile.is_open)


def _played(recorder: RoundRecorder, monitor: LoopMonitor, is_open: bool) -> WorkerReport:
    return WorkerReport(
        tally=to_plain(recorder.tally),
        stamped=recorder.reader_lag.count,
        stamps_missing=recorder.stamps_missing,
        reader_lag=_seconds(recorder.reader_lag, 0.5),
        hub_lag=monitor.hub_lag,
        schedule_lag=_seconds(recorder.schedule_lag, 0.99),
        cpu=monitor.cpu,
        offered=recorder.offered if is_open else None,
        scenario_errors=dict(recorder.scenario_errors),
        too_many_names=recorder.names.overflowed(),
    )


def _seconds(histogram: Histogram, fraction: float) -> float:
    return histogram.quantile(fraction) / 1e9 if histogram.count else 0.0
