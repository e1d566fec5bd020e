"""The options of @scenario: which there are, and what is wrong with those that were written.

A mistaken option counts as its default, so that all the others can still be checked; whoever uses what `read_options`
returns looks at its mistakes first.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, TypedDict, TypeVar, get_args

from perfgate.errors import did_you_mean, nearest
from perfgate.metrics.threshold import Threshold
from perfgate.scenario.profile import Arrival, ConstantVUs, Profile
from perfgate.scenario.profile_options import read_profile
from perfgate.scenario.raw_option import Mistake, Written, read_choice, read_length, twin_of
from perfgate.scenario.rows import ROWS_SUFFIXES
from perfgate.scenario.threshold_options import read_thresholds

Connections = Literal["keep-alive", "per-iteration", "per-request"]
Transport = Literal["wire", "requests"]
HttpVersion = Literal["1.1", "2"]
Value = TypeVar("Value")

TIMEOUT = 60.0  # seconds for one request, as in k6


class WrittenOptions(TypedDict, total=False):
    """The options as they may be written; durations like "20s", "1m30s", "500ms", or in seconds."""

    executor: str
    vus: int
    duration: str | float
    stages: Sequence[Mapping[str, object] | tuple[str | float, int]]
    iterations: int
    max_duration: str | float
    rate: int
    time_unit: str | float
    start_rate: int
    start_vus: int
    pre_allocated_vus: int
    max_vus: int
    arrival: Arrival
    graceful_stop: str | float
    graceful_ramp_down: str | float
    thresholds: Mapping[str, str | Mapping[str, object] | Sequence[str | Mapping[str, object]]]
    name: str
    connections: Connections
    transport: Transport
    http_version: HttpVersion
    timeout: str | float
    rows: str | os.PathLike[str]


OPTIONS = tuple(WrittenOptions.__annotations__)

# Options of k6 that mean nothing here, and what to do instead.
_ELSEWHERE = {
    "exec": "leave it out; @scenario stands above the function itself",
    "start_time": "leave it out; scenarios are measured one after the other",
    "env": "leave it out; read os.environ in the scenario file",
    "tags": "leave it out; group requests by name=, as in user.get(url, name='GET /pet/{id}')",
}
_NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Options:
    """What one @scenario says. rows_file: None without rows."""

    name: str
    profile: Profile
    thresholds: tuple[Threshold, ...]
    connections: Connections
    transport: Transport
    http_version: HttpVersion
    timeout: float
    rows_file: Path | None


def read_options(options: Mapping[str, object], function_name: str, folder: Path) -> tuple[Options, list[Mistake]]:
    """What `options` say for a function of that name in a file in `folder`, and every mistake in them."""
    mistakes: list[Mistake] = []
    written = _recognise(options, mistakes)
    name = written.get("name", Written(function_name, (), "name", mistakes))
    transport: Transport = _read(written, "transport", _read_transport) or "wire"
    return Options(
        name=_read_name(name) or function_name,
        profile=read_profile(written) or ConstantVUs(),
        thresholds=_read(written, "thresholds", read_thresholds) or (),
        connections=_read(written, "connections", _read_connections) or "keep-alive",
        transport=transport,
        http_version=_read(written, "http_version", partial(_read_http_version, transport=transport)) or "1.1",
        timeout=_read(written, "timeout", read_length) or TIMEOUT,
        rows_file=_read(written, "rows", partial(_read_rows_file, folder=folder)),
    ), mistakes


def _read(written: Mapping[str, Written], name: str, reader: Callable[[Written], Value | None]) -> Value | None:
    return reader(written[name]) if name in written else None


def _read_name(written: Written) -> str | None:
    if isinstance(written.value, str) and _NAME.fullmatch(written.value):
        return written.value
    written.wrong(f"{written.value!r} is not a name", 'write name="..." of letters, digits, "_" and "-"')
    return None


def _read_connections(written: Written) -> Connections | None:
    return read_choice(written, get_args(Connections), "connections mode")


def _read_transport(written: Written) -> Transport | None:
    return read_choice(written, get_args(Transport), "transport")


def _read_http_version(written: Written, transport: Transport) -> HttpVersion | None:
    value = written.value
    if isinstance(value, (int, float)):
        written = replace(written, value=str(value))
    version = read_choice(written, get_args(HttpVersion), "HTTP version")
    if version == "2" and transport == "requests":
        written.wrong("requests does not speak HTTP/2", "leave transport or http_version out")
    elif version == "2" and importlib.util.find_spec("h2") is None:
        written.wrong("HTTP/2 needs the library h2, which is not installed", "pip install 'perfgate[http2]'")
    return version


def _read_rows_file(written: Written, folder: Path) -> Path | None:
    value = written.value
    if not isinstance(value, (str, os.PathLike)):
        written.wrong(f"{written.label} is not a file", 'write rows="users.csv"')
        return None
    path = folder / value
    if path.suffix not in ROWS_SUFFIXES:
        written.wrong(f"{written.label} is neither a CSV nor a JSON file", 'write rows="users.csv" or "users.json"')
    elif not path.is_file():
        written.wrong(f"{written.label}: there is no such file", "name it relative to the scenario file")
    else:
        return path
    return None


def _recognise(options: Mapping[str, object], mistakes: list[Mistake]) -> dict[str, Written]:
    """The options by their right names. A wrong name is a mistake; the value counts for what was probably meant."""
    found = {name: Written(value, (name,), name, mistakes) for name, value in options.items() if name in OPTIONS}
    for name in [name for name in options if name not in OPTIONS]:
        written = Written(options[name], (name,), name, mistakes)
        elsewhere, twin = twin_of(name, _ELSEWHERE), twin_of(name, OPTIONS)
        if elsewhere:
            written.wrong(f"@scenario takes no {name}", _ELSEWHERE[elsewhere])
            continue
        written.wrong(f"@scenario takes no {name}", f"write {twin}" if twin else did_you_mean(name, OPTIONS))
        meant = twin or nearest(name, OPTIONS)
        if meant:
            found.setdefault(meant, written)
    return found
