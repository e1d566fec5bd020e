"""JSON as its standard has it, and no more: no NaN, no key twice, nothing endless. For files that strangers wrote."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_DEPTH = 16
_MOST_DIGITS = 40


class StrictJsonError(ValueError):
    """place: where in the text, as "line 3" or "rows[0].margin". message: what is wrong there."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message


@dataclass(frozen=True)
class _Refused:
    """Stands in the parsed value for something that must not be there, until its place is known."""

    message: str


def parse(text: str) -> Any:
    """The value that `text` holds. StrictJsonError names the place of what is not allowed."""
    _refuse_depth(text)
    refused: list[_Refused] = []

    def refuse(message: str) -> _Refused:
        refused.append(_Refused(message))
        return refused[-1]

    def number(digits: str) -> object:
        value = float(digits)
        return value if math.isfinite(value) else refuse(f"{digits[:_MOST_DIGITS]} is no number that can be kept")

    def whole_number(digits: str) -> object:
        return int(digits) if len(digits) <= _MOST_DIGITS else refuse(f"a number of {len(digits)} digits")

    def mapping(pairs: list[tuple[str, object]]) -> object:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        return refuse(f"the key {twice[:60]!r} is there twice")

    try:
        value = json.loads(
            text,
            parse_constant=lambda name: refuse(f"{name} is not a number"),
            parse_float=number,
            parse_int=whole_number,
            object_pairs_hook=mapping,
        )
    except json.JSONDecodeError as error:
        raise StrictJsonError(f"line {error.lineno}, column {error.colno}", error.msg) from None
    if refused:
        place, first = next(_find(value, ""))
        raise StrictJsonError(place or "the whole file", first.message)
    return value


def _find(value: object, place: str) -> Iterator[tuple[str, _Refused]]:
    """What was refused, with its place. What lies within something refused is not looked for: it is gone already."""
    if isinstance(value, _Refused):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _find(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _find(inner, f"{place}[{index}]")


_MARKS = re.compile(r'\\.|["\[\]{}]', re.DOTALL)


def _refuse_depth(text: str) -> None:
    """Before anything is parsed: what is nested deeply costs a parser more than it costs to write."""
    depth = 0
    within_string = False
    for mark in _MARKS.finditer(text):
        found = mark[0]
        if found == '"':
            within_string = not within_string
        elif within_string or found.startswith("\\"):
            continue
        elif found in "[{":
            depth += 1
            if depth > MOST_DEPTH:
                line = text.count("\n", 0, mark.start()) + 1
                raise StrictJsonError(f"line {line}", f"nested more than {MOST_DEPTH} levels deep")
        else:
            depth -= 1
