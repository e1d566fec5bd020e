"""What a locustfile does about the end of a test: it may end it, or give it an exit code of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_IGNORED = "give the gate thresholds or margins of its own, or run locust for this one"


class OwnVerdict:
    """Watches what a locustfile says of the test as a whole.

    ended_by: what the locustfile called to end the round; None where it did not.
    """

    def __init__(self, environment: Any) -> None:
        self.ended_by: str | None = None
        self._environment = environment

    def watch(self, runner: Any) -> Callable[[], None]:
        """Notice who ends the runner. The way in which we end it ourselves."""
        stop: Callable[[], None] = runner.stop
        for name in ("quit", "stop"):
            setattr(runner, name, self._noticed(name, getattr(runner, name)))
        return stop

    def _noticed(self, name: str, ends: Callable[[], None]) -> Callable[[], None]:
        def both() -> None:
            self.ended_by = self.ended_by or f"runner.{name}()"
            ends()

        return both

    @property
    def problems(self) -> tuple[str, ...]:
        """Why a round is invalid."""
        if self.ended_by is None:
            return ()
        return (f"the locustfile called {self.ended_by}, so its users are gone",)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is not heard of the locustfile."""
        found = [
            f"the locustfile listens to events.{name}, which never comes here, so what it judges there does not count: "
            f"{_IGNORED}"
            for name in ("quitting", "quit")
            if getattr(self._environment.events, name)._handlers
        ]
        if self._environment.process_exit_code:
            found.append(f"the locustfile set process_exit_code, which does not count here: {_IGNORED}")
        return tuple(found)
