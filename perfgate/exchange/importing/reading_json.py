"""JSON from strangers: parsed strictly, and its members read with their place in every complaint."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from perfgate.errors import MistakeError
from perfgate.exchange.importing.places import at
from perfgate.exchange.importing.times import plausible, seconds_of

_WRITE_AGAIN = "was it cut short or edited? Write it again"
MOST_COUNT = 2**53
"""The largest count: what JSON's other readers can tell from its neighbours; SQLite holds 2**63."""
_SHOWN = 40


def parse_json(text: str) -> Any:
    """The value of a JSON text. MistakeError where it is none, with the place."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text.rstrip("\n") else ""
        what = error.msg.removesuffix(" at")  # of Python's "Unterminated string starting at"
        raise MistakeError(f"it is not whole JSON: {what} at {line}column {error.colno}", _WRITE_AGAIN) from None
    except RecursionError:
        raise MistakeError("its JSON is nested too deeply", _WRITE_AGAIN) from None
    except ValueError as error:  # such as a number of thousands of digits
        raise MistakeError(f"its JSON cannot be read: {error}"[:200], _WRITE_AGAIN) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


@dataclass(frozen=True)
class Node:
    """A JSON value and its place. The methods raise MistakeError for a value of another type.

    value: the value; None for a missing member, or null.
    place: the way to it from the top: "metrics.http_reqs".
    """

    value: Any
    place: str = ""

    def member(self, key: str) -> Node:
        """The object's member; its value is None where it is not there."""
        return Node(self._expect(dict, "an object", {}).get(key), f"{self.place}.{key}" if self.place else key)

    def members(self) -> Iterator[tuple[str, Node]]:
        """The members of an object, of nothing where it is not there."""
        for key in self._expect(dict, "an object", {}):
            yield key, self.member(key)

    def items(self) -> Iterator[Node]:
        """The items of a list, of nothing where it is not there."""
        for index, item in enumerate(self._expect(list, "a list", [])):
            yield Node(item, f"{self.place}[{index}]")

    def number(self, key: str) -> float | None:
        """A number that is finite."""
        found = self.member(key)
        return None if found.value is None else found._number()

    def amount(self, key: str) -> float | None:
        """A number that is not negative."""
        found = self.member(key)
        return None if found.value is None else found.own_amount()

    def own_amount(self) -> float:
        """The value itself, a number that is not negative."""
        value = self._number()
        return value if value >= 0 else self.refuse("0 or more")

    def _number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            self.refuse("a number")
        value = float(self.value) if abs(self.value) < 1e300 else math.inf
        return value if math.isfinite(value) else self.refuse("a finite number")

    def count(self, key: str) -> int | None:
        """A whole number that is not negative."""
        value = self.amount(key)
        if value is not None and (value != int(value) or value > MOST_COUNT):
            self.member(key).refuse("a whole number")
        return None if value is None else int(value)

    def moment(self, key: str) -> float | None:
        """A moment as text, in Unix seconds; None where it is not there, or empty."""
        text = self.text(key)
        try:
            return seconds_of(text) if text else None
        except MistakeError as error:
            raise at(self.member(key).place, error) from None

    def needed_moment(self, key: str) -> float:
        """A moment as text that must be there, in Unix seconds."""
        value = self.moment(key)
        if value is None:
            raise MistakeError(f"{self.member(key).place} is missing", _WRITE_AGAIN)
        return value

    def unix_time(self, key: str, scale: float = 1.0) -> float | None:
        """A moment as a number, in Unix seconds. scale: how many of its units are a second."""
        value = self.amount(key)
        try:
            return None if value is None else plausible(value / scale)
        except MistakeError as error:
            raise at(self.member(key).place, error) from None

    def text(self, key: str) -> str:
        """A text, "" where it is not there."""
        found = self.member(key)
        return str(found._expect(str, "a text", ""))

    def needed(self, key: str) -> Node:
        """A member that must be there."""
        found = self.member(key)
        if found.value is None:
            raise MistakeError(f"{found.place} is missing", _WRITE_AGAIN)
        return found

    def refuse(self, wanted: str) -> NoReturn:
        shown = repr(self.value)
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
        raise MistakeError(f"{self.place or 'the file'} is {shown}, not {wanted}", _WRITE_AGAIN)

    def _expect(self, kind: type, wanted: str, otherwise: Any) -> Any:
        if self.value is None:
            return otherwise
        return self.value if isinstance(self.value, kind) else self.refuse(wanted)
