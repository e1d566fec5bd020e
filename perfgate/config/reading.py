"""perfgate.toml: read, checked whole, and turned into values. All mistakes come at once."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from perfgate.compare.baseline import NEWEST_RUNS
from perfgate.compare.interference import FOREIGN_CPU
from perfgate.compare.rules import Margin, Rules
from perfgate.config.locust import LOCUST, LocustSettings, read_locust
from perfgate.config.service import SERVICE, read_service
from perfgate.config.toml_reader import (
    TomlReader,
    read_count,
    read_duration,
    read_fraction,
    read_path,
    read_text,
    read_whole,
)
from perfgate.errors import Problem, ProblemsError, UsageError, did_you_mean
from perfgate.load.k6.launcher import K6Settings
from perfgate.load.locust_version import LOCUST as LOCUST_ENGINE
from perfgate.metrics.catalogue import METRICS
from perfgate.scenario.scenario import OWN_ENGINE
from perfgate.service.settings import ServiceSettings
from perfgate.verdict import Acceptance

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT_FILE = Path("perfgate.toml")
ENGINES = (OWN_ENGINE, "k6", LOCUST_ENGINE)

# A rank test over several scenarios needs a dozen pairs before it can prove anything, and twice that to be at ease.
_ENOUGH_PAIRS = 24
_LONGEST_ROUND = 1.0
_SHORTEST_ROUND = 0.25


@dataclass(frozen=True)
class Config:
    """What perfgate.toml says; every field has the value that holds where it says nothing.

    round, budget, warm_up: seconds; without a round, `round_seconds` says what fits. instances: of each side of a
    duet. base, head: target strings, None where none is configured. history: where CI keeps runs, in its tree;
    history_branch: the branch that holds nothing else, None where it lies beside the code. branch: the branch whose
    stored runs are the baseline. release: a commit, tag or branch that slow creep is measured from. engine: what plays
    the scenario files of our own; scripts are played by theirs.
    """

    scenarios: Path = Path("scenarios")
    round: float | None = None
    budget: float = 60.0
    warm_up: float = 2.0
    instances: int = 2
    workers: int | None = None
    engine: str = ENGINES[0]
    locust: LocustSettings = field(default_factory=LocustSettings)
    seed: int | None = None
    service: ServiceSettings = field(default_factory=ServiceSettings)
    foreign_cpu: float = FOREIGN_CPU
    base: str | None = None
    head: str | None = None
    on_inconclusive: Literal["pass", "fail"] = "pass"
    history: Path = Path("history/perfgate.db")
    history_branch: str | None = None
    k6: K6Settings = field(default_factory=K6Settings)
    branch: str = "main"
    baseline_runs: int = NEWEST_RUNS
    release: str | None = None
    rules: Rules = field(default_factory=Rules)
    acceptances: tuple[Acceptance, ...] = ()

    @property
    def head_target(self) -> str:
        """What is measured where nobody names it: as configured, else what is checked out, else the petstore."""
        return self.head or ("ref:HEAD" if self.service.starts_commits else "petstore")

    @property
    def round_seconds(self) -> float:
        """The length of a round: as configured, else a second, or less where the budget would pay for few pairs."""
        if self.round is not None:
            return self.round
        return max(_SHORTEST_ROUND, min(_LONGEST_ROUND, self.budget / (2 * _ENOUGH_PAIRS)))


def load_config(path: Path | None, folder: Path = Path()) -> Config:
    """The configuration in `path`, from `folder` on; without one, that of perfgate.toml there, or the defaults."""
    chosen = folder / (path or DEFAULT_FILE)
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
    reader = TomlReader(str(chosen))
    config = _read(reader, plain)
    if reader.problems:
        raise ProblemsError(str(chosen), reader.problems)
    return config


_TOP = (
    *("scenarios", "margin", "error_rate", "release", "measure", "gate", "service", "history", "k6", "locust"),
    *("margins", "accept"),
)
_MEASURE = ("round", "budget", "warm_up", "instances", "workers", "engine", "seed", "foreign_cpu")
_GATE = ("base", "head", "on_inconclusive", "branch", "baseline_runs")
_MARGINS = ("metric", "stat", "scenario", "request", "allowed")
_ACCEPT = ("scenario", "request", "metric", "ceiling", "expires", "reason")


def _read(reader: TomlReader, plain: Mapping[str, Any]) -> Config:
    default = Config()
    reader.refuse_unknown("", plain, _TOP)
    measure = reader.table("measure", plain.get("measure"), _MEASURE)
    gate = reader.table("gate", plain.get("gate"), _GATE)
    service = reader.table("service", plain.get("service"), SERVICE)
    k6 = reader.table("k6", plain.get("k6"), ("path", "url_variable"))
    history = reader.table("history", plain.get("history"), ("file", "branch"))
    return Config(
        scenarios=reader.take("scenarios", plain.get("scenarios"), read_path, default.scenarios),
        round=reader.take("[measure] round", measure.get("round"), read_duration, default.round),
        budget=reader.take("[measure] budget", measure.get("budget"), read_duration, default.budget),
        warm_up=reader.take("[measure] warm_up", measure.get("warm_up"), read_duration, default.warm_up),
        instances=reader.take("[measure] instances", measure.get("instances"), read_count, default.instances),
        workers=reader.take("[measure] workers", measure.get("workers"), read_count, default.workers),
        engine=reader.take("[measure] engine", measure.get("engine"), _engine, default.engine),
        locust=read_locust(reader, reader.table("locust", plain.get("locust"), LOCUST)),
        seed=reader.take("[measure] seed", measure.get("seed"), read_whole, default.seed),
        service=read_service(reader, service),
        foreign_cpu=reader.take(
            "[measure] foreign_cpu", measure.get("foreign_cpu"), read_fraction, default.foreign_cpu
        ),
        base=reader.take("[gate] base", gate.get("base"), read_text, default.base),
        head=reader.take("[gate] head", gate.get("head"), read_text, default.head),
        on_inconclusive=reader.take(
            "[gate] on_inconclusive", gate.get("on_inconclusive"), _pass_or_fail, default.on_inconclusive
        ),
        branch=reader.take("[gate] branch", gate.get("branch"), read_text, default.branch),
        baseline_runs=reader.take("[gate] baseline_runs", gate.get("baseline_runs"), read_count, default.baseline_runs),
        release=reader.take("release", plain.get("release"), read_text, default.release),
        k6=K6Settings(
            path=reader.take("[k6] path", k6.get("path"), read_text, default.k6.path),
            url_variable=reader.take("[k6] url_variable", k6.get("url_variable"), read_text, default.k6.url_variable),
        ),
        history=reader.take("[history] file", history.get("file"), read_path, default.history),
        history_branch=reader.take("[history] branch", history.get("branch"), read_text, default.history_branch),
        rules=_rules(reader, plain, default.rules),
        acceptances=tuple(
            acceptance
            for place, one in reader.tables("accept", plain.get("accept"), _ACCEPT)
            if (acceptance := _acceptance(reader, place, one)) is not None
        ),
    )


def _rules(reader: TomlReader, plain: Mapping[str, Any], default: Rules) -> Rules:
    margins = tuple(
        margin
        for place, one in reader.tables("margins", plain.get("margins"), _MARGINS)
        if (margin := _margin(reader, place, one)) is not None
    )
    return Rules(
        margin=reader.take("margin", plain.get("margin"), read_fraction, default.margin),
        margins=margins,
        error_rate=reader.take("error_rate", plain.get("error_rate"), _error_rate, default.error_rate),
    )


def _margin(reader: TomlReader, place: str, one: Mapping[str, Any]) -> Margin | None:
    if "allowed" not in one:
        reader.note(place, "lacks what it allows", 'add allowed = "10%"')
        return None
    return Margin(
        allowed=reader.take(f"{place}: allowed", one["allowed"], read_fraction, 0.0),
        metric=reader.take(f"{place}: metric", one.get("metric"), metric_name, None),
        stat=reader.take(f"{place}: stat", one.get("stat"), read_text, None),
        scenario=reader.take(f"{place}: scenario", one.get("scenario"), read_text, None),
        request=reader.take(f"{place}: request", one.get("request"), read_text, None),
    )


def _acceptance(reader: TomlReader, place: str, one: Mapping[str, Any]) -> Acceptance | None:
    missing = [key for key in _ACCEPT if key not in one and key != "request"]
    if missing:
        reader.note(place, f"lacks {', '.join(missing)}", "an acceptance says what, how far, until when and why")
        return None
    return Acceptance(
        scenario=reader.take(f"{place}: scenario", one["scenario"], read_text, ""),
        request=reader.take(f"{place}: request", one.get("request"), read_text, None),
        metric=reader.take(f"{place}: metric", one["metric"], metric_name, ""),
        ceiling=reader.take(f"{place}: ceiling", one["ceiling"], read_fraction, 0.0),
        expires=reader.take(f"{place}: expires", one["expires"], _date, date.min),
        reason=reader.take(f"{place}: reason", one["reason"], read_text, ""),
    )


def metric_name(value: Any) -> str:
    """One of the catalogue's metrics, or ValueError."""
    if value not in METRICS:
        close = difflib.get_close_matches(str(value), METRICS, 1)
        raise ValueError(f"there is no metric {value!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
    return str(value)


def _error_rate(value: Any) -> float:
    rate = read_fraction(value)
    if rate >= 1:
        raise ValueError(f"{value!r} must be less than 100 %; write it like '1%'")
    return rate


def _pass_or_fail(value: Any) -> str:
    if value not in ("pass", "fail"):
        raise ValueError(f"{value!r} must be 'pass' or 'fail'")
    return str(value)


def _engine(value: Any) -> str:
    if value not in ENGINES:
        raise ValueError(f"there is no engine {value!r}; {did_you_mean(value, ENGINES)}")
    return str(value)


def _date(value: Any) -> date:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return date.fromisoformat(read_text(value))
