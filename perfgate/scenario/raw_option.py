"""Values as a person wrote them, and readers that check them and note every mistake instead of raising the first.

A reader takes a Written and returns its value, or None after noting what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from perfgate.errors import did_you_mean
from perfgate.units import parse_duration

Spot = tuple[str | int, ...]
Choice = TypeVar("Choice", bound=str)


@dataclass(frozen=True)
class Mistake:
    """Something wrong with the options of one scenario.

    spot: the way to it, from the keyword inwards: ("stages", 1, "target"); () is the scenario as a whole.
    """

    spot: Spot
    message: str
    remedy: str


@dataclass(frozen=True)
class Written:
    """A value at its spot. word: what it is called. mistakes: where all the mistakes of one scenario are noted."""

    value: object
    spot: Spot
    word: str
    mistakes: list[Mistake]

    @property
    def label(self) -> str:
        """The value as it was written: vus=0."""
        return f"{self.word}={self.value!r}"

    def wrong(self, message: str, remedy: str) -> None:
        """Note a mistake here."""
        self.mistakes.append(Mistake(self.spot, message, remedy))

    def within(self, step: str | int, value: object, word: str = "") -> Written:
        """A value inside this one."""
        return Written(value, (*self.spot, step), word or self.word, self.mistakes)


def twin_of(name: str, known: Iterable[str]) -> str | None:
    """The known word that differs by capitals and underscores only: pre_allocated_vus for preAllocatedVUs."""
    return next((word for word in known if _squashed(word) == _squashed(name)), None)


def _squashed(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def read_whole(written: Written, minimum: int) -> int | None:
    """A whole number of at least `minimum`."""
    value = written.value
    if isinstance(value, int) and not isinstance(value, bool) and value >= minimum:
        return value
    written.wrong(f"{written.label} is not a whole number of at least {minimum}", f"write {minimum} or more")
    return None


def read_length(written: Written) -> float | None:
    """Seconds, more than none."""
    seconds = read_wait(written)
    if seconds == 0:
        written.wrong(f"{written.label} is no time at all", "write a longer one, like '20s'")
        return None
    return seconds


def read_wait(written: Written) -> float | None:
    """Seconds, perhaps none."""
    value = written.value
    try:
        return parse_duration(value if isinstance(value, (int, float, str)) else str(value))
    except ValueError:
        written.wrong(f"{written.label} is not a duration", "write it like '20s', '1m30s' or '500ms'")
        return None


def read_choice(written: Written, known: Iterable[Choice], noun: str) -> Choice | None:
    """One of the `known` words; `noun` says what they are."""
    words = list(known)
    if written.value not in words:
        written.wrong(f"there is no {noun} {written.value!r}", did_you_mean(written.value, words))
    return next((word for word in words if word == written.value), None)
