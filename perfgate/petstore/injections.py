"""The faults of the embedded petstore, as a value: read, checked and written back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from perfgate.errors import Problem, ProblemsError
from perfgate.units import format_percent, parse_duration, parse_fraction


@dataclass(frozen=True)
class Injections:
    """Faults that requests suffer.

    work: extra CPU of every request, as if there were something to compute (s).
    slow: extra CPU, as a share of what the service spends otherwise, work included (0.1 is 10 % more).
    latency: extra wait of every request (s).
    errors: share of the requests that answer 500.
    tail: share of the requests that take three times the CPU of a mean one.
    warmup: how long the service warms up (s): the first request costs twice its CPU, and what a request costs more
        falls linearly to nothing over that time, as with a runtime that compiles itself.
    seed: of all random choices.

    A service that is made slow can spend a little more otherwise, too: its answers then find more clients asleep, and
    waking them is CPU of the sender. With some milliseconds of work that no longer shows.
    """

    work: float
    slow: float
    latency: float
    errors: float
    tail: float
    warmup: float
    seed: int

    @property
    def none(self) -> bool:
        """True where nothing is made worse."""
        return not (self.work or self.slow or self.latency or self.errors or self.tail or self.warmup)

    def options(self) -> dict[str, str]:
        """As words that `parse_injections` reads back to an equal value."""
        return {name: repr(value) for name, value in asdict(self).items()}


def _share(most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = parse_fraction(text)
        if not 0 <= value <= most:
            raise ValueError(f"{text!r} is not between 0 % and {format_percent(most)}")
        return value

    return read


def _at_most(seconds: float, words: str) -> Callable[[str], float]:
    """A reader of durations. words: the longest one, for people."""

    def read(text: str) -> float:
        value = parse_duration(text)
        if value > seconds:
            raise ValueError(f"{text!r} is longer than {words}")
        return value

    return read


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


# Beyond 400 % a bare "slow=10" for "slow=10%" could not be told from a wish.
_READERS: dict[str, tuple[Callable[[str], float], str]] = {
    "work": (_at_most(60, "a minute"), "2ms"),
    "slow": (_share(4), "10%"),
    "latency": (_at_most(60, "a minute"), "5ms"),
    "errors": (_share(1), "1%"),
    "tail": (_share(1), "3%"),
    "warmup": (_at_most(3600, "an hour"), "20s"),
    "seed": (_seed, "7"),
}


def parse_injections(options: Iterable[tuple[str, str]], prefix: str) -> Injections:
    """The injections of pairs like ("slow", "10%"); what is not named is not injected.

    prefix: of an option as the user wrote it ("petstore?" or "--"), for the places of mistakes.
    ProblemsError names all mistakes at once: unknown, repeated, empty and impossible options.
    """
    values: dict[str, float] = {}
    problems = []
    for name, text in options:
        place = f"{prefix}{name}"
        if name not in _READERS:
            problems.append(Problem(place, "there is no such option", f"there are {', '.join(_READERS)}"))
            continue
        read, example = _READERS[name]
        hint = f"write it like {prefix}{name}={example}"
        if name in values:
            problems.append(Problem(place, "is given twice", "give it once"))
            continue
        values[name] = math.nan
        try:
            values[name] = read(text)
        except ValueError as error:
            problems.append(Problem(place, str(error) if text else "has no value", hint))
    if problems:
        raise ProblemsError("the petstore's options", problems)
    return Injections(
        work=values.get("work", 0.0),
        slow=values.get("slow", 0.0),
        latency=values.get("latency", 0.0),
        errors=values.get("errors", 0.0),
        tail=values.get("tail", 0.0),
        warmup=values.get("warmup", 0.0),
        seed=int(values.get("seed", 0)),
    )
