"""The Docker SDK for Python, which comes with an extra: to be asked for before any module that imports it."""

from __future__ import annotations

from perfgate.extras import is_installed, require

_SDK = "docker"


def has_docker_sdk() -> bool:
    """Whether the SDK is installed."""
    return is_installed(_SDK)


def require_docker_sdk() -> None:
    """UsageError where the SDK is missing."""
    require(_SDK, "docker", "containers need the Docker SDK for Python")
