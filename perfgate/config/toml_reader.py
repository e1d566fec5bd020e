"""Takes values out of TOML tables: every mistake is noted with its place, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfgate.errors import Problem, nearest
from perfgate.units import parse_duration, parse_margin

_BEYOND = 2**63


@dataclass(frozen=True)
class Key:
    """A key of a table.

    field: the field that takes its value.
    parse: reads the value; ValueError or TypeError where it is wrong.
    """

    field: str
    parse: Callable[[Any], Any]


class TomlReader:
    """Takes values out of tables and notes every mistake with its place."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[Problem] = []

    def note(self, place: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(f"{self._file}: {place}", message, hint))

    def take(self, place: str, value: Any, parse: Callable[[Any], Any], default: Any) -> Any:
        """`value` as `parse` reads it; the default where there is none or it is wrong."""
        if value is None:
            return default
        try:
            return parse(value)
        except (ValueError, TypeError) as error:
            self.note(place, str(error))
            return default

    def fields(self, place: str, table: Mapping[str, Any], keys: Mapping[str, Key], default: Any) -> dict[str, Any]:
        """The fields of the keys, each as it stands in the table, else as in `default`."""
        return {
            key.field: self.take(f"{place}{name}", table.get(name), key.parse, getattr(default, key.field))
            for name, key in keys.items()
        }

    def table(self, name: str, value: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
        """A table whose keys are all known."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.note(f"[{name}]", "must be a table", f"write [{name}] on a line of its own, its keys below")
            return {}
        self.refuse_unknown(f"[{name}] ", value, known)
        return value

    def tables(self, name: str, value: Any, known: tuple[str, ...]) -> list[tuple[str, Mapping[str, Any]]]:
        """An array of tables, each with its place."""
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.note(f"[[{name}]]", "must be tables", f"write [[{name}]] on a line of its own, its keys below")
            return []
        found = []
        for number, one in enumerate(value, 1):
            place = f"[[{name}]] {number}"
            self.refuse_unknown(f"{place}: ", one, known)
            found.append((place, one))
        return found

    def refuse_unknown(self, place: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                meant = nearest(key, known)
                hint = f"did you mean {meant!r}?" if meant else f"there are {', '.join(known)}"
                self.note(f"{place}{key}", "is unknown", hint)


def read_text(value: Any) -> str:
    """Words between quotes."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} must be text between quotes")
    return value


def read_path(value: Any) -> Path:
    """A place in the file system."""
    return Path(read_text(value))


def read_duration(value: Any) -> float:
    """Seconds, more than none."""
    seconds = parse_duration(value)
    if seconds <= 0:
        raise ValueError(f"{value!r} must be longer than nothing")
    return seconds


def read_fraction(value: Any) -> float:
    """A share like "5%", more than none."""
    return parse_margin(value)


def read_whole(value: Any) -> int:
    """A whole number, as TOML promises them: of 64 bits."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} must be a whole number")
    if not -_BEYOND <= value < _BEYOND:
        raise ValueError("must be a whole number that fits into 64 bits")
    return value


def read_count(value: Any) -> int:
    """A whole number from 1 on."""
    if read_whole(value) < 1:
        raise ValueError(f"{value!r} must be 1 or more")
    return int(value)
