"""The header Server-Timing: what an answer says of the time, and of the work, that went into it.

https://www.w3.org/TR/server-timing/: `db;dur=53.2;desc="5 queries", cache;desc=hit`. A count is no part of it; it is
taken from where services put it: `count=5`, a description that is a number, or one that counts queries or calls.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import NamedTuple

from perfgate.metrics.counts import TimingTally
from perfgate.metrics.dependency_use import tidy_name

HEADER = b"server-timing"

# An answer may say much; of a request name so many entries are kept, the first that came.
MOST_NAMES = 20
_LONGEST = 8192

_ENTRY = re.compile(r"""\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)((?:[^,"]|"(?:[^"\\]|\\.)*")*),?""")
_PARAMETER = re.compile(r""";\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s,]*)""")
_COUNTED = re.compile(r"(?:[A-Za-z]+ )?(\d{1,15})(?: (?:queries|query|calls?|statements?))")
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,15})?")


class Entry(NamedTuple):
    """One entry. milliseconds, counted: None where it does not say."""

    name: str
    milliseconds: float | None
    counted: float | None


def entries_of(text: str) -> Iterator[Entry]:
    """The entries of one header; what cannot be read is left out."""
    place, end = 0, min(len(text), _LONGEST)
    while place < end and (match := _ENTRY.match(text, place, end)):
        place = match.end()
        parameters: dict[str, str] = {}
        for name, value in _PARAMETER.findall(match[2]):
            parameters.setdefault(name.lower(), value.strip('"'))
        yield Entry(match[1], _number(parameters.get("dur", "")), _count(parameters))


def count_entries(timings: MutableMapping[str, TimingTally], headers: Iterable[str]) -> None:
    """Add what one answer says to the tallies of its request name."""
    found: dict[str, list[Entry]] = {}
    for text in headers:
        for entry in entries_of(text):
            found.setdefault(tidy_name(entry.name), []).append(entry)
    for name, entries in found.items():
        timing = timings.get(name)
        if timing is None:
            if len(timings) >= MOST_NAMES:
                continue
            timing = timings[name] = TimingTally()
        timing.merge(_of_one_answer(entries))


def _of_one_answer(entries: list[Entry]) -> TimingTally:
    times = [entry.milliseconds for entry in entries if entry.milliseconds is not None]
    counts = [entry.counted for entry in entries if entry.counted is not None]
    return TimingTally(len(entries), len(entries), len(times), sum(times), 1 if counts else 0, sum(counts))


def _count(parameters: Mapping[str, str]) -> float | None:
    said = parameters.get("count")
    if said is not None:
        return _number(said)
    described = parameters.get("desc", "")
    match = _COUNTED.fullmatch(described)
    return _number(match[1] if match else described)


def _number(text: str) -> float | None:
    """None of anything else, below 0 too."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None
