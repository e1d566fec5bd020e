"""The options that several commands share. They mean the same on each, and each can come from a PERFGATE_ variable."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from perfgate.application.context import Context
from perfgate.compare.rules import Margin
from perfgate.config.compared import check_has_rows, metric_name
from perfgate.config.reading import read_scale
from perfgate.config.values import ENGINES
from perfgate.units import format_timestamp, parse_duration, parse_margin

_Command = TypeVar("_Command", bound=Callable[..., Any])


_AGE = re.compile(r"(\d+)([dwy])")
_DAYS = {"d": 1, "w": 7, "y": 365}


class DurationType(click.ParamType[float]):
    """Seconds, written like 20s, 1m30s or 500ms."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if seconds <= 0:
            self.fail(f"{value!r} must be longer than nothing", param, ctx)
        return seconds


class MarginType(click.ParamType[Margin]):
    """A margin for everything (5%) or for one metric (http_req_duration=10%)."""

    name = "margin"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Margin:
        if isinstance(value, Margin):
            return value
        metric, equals, allowed = str(value).rpartition("=")
        try:
            fraction = parse_margin(allowed)
            name = metric_name(metric) if equals else None
            check_has_rows(name, None, None)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return Margin(fraction, name)


class SinceType(click.ParamType[str]):
    """A date or an age: 2026-01-31, 90d, 12w, 2y; as the `started_at` from which on it counts."""

    name = "date or age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if age := _AGE.fullmatch(str(value)):
            days = int(age[1]) * _DAYS[age[2]]
            if days < 365 * 1000:
                return format_timestamp(int(time.time()) - days * 86_400)
        try:
            return format_timestamp(datetime.strptime(f"{value} +0000", "%Y-%m-%d %z").timestamp())
        except ValueError:
            self.fail(f"{value!r} is neither a date like 2026-01-31 nor an age like 90d, 12w or 2y", param, ctx)


class ScaleType(click.ParamType[Any]):
    """How many times the load, or "auto"."""

    name = "scale"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return read_scale(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


DURATION = DurationType()
SINCE = SinceType()
# Of 64 bits, as the history holds it.
SEED = click.IntRange(-(2**63), 2**63 - 1)


def with_context(command: _Command) -> _Command:
    """Hand the Context to a command, as its first argument."""
    decorate: Callable[[Any], Any] = click.pass_obj
    decorated: _Command = decorate(command)
    return decorated


class _Option(click.Option):
    """An option that reads its variable from the environment of the Context."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        context = ctx.find_object(Context)
        if context is None or not isinstance(self.envvar, str):
            return super().resolve_envvar_value(ctx)
        return context.environment.get(self.envvar) or None


def option(*names: str, **settings: Any) -> Callable[[_Command], _Command]:
    """An option that can come from the environment too: --vus from PERFGATE_VUS."""
    variable = "PERFGATE_" + names[0].partition("/")[0].lstrip("-").replace("-", "_").upper()
    return click.option(*names, cls=_Option, envvar=variable, **settings)


def _all(*options: Callable[[Any], Any]) -> Callable[[_Command], _Command]:
    def decorate(command: _Command) -> _Command:
        for one in reversed(options):
            command = one(command)
        return command

    return decorate


class _FileType(click.Path):
    """A path, from the folder of the Context on; "-" stays as it is."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = super().convert(value, param, ctx)
        context = ctx.find_object(Context) if ctx else None
        if context is None or context.folder == Path() or str(path) == "-":
            return path
        return self.coerce_path_result(str(context.path(str(path))))


FILE = _FileType(path_type=Path)
_OUTPUT = _FileType(allow_dash=True)

config_option = option("--config", type=FILE, metavar="FILE", help="Configuration  [default: perfgate.toml, if there]")
section_option = option(
    "--section",
    metavar="NAME",
    help="Its section of the pull request's comment, which keeps it apart from others of the same configuration"
    "  [default: the job and its place in the matrix, or the testbed]",
)
history_option = option(
    "--history",
    type=FILE,
    metavar="FILE",
    help="History file  [default: written to .perfgate/local.db, in CI on the default branch to history/perfgate.db"
    " (prune: that one, too); read from both]",
)
margin_option = option(
    "--margin",
    "margins",
    type=MarginType(),
    multiple=True,
    metavar="[METRIC=]5%",
    help="Regression that is allowed, for all metrics or for one; may be repeated.",
)

budget_option = option(
    "--budget", type=DURATION, metavar="60s", help="Load spent on each scenario, both sides together  [default: 60s]"
)

explain_option = option(
    "--explain/--no-explain",
    default=None,
    help="After the verdict look for causes, in at most 20 s more: the functions that take more CPU on head, by more"
    " pairs under a profiler, or where requests wait  [default: gate does so after a regression]",
)

json_option = option(
    "--json", "json_file", type=_OUTPUT, metavar="FILE", help="Write it as JSON (- is standard output)."
)
markdown_option = option(
    "--markdown", "markdown_file", type=_OUTPUT, metavar="FILE", help="Write the report as markdown."
)

report_options = _all(
    json_option,
    markdown_option,
    option("--junit", "junit_file", type=_OUTPUT, metavar="FILE", help="Write the rows as JUnit XML."),
    option(
        "--html",
        "html_file",
        type=_OUTPUT,
        metavar="FILE",
        help="Write one page with all rows, charts and pairs. It takes pip install 'perfgate[chart]'.",
    ),
    option("--quiet", "-q", is_flag=True, help="No progress, no table: only what --json and the like name."),
    option("--verbose", "-v", is_flag=True, help="Every row, and every note on the measuring."),
)

load_options = _all(
    option("--scenarios", type=FILE, metavar="DIR", help="Where scenarios are looked for  [default: scenarios]"),
    config_option,
    history_option,
    option("--vus", type=click.IntRange(1), metavar="N", help="Virtual users, instead of the scenario's own."),
    option("--duration", type=DURATION, metavar="20s", help="Length of the load, instead of the scenario's own."),
    option(
        "--scale",
        type=ScaleType(),
        metavar="N|auto",
        help="So many times the users and arrival rates of every scenario; auto: until the service's CPUs are a third"
        " busy  [default: 1]",
    ),
    option(
        "--round",
        "round_seconds",
        type=DURATION,
        metavar="500ms",
        help="Length of a round  [default: 0.5s, less with a small --budget]",
    ),
    option(
        "--seed",
        type=SEED,
        metavar="N",
        help="For pair order, data and think times  [default: a new one]",
    ),
    option(
        "--workers",
        type=click.IntRange(1),
        metavar="N",
        help="Generator processes, or machines to wait for with --engine locust, that play scenario files of our own;"
        " not for k6 scripts and locustfiles  [default: from load and CPUs]",
    ),
    option(
        "--engine", type=click.Choice(ENGINES), help="What plays the scenario files of our own  [default: perfgate]"
    ),
    option("--cpus", metavar="LIST", help="CPUs of the service, like 1 or 2-3  [default: half of the cores]"),
)


@dataclass(frozen=True)
class ReportOptions:
    """The reports of a command; a file of "-" is standard output.

    json_file, markdown_file, junit_file, html_file: where each goes; None for no such report.
    quiet: no progress, and no table on the terminal.
    verbose: every row and every note on the terminal.
    """

    json_file: str | None
    markdown_file: str | None
    junit_file: str | None
    html_file: str | None
    quiet: bool
    verbose: bool


def take(kind: type[Any], options: dict[str, Any]) -> Any:
    """The options of one of the classes above, taken out of what click gave a command."""
    return kind(**{name: options.pop(name) for name in kind.__dataclass_fields__})
