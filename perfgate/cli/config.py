"""perfgate.toml: read, checked whole, and turned into values. All mistakes come at once."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from perfgate.compare.baseline import NEWEST_RUNS
from perfgate.compare.evenness import FOREIGN_CPU
from perfgate.compare.rules import Margin, Rules
from perfgate.errors import Problem, ProblemsError, UsageError
from perfgate.metrics.catalogue import METRICS
from perfgate.units import parse_duration, parse_fraction
from perfgate.verdict import Acceptance

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT_FILE = Path("perfgate.toml")

# A rank test over several scenarios needs a dozen pairs before it can prove anything, and twice that to be at ease.
_ENOUGH_PAIRS = 24
_LONGEST_ROUND = 1.0
_SHORTEST_ROUND = 0.25


@dataclass(frozen=True)
class Config:
    """What perfgate.toml says; every field has the value that holds where it says nothing.

    round, budget, warm_up, ready_timeout: seconds; without a round, `round_seconds` says what fits. base, head: target
    strings; base is None where none is configured. history: where CI keeps runs, in its tree; history_branch: the
    branch that holds nothing else, None where it lies beside the code. branch: the branch whose stored runs are the
    baseline. release: a commit, tag or branch that slow creep is measured from.
    """

    scenarios: Path = Path("scenarios")
    round: float | None = None
    budget: float = 60.0
    warm_up: float = 2.0
    workers: int | None = None
    cpus: str | None = None
    seed: int | None = None
    ready_timeout: float = 30.0
    foreign_cpu: float = FOREIGN_CPU
    base: str | None = None
    head: str = "petstore"
    on_inconclusive: Literal["pass", "fail"] = "pass"
    history: Path = Path("history/perfgate.db")
    history_branch: str | None = None
    branch: str = "main"
    baseline_runs: int = NEWEST_RUNS
    release: str | None = None
    rules: Rules = field(default_factory=Rules)
    acceptances: tuple[Acceptance, ...] = ()

    @property
    def round_seconds(self) -> float:
        """The length of a round: as configured, else a second, or less where the budget would pay for few pairs."""
        if self.round is not None:
            return self.round
        return max(_SHORTEST_ROUND, min(_LONGEST_ROUND, self.budget / (2 * _ENOUGH_PAIRS)))


def load_config(path: Path | None) -> Config:
    """The configuration in `path`; without one, that of perfgate.toml here, or the defaults where there is none."""
    chosen = path or DEFAULT_FILE
    if not chosen.is_file():
        if path is None:
            return Config()
        raise UsageError(
            f"there is no configuration file {path}", "name one that exists with --config, or leave it out"
        )
    try:
        plain = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProblemsError(str(chosen), [Problem(str(chosen), str(error), "mend the TOML there")]) from None
    reader = _Reader(str(chosen))
    config = _read(reader, plain)
    if reader.problems:
        raise ProblemsError(str(chosen), reader.problems)
    return config


class _Reader:
    """Takes values out of tables and notes every mistake with its place."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[Problem] = []

    def note(self, place: str, message: str, remedy: str = "") -> None:
        self.problems.append(Problem(f"{self._file}: {place}", message, remedy))

    def take(self, place: str, value: Any, parse: Callable[[Any], Any], default: Any) -> Any:
        """`value` as `parse` reads it; the default where there is none or it is wrong."""
        if value is None:
            return default
        try:
            return parse(value)
        except (ValueError, TypeError) as error:
            self.note(place, str(error))
            return default

    def table(self, name: str, value: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
        """A table whose keys are all known."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.note(f"[{name}]", "must be a table", f"write [{name}] on a line of its own, its keys below")
            return {}
        self.refuse_unknown(f"[{name}] ", value, known)
        return value

    def tables(self, name: str, value: Any, known: tuple[str, ...]) -> list[tuple[str, Mapping[str, Any]]]:
        """An array of tables, each with its place."""
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.note(f"[[{name}]]", "must be tables", f"write [[{name}]] on a line of its own, its keys below")
            return []
        found = []
        for number, one in enumerate(value, 1):
            place = f"[[{name}]] {number}"
            self.refuse_unknown(f"{place}: ", one, known)
            found.append((place, one))
        return found

    def refuse_unknown(self, place: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                close = difflib.get_close_matches(key, known, 1)
                remedy = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
                self.note(f"{place}{key}", "is unknown", remedy)


_TOP = ("scenarios", "margin", "error_rate", "release", "measure", "gate", "service", "history", "margins", "accept")
_MEASURE = ("round", "budget", "warm_up", "workers", "cpus", "seed", "foreign_cpu")
_GATE = ("base", "head", "on_inconclusive", "branch", "baseline_runs")
_MARGINS = ("metric", "stat", "scenario", "request", "allowed")
_ACCEPT = ("scenario", "request", "metric", "ceiling", "expires", "reason")


def _read(reader: _Reader, plain: Mapping[str, Any]) -> Config:
    default = Config()
    reader.refuse_unknown("", plain, _TOP)
    measure = reader.table("measure", plain.get("measure"), _MEASURE)
    gate = reader.table("gate", plain.get("gate"), _GATE)
    service = reader.table("service", plain.get("service"), ("ready_timeout",))
    history = reader.table("history", plain.get("history"), ("file", "branch"))
    return Config(
        scenarios=reader.take("scenarios", plain.get("scenarios"), _path, default.scenarios),
        round=reader.take("[measure] round", measure.get("round"), _duration, default.round),
        budget=reader.take("[measure] budget", measure.get("budget"), _duration, default.budget),
        warm_up=reader.take("[measure] warm_up", measure.get("warm_up"), _duration, default.warm_up),
        workers=reader.take("[measure] workers", measure.get("workers"), _count, default.workers),
        cpus=reader.take("[measure] cpus", measure.get("cpus"), _text, default.cpus),
        seed=reader.take("[measure] seed", measure.get("seed"), _whole, default.seed),
        ready_timeout=reader.take(
            "[service] ready_timeout", service.get("ready_timeout"), _duration, default.ready_timeout
        ),
        foreign_cpu=reader.take("[measure] foreign_cpu", measure.get("foreign_cpu"), _fraction, default.foreign_cpu),
        base=reader.take("[gate] base", gate.get("base"), _text, default.base),
        head=reader.take("[gate] head", gate.get("head"), _text, default.head),
        on_inconclusive=reader.take(
            "[gate] on_inconclusive", gate.get("on_inconclusive"), _pass_or_fail, default.on_inconclusive
        ),
        branch=reader.take("[gate] branch", gate.get("branch"), _text, default.branch),
        baseline_runs=reader.take("[gate] baseline_runs", gate.get("baseline_runs"), _count, default.baseline_runs),
        release=reader.take("release", plain.get("release"), _text, default.release),
        history=reader.take("[history] file", history.get("file"), _path, default.history),
        history_branch=reader.take("[history] branch", history.get("branch"), _text, default.history_branch),
        rules=_rules(reader, plain, default.rules),
        acceptances=tuple(
            acceptance
            for place, one in reader.tables("accept", plain.get("accept"), _ACCEPT)
            if (acceptance := _acceptance(reader, place, one)) is not None
        ),
    )


def _rules(reader: _Reader, plain: Mapping[str, Any], default: Rules) -> Rules:
    margins = tuple(
        margin
        for place, one in reader.tables("margins", plain.get("margins"), _MARGINS)
        if (margin := _margin(reader, place, one)) is not None
    )
    return Rules(
        margin=reader.take("margin", plain.get("margin"), _fraction, default.margin),
        margins=margins,
        error_rate=reader.take("error_rate", plain.get("error_rate"), _fraction, default.error_rate),
    )


def _margin(reader: _Reader, place: str, one: Mapping[str, Any]) -> Margin | None:
    if "allowed" not in one:
        reader.note(place, "lacks what it allows", 'add allowed = "10%"')
        return None
    return Margin(
        allowed=reader.take(f"{place}: allowed", one["allowed"], _fraction, 0.0),
        metric=reader.take(f"{place}: metric", one.get("metric"), metric_name, None),
        stat=reader.take(f"{place}: stat", one.get("stat"), _text, None),
        scenario=reader.take(f"{place}: scenario", one.get("scenario"), _text, None),
        request=reader.take(f"{place}: request", one.get("request"), _text, None),
    )


def _acceptance(reader: _Reader, place: str, one: Mapping[str, Any]) -> Acceptance | None:
    missing = [key for key in _ACCEPT if key not in one and key != "request"]
    if missing:
        reader.note(place, f"lacks {', '.join(missing)}", "an acceptance says what, how far, until when and why")
        return None
    return Acceptance(
        scenario=reader.take(f"{place}: scenario", one["scenario"], _text, ""),
        request=reader.take(f"{place}: request", one.get("request"), _text, None),
        metric=reader.take(f"{place}: metric", one["metric"], metric_name, ""),
        ceiling=reader.take(f"{place}: ceiling", one["ceiling"], _fraction, 0.0),
        expires=reader.take(f"{place}: expires", one["expires"], _date, date.min),
        reason=reader.take(f"{place}: reason", one["reason"], _text, ""),
    )


def metric_name(value: Any) -> str:
    """One of the catalogue's metrics, or ValueError."""
    if value not in METRICS:
        close = difflib.get_close_matches(str(value), METRICS, 1)
        raise ValueError(f"there is no metric {value!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} must be text between quotes")
    return value


def _path(value: Any) -> Path:
    return Path(_text(value))


def _duration(value: Any) -> float:
    seconds = parse_duration(value)
    if seconds <= 0:
        raise ValueError(f"{value!r} must be longer than nothing")
    return seconds


def _fraction(value: Any) -> float:
    fraction = parse_fraction(value)
    if not 0 < fraction < 10:
        raise ValueError(f"{value!r} must lie between 0 and 1000 %; write it like '5%'")
    return fraction


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} must be a whole number")
    return value


def _count(value: Any) -> int:
    if _whole(value) < 1:
        raise ValueError(f"{value!r} must be 1 or more")
    return int(value)


def _pass_or_fail(value: Any) -> str:
    if value not in ("pass", "fail"):
        raise ValueError(f"{value!r} must be 'pass' or 'fail'")
    return str(value)


def _date(value: Any) -> date:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return date.fromisoformat(_text(value))
