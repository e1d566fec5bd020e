"""The declaration of a scenario: a decorated function and its options, with the place of every mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

from perfgate.errors import MistakeError, Problem
from perfgate.scenario.options import read_options
from perfgate.scenario.raw_option import OptionMistake
from perfgate.scenario.scenario import Scenario
from perfgate.scenario.source import Source, place
from perfgate.scenario.user_function import mistake_in

# Where a file's scenarios are listed, in the order of their making: a global of the file that makes them.
DECLARED = "__perfgate_scenarios__"

_BY_NAME = "write options by name, as in @scenario(vus=20, duration='20s')"


@dataclass(frozen=True)
class Site:
    """The place of an @scenario.

    file: the scenario file.
    line: of the decorator.
    namespace: the globals of the file.
    """

    file: Path
    line: int
    namespace: dict[str, Any]


def site_of(caller: FrameType) -> Site:
    """The place at which the caller decorates."""
    return Site(Path(caller.f_code.co_filename), caller.f_lineno, caller.f_globals)


def unnamed(option: object) -> OptionMistake:
    """The mistake of an option without its name."""
    return OptionMistake((), f"@scenario takes no {option!r}", _BY_NAME)


def declare(function: object, written: Mapping[str, object], mistakes: list[OptionMistake], site: Site) -> Scenario:
    """A scenario of `function`, listed in the globals of its file. mistakes: found already."""
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
