"""Locust's spawning of users: it runs test_start's listeners and every `__init__`, and ends at the first exception."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from perfgate.load.locustfile.raised import describe_users


class Spawning:
    """Spawns a runner's users, and notes what stops that.

    problems: why some users were not made; () where all were, or may still be.
    """

    def __init__(self, runner: Any) -> None:
        self.problems: tuple[str, ...] = ()
        self._runner = runner
        runner._start = self._noting(runner._start)

    def spawn(self, users: int) -> None:
        """Have that many users, soon."""
        self._runner.start(users, spawn_rate=max(1, users))

    def _noting(self, start: Callable[..., None]) -> Callable[..., None]:
        def noting(*arguments: Any, **options: Any) -> None:
            try:
                start(*arguments, **options)
            except (Exception, SystemExit) as error:  # other people's code
                self.problems = (f"Locust could not start its users: {describe_users(error)}",)

        return noting
