"""Health checks of a compose project: quick while it starts, and, where the engine can do that, quiet afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from perfgate.service.containers.compose.selection import Raw

HEALTHY = "service_healthy"
"""The condition of `depends_on` that waits for a health check."""

# What holds where a health check does not say it (Dockerfile reference, HEALTHCHECK), in seconds.
_INTERVAL = _TIMEOUT = 30.0
_RETRIES = 3
# From this version of its interface on the engine looks more often while a container starts (Docker 25).
_API_WITH_START_INTERVAL = (1, 44)
_QUICK, _QUIET = "500ms", "1h"
_OLD_ENGINE_SECONDS = 2.0
_NONE = ["NONE"]
# How the engine calls what a compose file says of a check; its durations are in nanoseconds.
_DURATIONS = {"interval": "Interval", "timeout": "Timeout", "start_period": "StartPeriod"}
# time.ParseDuration of Go, as compose files write it.
_PART = re.compile(r"(\d+(?:\.\d*)?)(h|ms|us|µs|ns|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def with_checks(services: Mapping[str, Raw], of_images: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Raw]:
    """The services, each with the health check that its container is to have: the engine adds that of the image.

    of_images: the health checks of their images, as the engine describes them.
    """
    conditions = ((raw.get("depends_on") or {}).items() for raw in services.values())
    awaited = {name for found in conditions for name, how in found if (how or {}).get("condition") == HEALTHY}
    return {name: _with_check(raw, of_images.get(name) or {}, name in awaited) for name, raw in services.items()}


def _with_check(raw: Raw, of_image: Mapping[str, Any], is_awaited: bool) -> Raw:
    """What the file does not say of a check is as the image says it.

    A check that an image alone has is off where nobody waits for it: it would take CPU now and then, and may be of
    another service that is made from the same image.
    """
    check = {key: value for key, value in (raw.get("healthcheck") or {}).items() if value is not None}
    if _is_off(check) or not of_image.get("Test") or list(of_image["Test"]) == _NONE:
        return raw
    if not check and not is_awaited:
        return {**raw, "healthcheck": {"disable": True}}
    own: dict[str, Any] = {"test": list(of_image["Test"])}
    own |= {key: f"{of_image[name] // 10**6}ms" for key, name in _DURATIONS.items() if of_image.get(name)}
    if of_image.get("Retries"):
        own["retries"] = of_image["Retries"]
    return {**raw, "healthcheck": {**own, **check}}


def has_check(raw: Raw) -> bool:
    """Whether a service has a health check."""
    check = raw.get("healthcheck") or {}
    return bool(check.get("test")) and not _is_off(check)


def _is_off(check: Mapping[str, Any]) -> bool:
    return bool(check.get("disable")) or list(check.get("test") or ()) == _NONE


def patience(raw: Raw) -> float:
    """How long the health check of a service lets it start (s); 0 without one."""
    if not has_check(raw):
        return 0.0
    check = raw["healthcheck"]
    interval, timeout = _seconds(check.get("interval"), _INTERVAL), _seconds(check.get("timeout"), _TIMEOUT)
    retries = int(check.get("retries") or _RETRIES)
    return _seconds(check.get("start_period"), 0.0) + retries * (interval + min(timeout, interval))


def quick(raw: Raw, api: str) -> dict[str, Any]:
    """The health check of a service, so that it sees soon that the service is healthy.

    A check takes CPU, and counts as the service's own: after the start there is none where the engine can do that.
    api: the version of the engine's interface, like "1.41".
    """
    check = dict(raw["healthcheck"])
    if tuple(map(int, api.split("."))) >= _API_WITH_START_INTERVAL:
        return {**check, "start_period": f"{patience(raw):.0f}s", "start_interval": _QUICK, "interval": _QUIET}
    if _seconds(check.get("interval"), _INTERVAL) <= _OLD_ENGINE_SECONDS:
        return check
    retries = max(1, round(patience(raw) / _OLD_ENGINE_SECONDS))
    return {**check, "interval": f"{_OLD_ENGINE_SECONDS:.0f}s", "retries": retries}


def _seconds(text: Any, default: float) -> float:
    parts = _PART.findall(str(text or ""))
    return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else default
