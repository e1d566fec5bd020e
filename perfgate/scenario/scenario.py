"""A scenario: a function that a virtual user runs again and again, with the load that does so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from perfgate.errors import Problem
from perfgate.metrics.threshold import Threshold
from perfgate.scenario.options import Connections, HttpVersion, Transport
from perfgate.scenario.profile import Profile
from perfgate.scenario.rows import Row
from perfgate.scenario.source import Source, place
from perfgate.scenario.user import User
from perfgate.scenario.user_function import UserFunction, mistake_in

Function = TypeVar("Function", bound=UserFunction)

OWN_ENGINE = "perfgate"


@dataclass(frozen=True, eq=False)
class Scenario:
    """A scenario as it was declared; calling it runs its function once.

    file, line: where the function is. timeout: seconds for one request. rows_file: None without rows. problems: the
    mistakes in its declaration; a scenario that has any must not be run (`load_scenarios` returns none such).
    setup_function, teardown_function, on_start_function: the hooks, None where there is none; each takes a user.
    engine: what plays it.
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
        """Decorator: `function(user)` runs once per run, before the load; all VUs share what it returns."""
        return self._hook("setup", function)

    def teardown(self, function: Function) -> Function:
        """Decorator: `function(user)` runs once per run, after the load."""
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
    def rows(self) -> tuple[Row, ...]:
        """The rows of the rows file, () without one. ProblemsError names what is wrong in it."""
        if self.rows_file is None:
            return ()
        from perfgate.scenario.rows_file import read_rows

        return read_rows(self.rows_file)

    @cached_property
    def hash(self) -> str:
        """16 hex digits that change with the scenario's file, name, effective load profile, rows file or engine."""
        import hashlib

        digest = hashlib.sha256()
        rows = self.rows_file.read_bytes() if self.rows_file else b""
        parts = [self.file.read_bytes(), self.name.encode(), repr(self.profile).encode(), rows]
        if self.engine != OWN_ENGINE:
            parts.append(self.engine.encode())
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()[:16]


def _place_of(function: UserFunction) -> str | None:
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    file = Path(code.co_filename)
    return place(file, Source(file).line_of_function(code.co_firstlineno))
