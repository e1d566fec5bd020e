"""Values as a person wrote them, and readers that check them and note every mistake instead of raising the first.

A reader takes a RawOption and returns its value, or None after noting what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from perfgate.errors import did_you_mean
from perfgate.units import parse_duration

OptionPath = tuple[str | int, ...]
Word = TypeVar("Word", bound=str)


@dataclass(frozen=True)
class OptionMistake:
    """A mistake in the options of one scenario.

    path: the way to the value, from the keyword inwards: ("stages", 1, "target"); () is the scenario as a whole.
    message: what is wrong.
    hint: what to write instead.
    """

    path: OptionPath
    message: str
    hint: str


# More users, requests or iterations than any machine can count through.
_MOST = 10**12


@dataclass(frozen=True)
class RawOption:
    """The value of an option as a person wrote it.

    value: unchecked.
    path: the way to it, see `OptionMistake`.
    word: its name in messages.
    mistakes: the list of all mistakes of one scenario, to which the mistakes in this value are added.
    """

    value: object
    path: OptionPath
    word: str
    mistakes: list[OptionMistake]

    @property
    def label(self) -> str:
        """The value as it was written: vus=0."""
        return f"{self.word}={self.value!r}"

    def wrong(self, message: str, hint: str) -> None:
        """Note a mistake here."""
        self.mistakes.append(OptionMistake(self.path, message, hint))

    def within(self, step: str | int, value: object, word: str = "") -> RawOption:
        """A value inside this one."""
        return RawOption(value, (*self.path, step), word or self.word, self.mistakes)


def same_spelling(name: str, known: Iterable[str]) -> str | None:
    """The known word that differs by capitals and underscores only: pre_allocated_vus for preAllocatedVUs."""
    return next((word for word in known if _squashed(word) == _squashed(name)), None)


def _squashed(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def read_whole(option: RawOption, minimum: int) -> int | None:
    """A whole number of at least `minimum`."""
    value = option.value
    if isinstance(value, int) and value > _MOST:
        option.wrong(f"{option.word} is more than {_MOST:,}", "write less")
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= minimum:
        return value
    option.wrong(f"{option.label} is not a whole number of at least {minimum}", f"write {minimum} or more")
    return None


def read_length(option: RawOption) -> float | None:
    """Seconds, more than none."""
    seconds = read_wait(option)
    if seconds == 0:
        option.wrong(f"{option.label} is no time at all", "write a longer one, like '20s'")
        return None
    return seconds


def read_wait(option: RawOption) -> float | None:
    """Seconds, perhaps none."""
    value = option.value
    try:
        return parse_duration(value if isinstance(value, (int, float, str)) else str(value))
    except ValueError:
        option.wrong(f"{option.label} is not a duration", "write it like '20s', '1m30s' or '500ms'")
        return None


def read_choice(option: RawOption, known: Iterable[Word], noun: str) -> Word | None:
    """One of the `known` words; `noun` says what they are."""
    words = list(known)
    if option.value not in words:
        option.wrong(f"there is no {noun} {option.value!r}", did_you_mean(option.value, words))
    return next((word for word in words if word == option.value), None)
