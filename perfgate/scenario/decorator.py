"""@scenario: the decorator that makes a function in a scenario file a scenario."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, overload

from perfgate.errors import MistakeError, Problem
from perfgate.scenario.options import ScenarioOptions, read_options
from perfgate.scenario.raw_option import OptionMistake
from perfgate.scenario.scenario import Scenario
from perfgate.scenario.source import Source, place
from perfgate.scenario.user_function import UserFunction, mistake_in

if TYPE_CHECKING:
    from typing_extensions import Unpack

# Where a file's scenarios are listed, in the order of their making: a global of the file that makes them.
DECLARED = "__perfgate_scenarios__"

_BY_NAME = "write options by name, as in @scenario(vus=20, duration='20s')"


@overload
def scenario(function: UserFunction, /) -> Scenario: ...


@overload
def scenario(**options: Unpack[ScenarioOptions]) -> Callable[[UserFunction], Scenario]: ...


def scenario(function: object = None, /, **options: Any) -> Any:
    """Make `function(user)` a scenario: bare for 1 VU over 20 s, or with options, which are k6's in snake_case.

    executor is inferred where it is absent: stages -> ramping-vus, rate -> constant-arrival-rate, iterations ->
    shared-iterations, otherwise constant-vus. What each executor takes, and the defaults: `perfgate.scenario.profile`.
    A stage is {"duration": "10s", "target": 20} or ("10s", 20).

    thresholds   {"http_req_duration": "p(95)<500ms"}; also lists of them, and of
                 {"threshold": "rate<1%", "abort_on_fail": True}
    name         of the scenario; the function's where it is absent
    connections  "keep-alive" (default) | "per-iteration" | "per-request"
    transport    "wire" (default), or "requests" for a scenario that needs something only requests can do
    http_version "1.1" (default), or "2", which takes the library h2: pip install 'perfgate[http2]'
    timeout      for each request, "60s" where it is absent
    rows         a CSV or JSON file beside this one, whose rows are handed out to the VUs

    Mistakes are kept in `Scenario.problems`, so that the mistakes of all files can be shown at once. MistakeError where
    it decorates something that is no function.
    """
    caller = sys._getframe(1)
    site = _Site(Path(caller.f_code.co_filename), caller.f_lineno, caller.f_globals)
    if callable(function):
        return _declare(function, options, [], site)
    mistakes = [] if function is None else [OptionMistake((), f"@scenario takes no {function!r}", _BY_NAME)]
    return lambda decorated: _declare(decorated, options, mistakes, site)


@dataclass(frozen=True)
class _Site:
    """The place of an @scenario.

    file: the scenario file.
    line: of the decorator.
    namespace: the globals of the file.
    """

    file: Path
    line: int
    namespace: dict[str, Any]


def _declare(function: object, written: Mapping[str, object], mistakes: list[OptionMistake], site: _Site) -> Scenario:
    if not isinstance(function, FunctionType):
        raise MistakeError(f"@scenario stands above {function!r}", "put it above a function that takes a user")
    options, found = read_options(written, function.__name__, site.file.parent)
    source = Source(site.file)
    line = source.line_of_function(site.line)
    problems = [
        (source.line_of_option(site.line, mistake.path), mistake.message, mistake.hint)
        for mistake in (*mistakes, *found)
    ]
    unfit = mistake_in(function)
    if unfit:
        problems.append((line, unfit.message, unfit.hint))
    made = Scenario(
        name=options.name,
        function=function,
        profile=options.profile,
        thresholds=options.thresholds,
        file=site.file,
        line=line,
        connections=options.connections,
        transport=options.transport,
        http_version=options.http_version,
        timeout=options.timeout,
        rows_file=options.rows_file,
        problems=[Problem(place(site.file, at), message, hint) for at, message, hint in sorted(problems)],
    )
    site.namespace.setdefault(DECLARED, []).append(made)
    return made
