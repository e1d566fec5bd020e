"""data.js of benchmark-action/github-action-benchmark: every commit that was measured, with one value a benchmark.

Or the same as JSON, which the action keeps where it is given external-data-json-path.

https://github.com/benchmark-action/github-action-benchmark. Only durations can be kept; what counts operations a second
is left out, unless it says the mean as well (as pytest-benchmark does).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from perfgate.errors import MistakeError
from perfgate.exchange.importing.assembling import tidy
from perfgate.exchange.importing.parsed_run import ParsedResult, ParsedRun, ParsedScenario
from perfgate.exchange.importing.reading_json import Node, parse_json
from perfgate.exchange.importing.source import SourceFile
from perfgate.history.stored import StoredDuration

_START = "window.BENCHMARK_DATA"
_MILLISECONDS = {"ns": 1e-6, "nsec": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "usec": 1e-3, "ms": 1.0, "msec": 1.0}
_MILLISECONDS |= {"s": 1e3, "sec": 1e3, "seconds": 1e3, "milliseconds": 1.0, "nanoseconds": 1e-6}
_MEAN = re.compile(r"mean: (\d*\.?\d+(?:e[+-]?\d+)?) ?(\w+)", re.IGNORECASE)
_MILLISECONDS_OF_A_SECOND = 1000
_MOST_SHOWN = 3
_AVERAGE = "the file has one value each; it stands as the average"


def recognises(source: SourceFile) -> bool:
    document = source.document
    return source.first_line.lstrip().startswith(_START) or (
        isinstance(document, dict) and {"lastUpdate", "entries"} <= document.keys()
    )


def read(source: SourceFile) -> Iterator[ParsedRun]:
    for suite, entries in Node(_data(source)).needed("entries").members():
        for entry in entries.items():
            yield _run(suite, entry)


def _data(source: SourceFile) -> Any:
    if source.document is not None:
        return source.document
    _, equals, text = source.text().partition("=")
    if not equals:
        raise MistakeError("it has no data", "was it cut short? Write it again")
    return parse_json(text.strip().removesuffix(";"))


def _run(suite: str, entry: Node) -> ParsedRun:
    commit = entry.member("commit").text("id")
    place = f"{commit[:12] or 'no commit'} in {suite}"
    durations, lost = _durations(list(entry.needed("benches").items()))
    entry.needed("date")
    kept = [ParsedResult(name, duration=duration) for name, duration in durations.items()]
    benched = json.dumps(entry.member("benches").value, sort_keys=True)
    return ParsedRun(
        identity=hashlib.sha256(f"{suite}\n{commit}\n{entry.amount('date')}\n{benched}".encode()).hexdigest(),
        started_at=entry.unix_time("date", _MILLISECONDS_OF_A_SECOND),
        scenarios=(ParsedScenario(suite, tuple(kept), warnings=(_AVERAGE,)),) if kept else (),
        commit=commit,
        left_out=tuple(_sentence(place, reason, values) for reason, values in lost.items()),
    )


def _sentence(place: str, reason: str, values: list[str]) -> str:
    """What was left out, where, and why."""
    different = sorted(set(values))
    shown = ", ".join(different[:_MOST_SHOWN]) + (", ..." if len(different) > _MOST_SHOWN else "")
    return f"{len(values)} value{'s' if len(values) > 1 else ''} of {place}: {shown} {reason}"


def _durations(benches: list[Node]) -> tuple[dict[str, StoredDuration], dict[str, list[str]]]:
    """The durations by their names, and what cannot be kept by the reason.

    One name in several packages of Go is there once for each, and nothing tells which is which.
    """
    names = Counter(tidy(_text(bench, "name")) for bench in benches)
    kept: dict[str, StoredDuration] = {}
    lost: dict[str, list[str]] = {}
    for bench in benches:
        name, duration = tidy(_text(bench, "name")), _duration(bench)
        if duration is None:
            lost.setdefault("is no duration", []).append(_value(bench))
        elif names[name] > 1:
            lost.setdefault("is there more than once", []).append(repr(name))
        else:
            kept[name] = duration
    return kept, lost


def _value(bench: Node) -> str:
    """What is no duration: the unit, or the value where the unit is that of a duration."""
    unit = tidy(_text(bench, "unit"))
    return unit or "no unit" if _scale(unit) is None else f"{bench.member('value').value} {unit}"


def _text(bench: Node, key: str) -> str:
    """A text as it is, another value as JSON: the action keeps what a tool gave it, of whatever type."""
    value = bench.member(key).value
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _number(value: Any) -> float | None:
    """A number, also one between quotes; None for anything else."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _scale(unit: str) -> float | None:
    """The milliseconds of a unit; None where it is none of time."""
    return _MILLISECONDS.get(unit.strip().lower().removesuffix("/iter").removesuffix("/op"))


def _duration(bench: Node) -> StoredDuration | None:
    """The average, where the value is a duration."""
    scale = _scale(_text(bench, "unit"))
    value: float | None = None
    if scale is not None:
        value = _number(bench.member("value").value)
    elif mean := _MEAN.search(_text(bench, "extra")):
        scale, value = _MILLISECONDS.get(mean[2].lower()), float(mean[1])
    if scale is None or value is None or not 0 <= value < math.inf:
        return None
    return StoredDuration(value * scale, *[None] * 6)
