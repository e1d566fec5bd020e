"""The player: Locust with one locustfile, under the gate. `python -m perfgate.load.locustfile.player`.

The first message says which file and which target. See perfgate.load.processes for how it is talked to.
"""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gevent
from locust import TaskSet, events

from perfgate.load.generator.loop_monitor import LoopMonitor
from perfgate.load.http.same_place import is_same
from perfgate.load.locustfile.counting import Count, Cycles
from perfgate.load.locustfile.listeners import Listeners
from perfgate.load.locustfile.loading import Loaded, LocustfileError, load, new_environment, ticks_of
from perfgate.load.locustfile.messages import (
    BeginLoad,
    EndLoad,
    FileSettings,
    Inspection,
    LoadFile,
    LocustCount,
    Mistake,
    PlayerReady,
    PlayerReport,
    PlayerSlice,
    PlayRound,
)
from perfgate.load.locustfile.own_verdict import OwnVerdict
from perfgate.load.locustfile.raised import describe_users
from perfgate.load.locustfile.spawning import Spawning
from perfgate.load.locustfile.trust import trust
from perfgate.load.locustfile.turns import Turns
from perfgate.load.processes.parent import Parent, run_child
from perfgate.load.reports import WorkerReport
from perfgate.metrics.request_names import Names

# How long users may need to get through their `on_start` (seconds), and a task that is under way when a round ends.
_STARTING = 30.0
_ENDING = 1.0
_LOOK = 0.01
_HALT_LOOK = 0.1


class Player:
    """Locust's local runner for one locustfile on one target."""

    def __init__(self, loaded: Loaded, url: str, listeners: Listeners) -> None:
        self._url = url
        self._listeners = listeners
        self._count: Count | None = None
        self._cycles = Cycles()
        self._turns = Turns()
        self._environment = new_environment(loaded, url)
        self._environment.stop_timeout = max(_ENDING, self._environment.stop_timeout)
        handlers = self._environment.events.request._handlers
        theirs = handlers[:]
        self._environment.events.request.add_listener(self._heard)
        self._environment.events.user_error.add_listener(self._erred)
        self._runner = self._environment.create_local_runner()
        # A listener that raises what steers a user, such as StopUser, is the last that Locust calls: we count before.
        handlers[:] = handlers[len(theirs) :] + theirs
        self._spawning = Spawning(self._runner)
        self._own_verdict = OwnVerdict(self._environment)
        self._stop = self._own_verdict.watch(self._runner)
        for user in loaded.users:
            user.on_start = self._turns.around(user.on_start)
        TaskSet.execute_next_task = _around(TaskSet.execute_next_task, self._begins_task, None)
        TaskSet.wait = _around(TaskSet.wait, self._draws, self._draws)
        TaskSet._sleep = self._foreseeing(TaskSet._sleep)
        self._environment.events.init.fire(environment=self._environment, runner=self._runner, web_ui=None)
        self._unprepared = self._listeners.take()

    def signal(self, message: BeginLoad | EndLoad) -> None:
        """Let the users begin, or end them."""
        if isinstance(message, BeginLoad):
            self._turns.begin(message.start_at)
        else:
            self._turns.halt()

    def play(self, asked: PlayRound, reply: Callable[[Any], None]) -> PlayerSlice:
        """Slices of load: see PlayRound."""
        users = asked.steps[0][1]
        self._own_verdict.ended_by = None
        self._spawning.problems = ()
        self._turns.set_up(asked, users, self._cycles.usual)
        # Listeners for the start of a test, and users as they are made: what they draw is the same on both sides, too.
        random.seed(asked.seed)
        self._spawning.spawn(users)
        deadline = time.monotonic() + _STARTING
        while not self._has_begun(users) and time.monotonic() < deadline:
            gevent.sleep(_LOOK)
        refused, problems = self._beginning(users)
        reply(PlayerReady(refused))
        start_at = self._turns.start_at.get()
        for report in self._slices(asked, start_at + asked.spread, problems):
            reply(PlayerSlice(report))
        self._stop()
        self._listeners.end_round()
        self._cycles.clear()
        return PlayerSlice(None)

    def _has_begun(self, users: int) -> bool:
        """Whether no more of them will come."""
        turns, gone = self._turns, self._own_verdict.problems or self._spawning.problems
        return bool(gone) or turns.there + len(turns.failed) >= users

    def _beginning(self, users: int) -> tuple[str, list[str]]:
        """Why no round can be valid, "" where one can, and what is wrong in this one."""
        there, raised = self._turns.there, [describe_users(error) for error in self._turns.failed.values()]
        gone = (*self._spawning.problems, *self._own_verdict.problems)
        heard = [*self._unprepared, *self._listeners.take()]
        refused = [*(str(one) for one in heard if one.spoils_all), *gone]
        if raised and not there:
            refused.append(f"none of its users got through on_start: it raised {raised[0]}")
        problems = [str(one) for one in heard]
        if there < users and (raised or not gone):
            why = f": it raised {raised[0]}" if raised else f" in {_STARTING:g} s"
            problems.append(f"{there} of {users} users got through on_start{why}")
        return next(iter(refused), ""), problems

    def _slices(self, asked: PlayRound, began: float, problems: list[str]) -> Iterator[PlayerReport]:
        length = asked.length / asked.count
        steps = deque(asked.steps[1:])
        names = Names()
        iterations = 0
        self._wait_until(began)
        for number in range(1, asked.count + 1):
            count, ends = Count(self._url, names), began + number * length
            with LoopMonitor() as monitor:
                since = time.monotonic()
                # Nothing may wait between what begins and ends our count and what begins and ends Locust's own.
                self._environment.stats.reset_all()
                self._count = count
                while steps and began + steps[0][0] < ends and not self._turns.halted:
                    offset, users = steps.popleft()
                    self._wait_until(began + offset)
                    self._spawning.spawn(users)
                self._wait_until(ends)
                self._count = None
                own = _own(self._environment.stats.total)
                count.tally.seconds = max(1e-9, time.monotonic() - since)
            if self._turns.halted:
                return
            iterations += count.tally.iterations.count
            if asked.foresees and number == asked.count and not iterations:
                self._cycles.count_foreseen(count)
            tally = count.tally
            tally.vus, tally.vus_max = self._runner.user_count, max(users for _, users in asked.steps)
            found = (*_strays(count, self._url), *problems, *self._problems())
            warnings = (*self._own_verdict.warnings, *self._listeners.warnings)
            yield PlayerReport(_report(count, monitor), own, count.untimed, found, warnings)

    def _problems(self) -> tuple[str, ...]:
        """What the locustfile's own code did to a slice."""
        raised = (str(one) for one in self._listeners.take())
        return (*raised, *self._spawning.problems, *self._own_verdict.problems)

    def _wait_until(self, moment: float) -> None:
        while not self._turns.halted and (left := moment - time.monotonic()) > 0:
            gevent.sleep(min(left, _HALT_LOOK))

    def _heard(self, **event: Any) -> None:
        if self._count is not None:
            self._count.request(**event)

    def _erred(self, **event: Any) -> None:
        if self._count is not None:
            self._count.error(**event)

    def _begins_task(self, taskset: Any) -> None:
        self._draws(taskset)
        self._cycles.began(taskset, self._count)

    def _draws(self, taskset: Any) -> None:
        self._turns.draw(taskset.user)

    def _foreseeing(self, sleep: Callable[[Any, float], None]) -> Callable[[Any, float], None]:
        """A wait of users whose length is noted as it begins."""

        def both(taskset: Any, seconds: float) -> None:
            self._cycles.waits(taskset, seconds)
            sleep(taskset, seconds)

        return both


def _own(total: Any) -> LocustCount:
    return LocustCount(
        requests=total.num_requests,
        failures=total.num_failures,
        avg=total.avg_response_time,
        p95=total.get_response_time_percentile(0.95),
    )


def _around(
    method: Callable[[Any], Any], before: Callable[[Any], None], after: Callable[[Any], None] | None
) -> Callable[[Any], Any]:
    """A method with a step before and one after it."""

    def all_of_it(self: Any) -> Any:
        before(self)
        returned = method(self)
        if after is not None:
            after(self)
        return returned

    return all_of_it


def _report(count: Count, monitor: LoopMonitor) -> WorkerReport:
    return WorkerReport(
        tally=count.tally.to_plain(),
        stamped=0,
        stamps_missing=count.tally.request_count,
        reader_lag=0.0,
        hub_lag=monitor.hub_lag,
        schedule_lag=0.0,
        cpu=monitor.cpu,
        cpu_waited=monitor.cpu_waited,
        offered=None,
        scenario_errors=dict(count.scenario_errors),
        unanswered=0,
    )


def _strays(count: Count, url: str) -> list[str]:
    return [
        f"{requests} requests went to {place} rather than to the target: "
        'give paths, as in self.client.get("/pet/1"), and leave hosts out'
        for place, requests in count.elsewhere.items()
        if not is_same(place, url)
    ]


def serve(parent: Parent) -> None:
    """Load the file, then play rounds. Messages are read meanwhile, so that the gate's end is noticed at once."""
    listeners = Listeners(events)
    asked = parent.receive(LoadFile)
    if asked is None:
        return
    try:
        file = Path(asked.file)
        # What the file draws as it is loaded, and listeners that prepare it, is the same on both sides.
        random.seed(file.name)
        loaded = load(file)
        for error in listeners.take():
            raise LocustfileError(str(error), "mend it")
        ticks = ticks_of(loaded.shape, file, loaded.options) if loaded.shape and asked.url is None else []
    except LocustfileError as error:
        parent.reply(Inspection(None, Mistake(error.message, error.hint, error.line)))
        return
    users, has_shape = loaded.options.num_users, loaded.shape is not None
    parent.reply(Inspection(FileSettings(users, loaded.run_time, has_shape, tuple(ticks)), None))
    if asked.url is None:
        return
    if asked.verify is not True:
        trust(asked.verify)
    player = Player(loaded, asked.url, listeners)
    while (message := parent.receive(PlayRound, BeginLoad, EndLoad)) is not None:
        if isinstance(message, PlayRound):
            play = partial(player.play, message, parent.reply)
            gevent.spawn(parent.answer, play, "Locust failed", "try the file with locust itself")
        else:
            player.signal(message)


def main() -> None:
    """Play until the gate closes the pipe."""
    logging.disable(logging.CRITICAL)  # what matters of Locust's log is told as problems and warnings of a round
    run_child(serve)


if __name__ == "__main__":
    main()
