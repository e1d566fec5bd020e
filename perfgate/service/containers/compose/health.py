"""Health checks of a compose project: quick while it starts, and, where the engine can do that, quiet afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# What holds where a health check does not say it (Dockerfile reference, HEALTHCHECK), in seconds.
_INTERVAL = _TIMEOUT = 30.0
_RETRIES = 3
# From this version of its interface on the engine looks more often while a container starts (Docker 25).
_API_WITH_START_INTERVAL = (1, 44)
_QUICK, _QUIET = "500ms", "1h"
_OLD_ENGINE_SECONDS = 2.0
# time.ParseDuration of Go, as compose files write it.
_PART = re.compile(r"(\d+(?:\.\d*)?)(h|ms|us|µs|ns|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def has_check(raw: Mapping[str, Any]) -> bool:
    """Whether the compose file gives a service a health check. Its image may have one besides."""
    check = raw.get("healthcheck") or {}
    return bool(check) and not check.get("disable") and list(check.get("test") or ()) != ["NONE"]


def patience(raw: Mapping[str, Any]) -> float:
    """How long the health check of a service lets it start (s); 0 without one."""
    if not has_check(raw):
        return 0.0
    check = raw["healthcheck"]
    interval, timeout = _seconds(check.get("interval"), _INTERVAL), _seconds(check.get("timeout"), _TIMEOUT)
    retries = int(check.get("retries") or _RETRIES)
    return _seconds(check.get("start_period"), 0.0) + retries * (interval + min(timeout, interval))


def quick(raw: Mapping[str, Any], api: str) -> dict[str, Any]:
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
