"""The counters of one side of a measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perfgate.errors import TargetError
from perfgate.metrics.dependency_use import tidy_name
from perfgate.service.counters.page import Counted
from perfgate.service.counters.source import CommandSource, PageSource, UnreadableError
from perfgate.service.known_values import known_values
from perfgate.service.service import Service
from perfgate.service.settings import CounterSettings, LaunchContext

_BASE = "base"
_HINT = "mend [[counter]] in perfgate.toml"


@dataclass(frozen=True)
class CounterReading:
    """What all counters of a side say at one moment. trouble: why they could not be read; "" where they could."""

    values: Mapping[str, Counted]
    trouble: str


class CounterReader:
    """Reads the counters of perfgate.toml on one side. What base does not have yet is new on head."""

    def __init__(self, service: Service, context: LaunchContext) -> None:
        self._service = service
        self._context = context
        self._sources = [_source(one, context) for one in context.settings.counters]

    def check(self) -> None:
        """Read them for the first time, before there is load. TargetError where that fails.

        A source that base lacks is said, and not asked again.
        """
        values = known_values(self._service, self._context)
        for source in list(self._sources):
            try:
                source.read(values, complete=False)
            except UnreadableError as error:
                why = f"the counters of {source.shown} cannot be read: {error}"
                if self._context.side != _BASE:
                    raise TargetError(why, _HINT) from None
                self._context.say(f"On base {why}. They are new on head, then, and compared with nothing.")
                self._sources.remove(source)

    def read(self) -> CounterReading:
        """What they say now. Names without a pattern must be there, except on base."""
        values = known_values(self._service, self._context)
        found: dict[str, Counted] = {}
        for source in self._sources:
            try:
                read = source.read(values, complete=self._context.side != _BASE)
            except UnreadableError as error:
                return CounterReading({}, f"the counters of {source.shown} could not be read: {error}")
            found.update({tidy_name(name): one for name, one in read.items()})
        return CounterReading(found, "")


def _source(settings: CounterSettings, context: LaunchContext) -> PageSource | CommandSource:
    if settings.url:
        return PageSource(settings, context.environment, context.settings.verify)
    return CommandSource(settings, context.environment, context.folder)
