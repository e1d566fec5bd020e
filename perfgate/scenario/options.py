"""The options of @scenario, and the mistakes in them.

A mistaken option counts as its default, so that all the others can still be checked: look at the mistakes that
`read_options` returns before its options.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, TypedDict, TypeVar, get_args

from perfgate.errors import did_you_mean, nearest
from perfgate.extras import install_hint, is_installed
from perfgate.metrics.threshold import Threshold
from perfgate.scenario.profile import Arrival, ConstantVUs, Profile
from perfgate.scenario.profile_options import read_profile
from perfgate.scenario.raw_option import OptionMistake, RawOption, read_choice, read_length, same_spelling
from perfgate.scenario.rows import ROWS_SUFFIXES
from perfgate.scenario.threshold_options import read_thresholds

Connections = Literal["keep-alive", "per-iteration", "per-request"]
Transport = Literal["wire", "requests"]
HttpVersion = Literal["1.1", "2"]
Read = TypeVar("Read")

TIMEOUT = 60.0  # seconds for one request, as in k6


class ScenarioOptions(TypedDict, total=False):
    """The options as they may be written; durations like "20s", "1m30s", "500ms", or in seconds."""

    executor: str
    """One of k6's six: `constant-vus`, `ramping-vus`, `constant-arrival-rate`, `ramping-arrival-rate`,
    `shared-iterations`, `per-vu-iterations`; inferred from the other options where it is left out.
    """

    vus: int
    """Virtual users; 1 where it is left out."""

    duration: str | float
    """Length of the load; "20s" where it is left out."""

    stages: Sequence[Mapping[str, object] | tuple[str | float, int]]
    """Of a ramping executor: {"duration": "10s", "target": 20}, or ("10s", 20), one after the other."""

    iterations: int
    """How many iterations in all; with `per-vu-iterations` of each user."""

    max_duration: str | float
    """After which an executor that counts iterations ends in any case; "10m" where it is left out."""

    rate: int
    """Iterations that begin in each `time_unit`, however long they take."""

    time_unit: str | float
    """The time that `rate` is for; "1s" where it is left out."""

    start_rate: int
    """The rate with which `ramping-arrival-rate` begins."""

    start_vus: int
    """The users with whom `ramping-vus` begins."""

    pre_allocated_vus: int
    """Of an arrival rate: the users that are there from the start."""

    max_vus: int
    """Of an arrival rate: the most users; what finds none free is a dropped iteration."""

    arrival: Arrival
    """Of an arrival rate: "constant" spacing as in k6, or "poisson"."""

    graceful_stop: str | float
    """How long iterations may go on after the end; "30s" where it is left out."""

    graceful_ramp_down: str | float
    """How long those of users that a ramp takes away may go on; "30s" where it is left out."""

    thresholds: Mapping[str, str | Mapping[str, object] | Sequence[str | Mapping[str, object]]]
    """k6's grammar, with units: {"http_req_duration": "p(95)<500ms", "http_req_failed": ["rate<1%"]}; per request name
    "http_req_duration{name:POST /pet}"; {"threshold": "rate<1%", "abort_on_fail": True, "delay_abort_eval": "10s"} ends
    a run once there were 10 s of load. One without data fails at the end, and aborts nothing.
    """

    name: str
    """Name of the scenario: letters, digits, "_" and "-"; that of the function where it is left out."""

    connections: Connections
    """When they are opened: "keep-alive" (default; for as long as users live), "per-iteration", "per-request"."""

    transport: Transport
    """What sends: "wire" (default), or "requests" for a real `requests.Session` with its plug-ins, at its speed."""

    http_version: HttpVersion
    """The protocol: "1.1" (default), or "2", by ALPN over TLS and with prior knowledge without it, which takes
    `pip install 'perfgate[http2]'`.
    """

    timeout: str | float
    """The longest that a request may take; "60s" where it is left out."""

    rows: str | os.PathLike[str]
    """A CSV or JSON file beside the scenario, handed out to the users: `user.row["name"]`."""


OPTIONS = tuple(ScenarioOptions.__annotations__)

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
    """The options of one @scenario, checked and with their defaults.

    name: of the scenario.
    profile: the load.
    thresholds: all of them.
    connections: when connections are opened anew.
    transport: what sends the requests.
    http_version: of the protocol.
    timeout: of a request (s).
    rows_file: the file with test data; None without rows.
    """

    name: str
    profile: Profile
    thresholds: tuple[Threshold, ...]
    connections: Connections
    transport: Transport
    http_version: HttpVersion
    timeout: float
    rows_file: Path | None


def read_options(
    options: Mapping[str, object], function_name: str, folder: Path
) -> tuple[Options, list[OptionMistake]]:
    """The options for a function of that name in a file in `folder`, and every mistake in them."""
    mistakes: list[OptionMistake] = []
    raw = _recognise(options, mistakes)
    name = raw.get("name", RawOption(function_name, (), "name", mistakes))
    transport: Transport = _read(raw, "transport", _read_transport) or "wire"
    return Options(
        name=_read_name(name) or function_name,
        profile=read_profile(raw) or ConstantVUs(),
        thresholds=_read(raw, "thresholds", read_thresholds) or (),
        connections=_read(raw, "connections", _read_connections) or "keep-alive",
        transport=transport,
        http_version=_read(raw, "http_version", partial(_read_http_version, transport=transport)) or "1.1",
        timeout=_read(raw, "timeout", read_length) or TIMEOUT,
        rows_file=_read(raw, "rows", partial(_read_rows_file, folder=folder)),
    ), mistakes


def _read(raw: Mapping[str, RawOption], name: str, reader: Callable[[RawOption], Read | None]) -> Read | None:
    return reader(raw[name]) if name in raw else None


def _read_name(option: RawOption) -> str | None:
    if isinstance(option.value, str) and _NAME.fullmatch(option.value):
        return option.value
    option.wrong(f"{option.value!r} is not a name", 'write name="..." of letters, digits, "_" and "-"')
    return None


def _read_connections(option: RawOption) -> Connections | None:
    return read_choice(option, get_args(Connections), "connections mode")


def _read_transport(option: RawOption) -> Transport | None:
    return read_choice(option, get_args(Transport), "transport")


def _read_http_version(option: RawOption, transport: Transport) -> HttpVersion | None:
    value = option.value
    if isinstance(value, (int, float)):
        option = replace(option, value=str(value))
    version = read_choice(option, get_args(HttpVersion), "HTTP version")
    if version == "2" and transport == "requests":
        option.wrong("requests does not speak HTTP/2", "leave transport or http_version out")
    elif version == "2" and not is_installed("hpack"):
        option.wrong("HTTP/2 needs the library hpack, which is not installed", install_hint("http2"))
    return version


def _read_rows_file(option: RawOption, folder: Path) -> Path | None:
    value = option.value
    if not isinstance(value, (str, os.PathLike)):
        option.wrong(f"{option.label} is not a file", 'write rows="users.csv"')
        return None
    path = folder / value
    if path.suffix not in ROWS_SUFFIXES:
        option.wrong(f"{option.label} is neither a CSV nor a JSON file", 'write rows="users.csv" or "users.json"')
    elif not os.path.isfile(path):  # false for a name that no file can have, too
        option.wrong(f"{option.label}: there is no such file", "name it relative to the scenario file")
    else:
        return path
    return None


def _recognise(options: Mapping[str, object], mistakes: list[OptionMistake]) -> dict[str, RawOption]:
    """The options by their right names. A wrong name is a mistake; its value counts for the name probably meant."""
    found = {name: RawOption(value, (name,), name, mistakes) for name, value in options.items() if name in OPTIONS}
    for name in [name for name in options if name not in OPTIONS]:
        option = RawOption(options[name], (name,), name, mistakes)
        elsewhere, twin = same_spelling(name, _ELSEWHERE), same_spelling(name, OPTIONS)
        if elsewhere:
            option.wrong(f"@scenario takes no {name}", _ELSEWHERE[elsewhere])
            continue
        option.wrong(f"@scenario takes no {name}", f"write {twin}" if twin else did_you_mean(name, OPTIONS))
        meant = twin or nearest(name, OPTIONS)
        if meant:
            found.setdefault(meant, option)
    return found
