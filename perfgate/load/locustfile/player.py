"""The player: Locust with one locustfile, under the gate. `python -m perfgate.load.locustfile.player`.

The first message says which file and which target. See perfgate.load.processes for how it is talked to.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gevent
from locust import TaskSet

from perfgate.load.generator.loop_monitor import LoopMonitor
from perfgate.load.locustfile.counting import Count, Cycles
from perfgate.load.locustfile.loading import Loaded, LocustfileError, load, new_environment, ticks_of
from perfgate.load.locustfile.messages import (
    FileSettings,
    Inspection,
    LoadFile,
    LocustCount,
    Mistake,
    PlayerReport,
    PlayRound,
)
from perfgate.load.processes.parent import Parent, run_child
from perfgate.load.reports import WorkerReport

# How long users may need to get through their `on_start` (seconds), and a task that is under way when a round ends.
_STARTING = 30.0
_ENDING = 1.0
_LOOK = 0.01


Steps = tuple[tuple[float, int], ...]


class Player:
    """Locust's local runner for one locustfile on one target."""

    def __init__(self, loaded: Loaded, url: str) -> None:
        self._url = url
        self._count: Count | None = None
        self._started: set[Any] = set()
        self._cycles = Cycles()
        self._environment = new_environment(loaded, url)
        self._environment.stop_timeout = max(_ENDING, self._environment.stop_timeout)
        self._environment.events.request.add_listener(self._heard)
        self._environment.events.user_error.add_listener(self._erred)
        self._runner = self._environment.create_local_runner()
        for user in loaded.users:
            user.on_start = _followed(user.on_start, self._has_started)
        TaskSet.execute_next_task = _preceded(TaskSet.execute_next_task, self._begins_task)
        self._environment.events.init.fire(environment=self._environment, runner=self._runner, web_ui=None)

    def play(self, length: float, steps: Steps) -> PlayerReport:
        """One round: see PlayRound."""
        self._started.clear()
        self._spawn(steps[0][1])
        deadline = time.monotonic() + _STARTING
        while len(self._started) < steps[0][1] and time.monotonic() < deadline:
            gevent.sleep(_LOOK)
        started = len(self._started)
        count, monitor, own = self._counted(length, steps)
        vus = self._runner.user_count
        self._runner.stop()
        self._cycles.clear()
        count.tally.vus, count.tally.vus_max = vus, max(users for _, users in steps)
        problems = _problems(count)
        if started < steps[0][1]:
            problems.append(f"{started} of {steps[0][1]} users got through on_start in {_STARTING:g} s")
        return PlayerReport(_report(count, monitor), own, count.untimed, tuple(problems))

    def _counted(self, length: float, steps: Steps) -> tuple[Count, LoopMonitor, LocustCount]:
        """Let them load for `length` seconds; what was counted, by us and by Locust itself."""
        count = Count(self._url)
        with LoopMonitor() as monitor:
            began = time.monotonic()
            # Nothing may wait between what begins and ends our count and what begins and ends Locust's own.
            self._environment.stats.reset_all()
            self._count = count
            for offset, users in steps[1:]:
                gevent.sleep(max(0.0, began + offset - time.monotonic()))
                self._spawn(users)
            gevent.sleep(max(0.0, began + length - time.monotonic()))
            self._count = None
            own = _own(self._environment.stats.total)
            count.tally.seconds = time.monotonic() - began
        return count, monitor, own

    def _spawn(self, users: int) -> None:
        self._runner.start(users, spawn_rate=max(1, users))

    def _heard(self, **event: Any) -> None:
        if self._count is not None:
            self._count.request(**event)

    def _erred(self, **event: Any) -> None:
        if self._count is not None:
            self._count.error(**event)

    def _has_started(self, user: Any) -> None:
        self._started.add(user)

    def _begins_task(self, taskset: Any) -> None:
        self._cycles.began(taskset, self._count)


def _own(total: Any) -> LocustCount:
    return LocustCount(
        requests=total.num_requests,
        failures=total.num_failures,
        avg=total.avg_response_time,
        p95=total.get_response_time_percentile(0.95),
    )


def _followed(method: Callable[[Any], Any], step: Callable[[Any], None]) -> Callable[[Any], Any]:
    """A method after which `step` is done."""

    def both(self: Any) -> Any:
        method(self)
        step(self)

    return both


def _preceded(method: Callable[[Any], Any], step: Callable[[Any], None]) -> Callable[[Any], Any]:
    """A method before which `step` is done."""

    def both(self: Any) -> Any:
        step(self)
        return method(self)

    return both


def _report(count: Count, monitor: LoopMonitor) -> WorkerReport:
    return WorkerReport(
        tally=count.tally.to_plain(),
        stamped=0,
        stamps_missing=count.tally.request_count,
        reader_lag=0.0,
        hub_lag=monitor.hub_lag,
        schedule_lag=0.0,
        cpu=monitor.cpu,
        offered=None,
        scenario_errors=dict(count.scenario_errors),
    )


def _problems(count: Count) -> list[str]:
    return [
        f"{requests} requests went to {place} rather than to the target: "
        'give paths, as in self.client.get("/pet/1"), and leave hosts out'
        for place, requests in count.elsewhere.items()
    ]


def serve(parent: Parent) -> None:
    """Load the file, then play rounds. Messages are read meanwhile, so that the gate's end is noticed at once."""
    asked = parent.receive(LoadFile)
    if asked is None:
        return
    try:
        file = Path(asked.file)
        loaded = load(file)
        ticks = ticks_of(loaded.shape, file) if loaded.shape and asked.url is None else []
    except LocustfileError as error:
        parent.reply(Inspection(None, Mistake(error.message, error.hint, error.line)))
        return
    users, has_shape = loaded.options.num_users, loaded.shape is not None
    parent.reply(Inspection(FileSettings(users, loaded.run_time, has_shape, tuple(ticks)), None))
    if asked.url is None:
        return
    player = Player(loaded, asked.url)
    while (part := parent.receive(PlayRound)) is not None:
        play = partial(player.play, part.length, part.steps)
        gevent.spawn(parent.answer, play, "Locust failed", "try the file with locust itself")


def main() -> None:
    """Play until the gate closes the pipe."""
    logging.disable(logging.CRITICAL)  # what matters of Locust's log is told as warnings of a round
    run_child(serve)


if __name__ == "__main__":
    main()
