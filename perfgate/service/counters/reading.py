"""The counters of one side of a measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perfgate.errors import TargetError
from perfgate.metrics.dependency_use import tidy_name
from perfgate.service.counters.page import Counted
from perfgate.service.counters.source import CommandSource, MissingNameError, PageSource, UnreadableError
from perfgate.service.known_values import known_values
from perfgate.service.service import Service
from perfgate.service.settings import CounterSettings, LaunchContext

_BASE = "base"
_HINT = "mend [[counter]] in perfgate.toml"
_MEND_NAMES = (
    "mend names under [[counter]] in perfgate.toml; one that is not there before it counts can be a pattern: {name}*"
)


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
        self._confirmed = False

    def check(self) -> None:
        """Read them for the first time, before there is load. TargetError where that fails.

        A source that base lacks is said, and not asked again.
        """
        values = known_values(self._service, self._context)
        owners: dict[str, str] = {}
        for source in list(self._sources):
            try:
                for name in source.read(values, complete=False):
                    _refuse_second(owners, tidy_name(name), source.shown)
            except UnreadableError as error:
                why = f"the counters of {source.shown} cannot be read: {error}"
                if self._context.side != _BASE:
                    raise TargetError(why, _HINT) from None
                self._context.say(f"On base {why}. They are new on head, then, and compared with nothing.")
                self._sources.remove(source)

    def confirm(self) -> None:
        """Refuse names that are missing after the first load as well. TargetError, before a round is spent on them.

        Patterns may fit nothing, which is said. On base everything may be missing.
        """
        if self._confirmed or self._context.side == _BASE:
            return
        self._confirmed = True
        values = known_values(self._service, self._context)
        for source in self._sources:
            try:
                for pattern in source.without_fit(source.read(values, complete=True)):
                    self._context.say(f"Nothing on {source.shown} fits {pattern} so far, so it has no row.")
            except MissingNameError as error:
                why = f"the counters of {source.shown} cannot be read, and the warm-up is over: {error}"
                raise TargetError(why, _MEND_NAMES.format(name=error.name)) from None
            except UnreadableError:
                continue  # the round that comes says so

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


def _refuse_second(owners: dict[str, str], name: str, place: str) -> None:
    """Note where a name is read; UnreadableError where it is another place than before."""
    if name in owners:
        raise UnreadableError(f"{name} is read of {owners[name]} already, so give one of the two a name of its own")
    owners[name] = place


def _source(settings: CounterSettings, context: LaunchContext) -> PageSource | CommandSource:
    if settings.url:
        return PageSource(settings, context.environment, context.settings.verify)
    return CommandSource(settings, context)
