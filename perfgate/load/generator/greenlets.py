"""The group of greenlets that the users of a round run in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Greenlets(Protocol):
    """A group of greenlets: gevent's Group, or the Locust users of a machine."""

    def spawn(self, function: Callable[..., Any], *arguments: Any) -> object: ...

    def join(self, timeout: float | None = None) -> object: ...

    def kill(self, *, block: bool = True, timeout: float | None = None) -> object: ...
