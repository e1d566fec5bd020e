"""Paths that only ask whether a service is there."""

from __future__ import annotations

# Health checks, the most telling first.
HEALTH = (
    "readyz",
    "ready",
    "readiness",
    "healthz",
    "health",
    "healthcheck",
    "health-check",
    "livez",
    "live",
    "liveness",
    "ping",
)


def last_word(template: str) -> str:
    """What a path ends in, without capitals."""
    return template.rstrip("/").rpartition("/")[2].lower()


def is_health_check(method: str, template: str) -> bool:
    """Whether a request is called like a health check."""
    return method == "GET" and last_word(template) in HEALTH
