"""The virtual users of one scenario against one target, in one worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from perfgate.errors import NoVerdictError
from perfgate.load.generator.recorder import RoundRecorder, describe_exception
from perfgate.load.generator.unique_ids import UniqueIds
from perfgate.load.generator.user import User
from perfgate.load.http.requests_session import RequestsSession
from perfgate.load.http.session import Session
from perfgate.load.wire.interface import Wire
from perfgate.scenario import Scenario
from perfgate.scenario.rows import row_for


@dataclass(frozen=True)
class WorkerContext:
    """What all pools of a worker share.

    new_wire: makes a wire of an HTTP version, with keep-alive or without.
    ids: the worker's unique ids.
    seed: of all chance in the run.
    """

    new_wire: Callable[[str, bool], Wire]
    ids: UniqueIds
    seed: int


class UserPool:
    """A scenario's users against one target. Each is made when first needed and stays from round to round, with its
    cookies; its `on_start` runs once.

    data: what the scenario's setup returned.
    verify: the target's certificate, as a requests.Session has it, until a user says otherwise.
    """

    def __init__(self, scenario: Scenario, url: str, context: WorkerContext, verify: bool | str = True) -> None:
        self.scenario = scenario
        self.url = url
        self._verify = verify
        self.data: Any = None
        self._context = context
        self._ids = context.ids.of_side()
        self._users: dict[int, User] = {}
        self._ready: set[int] = set()

    def set_up(self) -> Any:
        """Run the scenario's setup; returns what it returned, as every worker gets it."""
        if self.scenario.setup_function is not None:
            self.data = self._run_hook("setup", self.scenario.setup_function)
        try:
            self.data = json.loads(json.dumps(self.data))
        except (TypeError, ValueError) as error:
            raise NoVerdictError(
                f"setup of {self.scenario.name} returned what cannot be sent to other workers: {error}",
                "return what JSON can hold: dicts, lists, text, numbers, booleans, None",
            ) from None
        return self.data

    def tear_down(self) -> None:
        """Run the scenario's teardown."""
        if self.scenario.teardown_function is not None:
            self._run_hook("teardown", self.scenario.teardown_function)

    def _run_hook(self, hook: str, function: Callable[[User], Any]) -> Any:
        user = self._new_user(0)
        self.enter(user, RoundRecorder.unmeasured(), float("inf"), hook)
        try:
            return function(user)
        except Exception as error:  # other people's code
            raise NoVerdictError(
                f"{hook} of {self.scenario.name} raised {describe_exception(error)}",
                f"mend it, or try it against {self.url} by hand",
            ) from None
        finally:
            user.leave()

    def user(self, number: int) -> User:
        """The user of that number, made where there is none."""
        if number not in self._users:
            self._users[number] = self._new_user(number)
        return self._users[number]

    def start(self, user: User, recorder: RoundRecorder) -> bool:
        """Run `on_start` once, unmeasured. False where it raised: that is counted, and the next round tries again."""
        if user.vu in self._ready:
            return True
        if self.scenario.on_start_function is not None:
            user.enter(RoundRecorder.unmeasured(), float("inf"), self._seed_of(user, "start"))
            try:
                self.scenario.on_start_function(user)
            except Exception as error:  # other people's code
                recorder.scenario_error(error)
                return False
        self._ready.add(user.vu)
        return True

    def enter(self, user: User, recorder: RoundRecorder, deadline: float, moment: str) -> None:
        """Let a user take part in a round. Its random numbers depend on `moment`: the same on base and head."""
        user.enter(recorder, deadline, self._seed_of(user, moment))

    def break_off(self) -> None:
        """End by force what users under way still wait for."""
        for user in self._users.values():
            user.break_off()

    def leave(self) -> None:
        """Close all connections."""
        for user in self._users.values():
            user.leave()

    def _new_user(self, number: int) -> User:
        scenario = self.scenario
        keep_alive = scenario.connections != "per-request"
        session: Session | RequestsSession
        if scenario.transport == "requests":
            session = RequestsSession(self.url, scenario.timeout, keep_alive)
        else:
            wire = self._context.new_wire(scenario.http_version, keep_alive)
            session = Session(self.url, wire, scenario.timeout)
        session.verify = self._verify
        return User(number, session, self._ids, self.data, self._row)

    def _row(self, vu: int, iteration: int) -> dict[str, Any] | None:
        rows = self.scenario.rows
        return row_for(rows, vu, self.scenario.profile.vus_max, iteration) if rows else None

    def _seed_of(self, user: User, moment: str) -> str:
        return f"{self._context.seed}/{self.scenario.name}/{user.vu}/{moment}"
