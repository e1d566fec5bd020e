"""Names over a whole measurement: what grows with every round without a limit is kept under one name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from perfgate.metrics.request_names import MOST_NAMES, OTHER
from perfgate.metrics.tally import CheckTally, RequestTally, Tally

UNNAMED = "(unnamed)"
# Reports show three kinds of errors and a history keeps all: some hold a port or an address that never comes again.
MOST_ERRORS = 50


class RunNames:
    """The names of one scenario's requests, checks and errors: the same in all rounds and on both sides.

    kept: names of requests that have a place in any case.
    """

    def __init__(self, kept: Iterable[str] = ()) -> None:
        self._requests = set(kept)
        self._checks: set[str] = set()
        self._errors: set[str] = set()

    def admit(self, *tallies: Tally) -> None:
        """Fold what has no name, or one past the limit. tallies: of rounds that are measured side by side."""
        for tally in tallies:
            if "" in tally.requests:
                tally.requests = _renamed(tally.requests, lambda name: name or UNNAMED, RequestTally)
        _extend(self._requests, [_sizes(tally.requests) for tally in tallies], MOST_NAMES)
        _extend(self._checks, [_sizes(tally.checks) for tally in tallies], MOST_NAMES)
        _extend(self._errors, [_errors(tally) for tally in tallies], MOST_ERRORS)
        for tally in tallies:
            tally.requests = _renamed(tally.requests, _within(self._requests), RequestTally)
            tally.checks = _renamed(tally.checks, _within(self._checks), CheckTally)
            kind_of = _within(self._errors)
            for requests in tally.requests.values():
                kinds: Counter[str] = Counter()
                for kind, count in requests.errors.items():
                    kinds[kind_of(kind)] += count
                requests.errors = kinds


_CountedT = TypeVar("_CountedT", RequestTally, CheckTally)


def _sizes(named: Mapping[str, RequestTally] | Mapping[str, CheckTally]) -> Counter[str]:
    return Counter({name: tally.count for name, tally in named.items()})


def _errors(tally: Tally) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for requests in tally.requests.values():
        kinds.update(requests.errors)
    return kinds


def _extend(known: set[str], seen: Iterable[Counter[str]], most: int) -> None:
    """Take new names as far as there is room: first those that all sides have, then the most frequent."""
    sides: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for side in seen:
        sides.update(side.keys())
        counts.update(side)
    new = [name for name in counts if name not in known and name != OTHER]
    if len(new) > most - len(known):
        new.sort(key=lambda name: (-sides[name], -counts[name]))
    known.update(new[: max(0, most - len(known))])


def _within(known: set[str]) -> Callable[[str], str]:
    return lambda name: name if name in known else OTHER


def _renamed(
    named: Mapping[str, _CountedT], name_of: Callable[[str], str], new: Callable[[], _CountedT]
) -> dict[str, _CountedT]:
    """The tallies under other names; those that come to share one are merged."""
    found: dict[str, _CountedT] = {}
    for old, tally in named.items():
        name = name_of(old)
        if name in found:
            found[name].merge(tally)
        elif name == old:
            found[name] = tally
        else:
            found[name] = new()
            found[name].merge(tally)
    return found
