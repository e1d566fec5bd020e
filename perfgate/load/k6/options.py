"""What the options of a k6 script mean here: its scenarios as load profiles, its thresholds as ours.

The options are those of https://grafana.com/docs/k6/latest/using-k6/k6-options/reference/ as `k6 inspect
--execution-requirements` writes them: checked by k6, with null for whatever the script leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, cast

from perfgate.errors import MistakeError
from perfgate.load.k6.launcher import BASE_URL, SOME_TARGET
from perfgate.load.k6.script import ScenarioSettings
from perfgate.metrics.catalogue import quantile_of
from perfgate.metrics.threshold import Threshold
from perfgate.scenario.concurrent_profiles import AnyProfile, ConcurrentProfiles, ScheduledProfile
from perfgate.scenario.profile import EXECUTORS, Profile, Stage
from perfgate.units import parse_duration

# Ours -> k6's.
_WRITTEN = {
    "vus": "vus",
    "duration": "duration",
    "stages": "stages",
    "iterations": "iterations",
    "max_duration": "maxDuration",
    "rate": "rate",
    "time_unit": "timeUnit",
    "start_rate": "startRate",
    "start_vus": "startVUs",
    "pre_allocated_vus": "preAllocatedVUs",
    "max_vus": "maxVUs",
    "graceful_stop": "gracefulStop",
    "graceful_ramp_down": "gracefulRampDown",
}
# What stands for the target's URL in thresholds: each side has its own.
TARGET = f"${{{BASE_URL}}}"
_DURATIONS = frozenset(("duration", "max_duration", "time_unit", "graceful_stop", "graceful_ramp_down"))
# What a scenario says besides its load, and k6 is told again in every slice.
_SETTINGS = tuple(ScenarioSettings.__annotations__)

_EXPRESSION = re.compile(
    r"\s*(?P<stat>[a-z]+(?:\([0-9.]+\))?)\s*(?P<operator><=|>=|===|==|!=|<|>)\s*(?P<bound>[+-]?[0-9.]+(?:[eE][+-]?\d+)?)\s*"
)
_SELECTOR = re.compile(r"(?P<metric>[^{]+)(?:\{(?P<tags>.*)\})?", re.DOTALL)
_STATS = ("avg", "min", "med", "max", "rate", "count", "value")


def read_profile(options: Mapping[str, Any]) -> AnyProfile:
    """The load of a script. MistakeError where it is of a kind that cannot be cut into rounds."""
    parts = [_read_part(name, plain) for name, plain in options["scenarios"].items()]
    if len(parts) == 1:
        return parts[0].profile
    first = min(part.start for part in parts)  # there is nothing to measure before
    return ConcurrentProfiles(tuple(replace(part, start=part.start - first) for part in parts))


def read_settings(options: Mapping[str, Any]) -> dict[str, ScenarioSettings]:
    """What the scenarios of a script say besides their load, by name."""
    return {
        name: cast(ScenarioSettings, {key: plain[key] for key in _SETTINGS if plain.get(key) is not None})
        for name, plain in options["scenarios"].items()
    }


def _read_part(name: str, plain: Mapping[str, Any]) -> ScheduledProfile:
    executor = plain["executor"]
    if executor not in EXECUTORS:
        raise MistakeError(
            f"scenario {name}: {executor} cannot be cut into rounds", f"write one of {', '.join(EXECUTORS)}"
        )
    kind = EXECUTORS[executor]
    values: dict[str, Any] = {}
    for field in fields(kind):
        value = plain.get(_WRITTEN.get(field.name, ""))
        if value is not None:
            values[field.name] = _read_value(field.name, value)
    profile: Profile = kind(**values)
    if not profile.duration:
        raise MistakeError(f"scenario {name}: its stages take no time at all", "give one a duration")
    return ScheduledProfile(name, parse_duration(plain.get("startTime") or 0), profile)


def _read_value(name: str, value: Any) -> Any:
    if name == "stages":
        return tuple(Stage(parse_duration(stage["duration"]), int(stage["target"])) for stage in value)
    if name in _DURATIONS:
        return parse_duration(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MistakeError(f"{_WRITTEN[name]} is {value!r}", "write a whole number")
    return value


def read_thresholds(options: Mapping[str, Any]) -> tuple[Threshold, ...]:
    """The thresholds of a script. MistakeError where one cannot be read."""
    found = []
    for written, conditions in (options.get("thresholds") or {}).items():
        selector = written.replace(SOME_TARGET, TARGET)
        for condition in conditions:
            plain = condition if isinstance(condition, Mapping) else {"threshold": condition}
            found.append(_read_threshold(selector, plain))
    return tuple(found)


def _read_threshold(selector: str, condition: Mapping[str, Any]) -> Threshold:
    expression = condition["threshold"]
    match = _EXPRESSION.fullmatch(expression)
    if match is None or not _is_stat(match["stat"]):
        raise MistakeError(f"{selector}: {expression!r} is not a threshold", "write it like 'p(95)<500' or 'rate<0.01'")
    metric, tags = split_selector(selector)
    request = tags["name"] if tags.keys() == {"name"} else None
    return Threshold(
        metric=metric if request is not None else selector,
        request=request,
        stat=match["stat"],
        comparison=match["operator"],
        bound=float(match["bound"]),
        expression=expression.strip(),
        abort_on_fail=bool(condition.get("abortOnFail")),
        abort_delay=parse_duration(condition.get("delayAbortEval") or 0),
    )


def _is_stat(stat: str) -> bool:
    try:
        return stat in _STATS or quantile_of(stat) is not None
    except ValueError:
        return False


def split_selector(selector: str) -> tuple[str, dict[str, str]]:
    """The metric and the tags of `http_req_duration{name:POST /pet,status:200}`."""
    match = _SELECTOR.fullmatch(selector)
    if match is None:
        return selector, {}
    pairs = (pair.partition(":") for pair in (match["tags"] or "").split(",") if pair)
    return match["metric"].strip(), {key.strip(): value.strip() for key, _, value in pairs}
