"""Whether the Docker SDK for Python is there. To be asked before any module that imports it: it comes with an extra."""

from __future__ import annotations

from importlib.util import find_spec

from perfgate.errors import UsageError


def has_docker_sdk() -> bool:
    """Whether containers can be talked of at all."""
    return find_spec("docker") is not None


def need_docker_sdk() -> None:
    """UsageError where it lacks."""
    if not has_docker_sdk():
        raise UsageError("containers need the Docker SDK for Python", "pip install 'perfgate[docker]'")
