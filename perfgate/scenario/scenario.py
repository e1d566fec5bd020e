"""A scenario: a function that virtual users run again and again, with its load profile."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from perfgate.errors import Problem
from perfgate.metrics.threshold import Threshold
from perfgate.scenario.options import Connections, HttpVersion, Transport
from perfgate.scenario.profile import Profile
from perfgate.scenario.rows import DataRow
from perfgate.scenario.source import Source, place
from perfgate.scenario.user_function import UserFunction, mistake_in

if TYPE_CHECKING:
    from perfgate.scenario.user import User

Function = TypeVar("Function", bound=UserFunction)

OWN_ENGINE = "perfgate"


@dataclass(frozen=True, eq=False)
class Scenario:
    """A scenario as it was declared; calling it runs its function once.

    name: of the scenario.
    function: takes a user.
    profile: the load.
    thresholds: all of them.
    file: where the function is.
    line: of the function in the file.
    connections: when connections are opened anew.
    transport: what sends the requests.
    http_version: of the protocol.
    timeout: of a request (s).
    rows_file: the file with test data; None without rows.
    problems: the mistakes in its declaration; a scenario with any must not run (`load_scenarios` returns none such).
    setup_function: the hook before the load, which takes a user; None without one.
    teardown_function: the hook after the load, likewise.
    on_start_function: the hook before a VU's first iteration, likewise.
    engine: the engine that plays it.
    """

    name: str
    function: UserFunction
    profile: Profile
    thresholds: tuple[Threshold, ...]
    file: Path
    line: int
    connections: Connections
    transport: Transport
    http_version: HttpVersion
    timeout: float
    rows_file: Path | None
    problems: list[Problem]
    setup_function: UserFunction | None = None
    teardown_function: UserFunction | None = None
    on_start_function: UserFunction | None = None
    engine: str = OWN_ENGINE

    def __call__(self, user: User) -> Any:
        return self.function(user)

    def setup(self, function: Function) -> Function:
        """Decorator: `function(user)` runs once per run, before the load; what it returns is `user.data` of all."""
        return self._hook("setup", function)

    def teardown(self, function: Function) -> Function:
        """Decorator: `function(user)` runs once per run, after the load; `user.data` is what setup returned."""
        return self._hook("teardown", function)

    def on_start(self, function: Function) -> Function:
        """Decorator: `function(user)` runs once per VU, before its first iteration."""
        return self._hook("on_start", function)

    def _hook(self, kind: str, function: Function) -> Function:
        where = _place_of(function) or place(self.file, self.line)
        mistake = mistake_in(function)
        if mistake:
            self.problems.append(Problem(where, mistake.message, mistake.hint))
        field = f"{kind}_function"
        if getattr(self, field):
            self.problems.append(Problem(where, f"{self.name} has two {kind} functions", "make one of the two"))
        object.__setattr__(self, field, function)  # hooks stand below their scenario, so they come after it was made
        return function

    @cached_property
    def rows(self) -> tuple[DataRow, ...]:
        """The rows of the rows file, () without one. ProblemsError names what is wrong in it."""
        if self.rows_file is None:
            return ()
        from perfgate.scenario.rows_file import read_rows

        return read_rows(self.rows_file)

    @cached_property
    def hash(self) -> str:
        """16 hex digits that change with the scenario's file, those of its folder that it imports, its name, effective
        load profile, rows file or engine.
        """
        from perfgate.scenario.hashing import hash_of
        from perfgate.scenario.neighbours import neighbours_of

        rows = self.rows_file.read_bytes() if self.rows_file else b""
        parts = [self.file.read_bytes(), self.name.encode(), repr(self.profile).encode(), rows]
        if self.engine != OWN_ENGINE:
            parts.append(self.engine.encode())
        return hash_of(parts, self.file.parent, neighbours_of(self.file))


def _place_of(function: UserFunction) -> str | None:
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    file = Path(code.co_filename)
    return place(file, Source(file).line_of_function(code.co_firstlineno))
