"""perfgate.toml: read, checked whole, and turned into values. All mistakes come at once."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from perfgate.compare.rules import Margin, Rules
from perfgate.compare.stored.prediction import FEWEST_VALUES, LONGEST_SERIES
from perfgate.config.compared import check_has_rows, metric_name
from perfgate.config.counters import read_counters
from perfgate.config.dependencies import read_dependencies
from perfgate.config.explain import EXPLAIN, read_explain
from perfgate.config.locust import LOCUST, read_locust
from perfgate.config.patterns import read_patterns
from perfgate.config.service import SERVICE, read_service
from perfgate.config.toml_reader import (
    Key,
    TomlReader,
    read_count,
    read_duration,
    read_fraction,
    read_path,
    read_text,
    read_whole,
)
from perfgate.config.values import AUTO, DEFAULT_FILE, ENGINES, MOST_SCALE, Config
from perfgate.errors import Problem, ProblemsError, UsageError, did_you_mean
from perfgate.git import folders_above
from perfgate.load.k6.launcher import K6Settings
from perfgate.verdict import Acceptance

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Beyond, a bound says hardly more than the estimate.
_HIGHEST_MISS_RATE = 0.25


def _error_rate(value: Any) -> float:
    rate = read_fraction(value)
    if rate >= 1:
        raise ValueError(f"{value!r} must be less than 100 %; write it like '1%'")
    return rate


def _miss_rate(value: Any) -> float:
    rate = read_fraction(value)
    if not 0 < rate <= _HIGHEST_MISS_RATE:
        raise ValueError(f"{value!r} must be more than 0 and at most {_HIGHEST_MISS_RATE:.0%}; write it like '2.5%'")
    return rate


def read_scale(value: Any) -> float | Literal["auto"]:
    """A factor of the load, or AUTO; or ValueError."""
    if value == AUTO:
        return AUTO
    try:
        factor = 0.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        factor = 0.0
    if not 0 < factor <= MOST_SCALE:
        raise ValueError(f"{value!r} must be {AUTO!r} or a number up to {MOST_SCALE:,}; write it like 4")
    return factor


def _pass_or_fail(value: Any) -> str:
    if value not in ("pass", "fail"):
        raise ValueError(f"{value!r} must be 'pass' or 'fail'")
    return str(value)


def _baseline_runs(value: Any) -> int:
    runs = read_count(value)
    if not FEWEST_VALUES <= runs <= LONGEST_SERIES:
        raise ValueError(f"{value!r} must be from {FEWEST_VALUES} to {LONGEST_SERIES}")
    return runs


def _label(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f'{value!r} must be the name of a label between quotes, or "" for none')
    return value.strip()


def _engine(value: Any) -> str:
    if value not in ENGINES:
        raise ValueError(f"there is no engine {value!r}; {did_you_mean(value, ENGINES)}")
    return str(value)


def _date(value: Any) -> date:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return date.fromisoformat(read_text(value))


_TOP = {
    "scenarios": Key("scenarios", read_path),
    "release": Key("release", read_text),
    "paths": Key("paths", read_patterns),
}
_FIELDS = {
    "measure": {
        "round": Key("round", read_duration),
        "budget": Key("budget", read_duration),
        "warm_up": Key("warm_up", read_duration),
        "warm_up_most": Key("warm_up_most", read_duration),
        "scale": Key("scale", read_scale),
        "instances": Key("instances", read_count),
        "workers": Key("workers", read_count),
        "engine": Key("engine", _engine),
        "seed": Key("seed", read_whole),
        "foreign_cpu": Key("foreign_cpu", read_fraction),
        "instance_noise": Key("instance_noise", read_fraction),
    },
    "gate": {
        "base": Key("base", read_text),
        "head": Key("head", read_text),
        "accept_label": Key("accept_label", _label),
        "on_inconclusive": Key("on_inconclusive", _pass_or_fail),
        "branch": Key("branch", read_text),
        "baseline_runs": Key("baseline_runs", _baseline_runs),
    },
    "history": {"file": Key("history", read_path), "branch": Key("history_branch", read_text)},
    "k6": {"path": Key("path", read_text), "url_variable": Key("url_variable", read_text)},
}
_TABLES = {**_FIELDS, "service": SERVICE, "locust": LOCUST, "explain": EXPLAIN}
_KNOWN = (
    *("scenarios", "paths", "margin", "error_rate", "miss_rate", "release", "measure", "gate", "service", "history"),
    *("k6", "locust", "margins", "accept", "dependencies", "counter", "explain"),
)
_MARGINS = ("metric", "stat", "scenario", "request", "allowed")
_ACCEPT = ("scenario", "request", "metric", "ceiling", "expires", "reason")


def load_config(path: Path | None, folder: Path = Path()) -> Config:
    """The configuration in `path`, from `folder` on; without one, that of perfgate.toml there, or the defaults.

    UsageError: there is none in `folder`, and one above it in the same repository, which was meant.
    """
    chosen = folder / (path or DEFAULT_FILE)
    if not chosen.is_file():
        if path is None:
            _refuse_below(folder)
            return Config()
        raise UsageError(
            f"there is no configuration file {path}", "name one that exists with --config, or leave it out"
        )
    try:
        plain = tomllib.loads(chosen.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        wrong = f"is not text in UTF-8: byte 0x{error.object[error.start]:02x}"
        raise ProblemsError(str(chosen), [Problem(str(chosen), wrong, "save it as UTF-8")]) from None
    except ValueError as error:  # of the TOML, or of a number with too many digits
        raise ProblemsError(str(chosen), [Problem(str(chosen), str(error), _mend_toml(chosen))]) from None
    except RecursionError:
        problem = Problem(str(chosen), "is nested too deeply", "mend the TOML there")
        raise ProblemsError(str(chosen), [problem]) from None
    reader = TomlReader(str(chosen))
    config = _read(reader, plain)
    if reader.problems:
        raise ProblemsError(str(chosen), reader.problems)
    return replace(config, folder=_folder_of(chosen, folder))


def _refuse_below(folder: Path) -> None:
    above = next((one for one in folders_above(folder) if (one / DEFAULT_FILE).is_file()), None)
    if above is not None:
        raise UsageError(
            f"there is no {DEFAULT_FILE} here, and one in {above}",
            f"call perfgate in {above}; an empty {DEFAULT_FILE} here stands for the defaults",
        )


def _folder_of(file: Path, folder: Path) -> Path:
    """The folder of a configuration, from `folder` on; `folder` itself for one that lies elsewhere."""
    here = file.resolve().parent
    top = folder.resolve()
    return here.relative_to(top) if here.is_relative_to(top) else Path()


def _read(reader: TomlReader, plain: Mapping[str, Any]) -> Config:
    default = Config()
    reader.refuse_unknown("", plain, _KNOWN)
    tables = {name: reader.table(name, plain.get(name), tuple(known)) for name, known in _TABLES.items()}
    values = reader.fields("", plain, _TOP, default)
    for name in ("measure", "gate", "history"):
        values |= reader.fields(f"[{name}] ", tables[name], _FIELDS[name], default)
    service = read_service(reader, tables["service"], read_dependencies(reader, plain.get("dependencies")))
    return Config(
        **values,
        locust=read_locust(reader, tables["locust"]),
        explain=read_explain(reader, tables["explain"]),
        service=replace(service, counters=read_counters(reader, plain.get("counter"), service)),
        k6=K6Settings(**reader.fields("[k6] ", tables["k6"], _FIELDS["k6"], default.k6)),
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
        miss_rate=reader.take("miss_rate", plain.get("miss_rate"), _miss_rate, default.miss_rate),
    )


def _margin(reader: TomlReader, place: str, one: Mapping[str, Any]) -> Margin | None:
    if "allowed" not in one:
        reader.note(place, "lacks what it allows", 'add allowed = "10%"')
        return None
    margin = Margin(
        allowed=reader.take(f"{place}: allowed", one["allowed"], read_fraction, 0.0),
        metric=reader.take(f"{place}: metric", one.get("metric"), metric_name, None),
        stat=reader.take(f"{place}: stat", one.get("stat"), read_text, None),
        scenario=reader.take(f"{place}: scenario", one.get("scenario"), read_text, None),
        request=reader.take(f"{place}: request", one.get("request"), read_text, None),
    )
    _note_without_rows(reader, place, margin.metric, margin.stat, margin.request)
    return margin


def _acceptance(reader: TomlReader, place: str, one: Mapping[str, Any]) -> Acceptance | None:
    missing = [key for key in _ACCEPT if key not in one and key != "request"]
    if missing:
        reader.note(place, f"lacks {', '.join(missing)}", "an acceptance says what, how far, until when and why")
        return None
    acceptance = Acceptance(
        scenario=reader.take(f"{place}: scenario", one["scenario"], read_text, ""),
        request=reader.take(f"{place}: request", one.get("request"), read_text, None),
        metric=reader.take(f"{place}: metric", one["metric"], metric_name, ""),
        ceiling=reader.take(f"{place}: ceiling", one["ceiling"], read_fraction, 0.0),
        expires=reader.take(f"{place}: expires", one["expires"], _date, date.min),
        reason=reader.take(f"{place}: reason", one["reason"], read_text, ""),
    )
    _note_without_rows(reader, place, acceptance.metric or None, None, acceptance.request)
    return acceptance


def _note_without_rows(
    reader: TomlReader, place: str, metric: str | None, stat: str | None, request: str | None
) -> None:
    try:
        check_has_rows(metric, stat, request)
    except ValueError as error:
        reader.note(place, str(error))


def _mend_toml(file: Path) -> str:
    """The hint for a file that is no TOML."""
    if re.search(rb"(?m)^(<{7}|>{7}) ", file.read_bytes()):
        return "a merge was left unfinished there: choose between the lines of <<<<<<< and >>>>>>>"
    return "mend the TOML there"
