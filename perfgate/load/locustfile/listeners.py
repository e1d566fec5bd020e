"""Exceptions of a locustfile's event listeners: Locust logs them, goes on, and ends with a failing exit code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from locust.event import EventHook

from perfgate.load.generator.recorder import describe_exception
from perfgate.load.raised import count_raised

# What listeners of these prepare is there for all that follows.
_PREPARING = ("events.init", "events.test_start")
# What listeners of these do comes after all that is counted.
_ENDING = ("events.test_stopping", "events.test_stop")


@dataclass(frozen=True)
class ListenerError:
    """event: whose listener raised something. text: what, with its place."""

    event: str
    text: str

    def __str__(self) -> str:
        return f"a listener of {self.event} raised {self.text}"

    @property
    def spoils_all(self) -> bool:
        """Whether no round has what the listener was to prepare."""
        return self.event in _PREPARING


class Listeners:
    """Notes what listeners raise, from now on and in all of this process.

    events: those of Locust that have a name.
    """

    def __init__(self, events: Any) -> None:
        self._events = events
        self._raised: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._ending: defaultdict[str, Counter[str]] = defaultdict(Counter)
        EventHook.fire = self._watched(EventHook.fire)

    def take(self) -> list[ListenerError]:
        """What was raised since the last call, each once; without what `warnings` tell."""
        found = _listed(self._raised)
        self._raised.clear()
        return found

    def end_round(self) -> None:
        """What was raised since the last call of `take` came after the count of a round."""
        for error in self.take():
            count_raised(self._ending[error.event], error.text)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was raised after the count of a round."""
        return tuple(f"{error}, when all was counted" for error in _listed(self._ending))

    def _watched(self, fire: Callable[..., None]) -> Callable[..., None]:
        """Locust's way to call listeners, with a look at what they raise."""

        def watched(hook: Any, /, **arguments: Any) -> None:
            raised: list[Exception] = []
            looked_at = EventHook()
            looked_at._handlers = [partial(_noting, raised, handler) for handler in hook._handlers]
            try:
                fire(looked_at, **arguments)
            except Exception:
                del raised[-1:]  # what Locust lets through means something to it, as StopUser does
                raise
            finally:
                for error in raised:
                    self._note(hook, error)

        return watched

    def _note(self, hook: Any, error: Exception) -> None:
        names = (f"events.{name}" for name, known in vars(self._events).items() if known is hook)
        event = next(names, "an EventHook")
        kept = self._ending if event in _ENDING else self._raised
        count_raised(kept[event], describe_exception(error))


def _listed(raised: Mapping[str, Iterable[str]]) -> list[ListenerError]:
    return [ListenerError(event, text) for event, texts in raised.items() for text in texts]


def _noting(raised: list[Exception], handler: Callable[..., Any], /, **arguments: Any) -> None:
    try:
        handler(**arguments)
    except Exception as error:
        raised.append(error)
        raise
