"""A generator worker: a process of its own that plays its share of every round. `python -m perfgate.load.worker`.

Commands come in on standard input and answers go out on what was standard output, one JSON object a line. The end of
the input is the end of the worker, so none outlives its parent. What scenarios print goes to standard error.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfgate.load.crew import Crew, Surroundings
    from perfgate.load.executor import Play as Playing
    from perfgate.load.messages import Command, Open, Orders, Play, Played
    from perfgate.scenario import Scenario

_HUB_TICK = 0.01


def main() -> None:
    """Serve one parent until it closes the pipe."""
    from gevent import monkey

    monkey.patch_all()  # scenarios may use any library that waits; only this process is patched
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    from gevent.fileobject import FileObject

    commands = FileObject(os.dup(0), "rb")
    try:
        worker = _enlist(commands.readline(), answers)
    except BrokenPipeError:
        return
    if worker is not None:
        worker.serve(commands)
    os._exit(0)  # requests that still wait are not waited for


def _enlist(line: bytes, answers: Any) -> Worker | None:
    from perfgate.errors import PerfgateError
    from perfgate.load.messages import Orders

    if not line:
        return None
    orders = Orders(**json.loads(line))
    if orders.cpus and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, orders.cpus)
    try:
        worker = Worker(orders, answers)
    except PerfgateError as error:
        _answer(answers, {"error": error.message, "hint": error.hint})
        return None
    _answer(answers, {"ready": os.getpid()})
    return worker


def _answer(answers: Any, value: dict[str, Any]) -> None:
    data = json.dumps(value).encode() + b"\n"
    while data:
        data = data[answers.write(data) :]


class Worker:
    """Holds the scenarios and their crews, and plays what it is told to."""

    def __init__(self, orders: Orders, answers: Any) -> None:
        from perfgate.scenario.finding import load_scenarios
        from perfgate.scenario.overrides import Overrides

        scenarios = load_scenarios(Path(orders.folder), orders.wanted, Overrides(orders.vus, orders.duration))
        self._scenarios: dict[str, Scenario] = {scenario.name: scenario for scenario in scenarios}
        self._orders = orders
        self._answers = answers
        self._surroundings = _surroundings(orders)
        self._crews: dict[tuple[str, str], Crew] = {}
        self._playing: Playing | None = None

    def serve(self, commands: Any) -> None:
        """Do what comes, one command after the other, until the parent is gone."""
        import gevent

        busy: Any = None
        while line := commands.readline():
            if line.strip() == b'"stop"':
                if self._playing is not None:
                    self._playing.stop()
                continue
            if busy is not None:
                busy.join()
            busy = gevent.spawn(self._do, line)

    def _do(self, line: bytes) -> None:
        from perfgate.errors import PerfgateError
        from perfgate.load import messages

        command = messages.read(line)
        try:
            _answer(self._answers, self._carry_out(command))
        except PerfgateError as error:
            _answer(self._answers, {"error": error.message, "hint": error.hint})
        except BrokenPipeError:
            os._exit(0)

    def _carry_out(self, command: Command) -> dict[str, Any]:
        from perfgate.load.messages import Close, Open

        if isinstance(command, Open):
            return {"data": self._open(command)}
        if isinstance(command, Close):
            crew = self._crews.pop((command.scenario, command.side), None)
            if crew is not None and command.tear_down:
                crew.tear_down()
            return {}
        return asdict(self._play(command))

    def _open(self, command: Open) -> Any:
        from perfgate.load.crew import Crew

        crew = Crew(self._scenarios[command.scenario], command.url, self._surroundings)
        self._crews[command.scenario, command.side] = crew
        crew.data = command.data
        return crew.set_up() if command.set_up else None

    def _play(self, command: Play) -> Played:
        from perfgate.load.account import RoundAccount
        from perfgate.load.executor import Part
        from perfgate.load.executor import Play as Playing
        from perfgate.load.naming import Names
        from perfgate.load.pacer import Share

        crew = self._crews[command.scenario, command.side]
        account = RoundAccount(Names())
        share = Share(self._orders.worker, self._orders.workers)
        self._playing = Playing(crew, Part(command.slice, share, command.pair), account)
        gc.collect()
        gc.freeze()
        time.sleep(max(0.0, command.start_at - time.monotonic()))
        with _Watch() as watch:
            self._playing.run()
        self._playing = None
        return _played(account, watch, crew.scenario.profile.is_open)


class _Watch:
    """CPU and hub lag while a round is played."""

    def __enter__(self) -> _Watch:
        import gevent

        self.hub_lag = 0.0
        self._began = time.monotonic()
        self._cpu_before = time.process_time()
        self._ticker = gevent.spawn(self._tick)
        return self

    def _tick(self) -> None:
        import gevent

        while True:
            before = time.monotonic()
            gevent.sleep(_HUB_TICK)
            self.hub_lag = max(self.hub_lag, time.monotonic() - before - _HUB_TICK)

    def __exit__(self, *_: object) -> None:
        self._ticker.kill()
        self.cpu = (time.process_time() - self._cpu_before) / max(1e-9, time.monotonic() - self._began)


def _played(account: Any, watch: _Watch, is_open: bool) -> Played:
    from perfgate.load.messages import Played
    from perfgate.metrics.tally import to_plain

    def seconds(histogram: Any, fraction: float) -> float:
        return histogram.quantile(fraction) / 1e9 if histogram.count else 0.0

    return Played(
        tally=to_plain(account.tally),
        stamped=account.reader_lag.count,
        stamps_missing=account.stamps_missing,
        reader_lag=seconds(account.reader_lag, 0.5),
        hub_lag=watch.hub_lag,
        schedule_lag=seconds(account.schedule_lag, 0.99),
        cpu=watch.cpu,
        offered=account.offered if is_open else None,
        mistakes=dict(account.mistakes),
        too_many_names=account.names.overflowed(),
    )


def _surroundings(orders: Orders) -> Surroundings:
    from perfgate.load.connecting import Connector
    from perfgate.load.crew import Surroundings
    from perfgate.load.http_wire import new_wire
    from perfgate.load.ids import UniqueIds
    from perfgate.load.stream import Deadlines

    return Surroundings(
        new_wire=partial(new_wire, Connector(Deadlines())),
        ids=UniqueIds(orders.nonce, orders.worker, orders.workers),
        seed=orders.seed,
    )


if __name__ == "__main__":
    main()
    sys.exit(0)
