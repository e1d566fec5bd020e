"""Messages as lines: dataclasses to JSON objects and back, and the three kinds of answers that children give."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

_TYPE = "type"


@dataclass(frozen=True)
class Reply:
    """The answer to a message. value: in its plain form; the parent knows its type."""

    value: dict[str, Any]


@dataclass(frozen=True)
class News:
    """A line for the user, which answers nothing."""

    text: str


@dataclass(frozen=True)
class Complaint:
    """Why a message could not be carried out.

    usage: the mistake is in how perfgate was called.
    """

    error: str
    hint: str
    usage: bool


@dataclass(frozen=True)
class Done:
    """The reply to a message that asks for nothing in return."""


def to_line(message: Any) -> bytes:
    """A message as a line."""
    return json.dumps(to_tagged(message)).encode() + b"\n"


def from_line(line: bytes, *kinds: type[Any]) -> Any:
    """The message of a line, which is of one of these kinds."""
    return from_tagged(json.loads(line), *kinds)


def to_tagged(message: Any) -> dict[str, Any]:
    """A dataclass in its plain form, with its name."""
    return {_TYPE: type(message).__name__, **to_plain(message)}


def from_tagged(plain: Mapping[str, Any], *kinds: type[Any]) -> Any:
    """The dataclass whose name stands in its plain form."""
    kind = next(kind for kind in kinds if kind.__name__ == plain[_TYPE])
    return from_plain(kind, plain)


def to_plain(value: Any) -> Any:
    """A value as JSON has it. Dictionaries are taken to be plain already, and are not copied."""
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def from_plain(kind: type[T], plain: Mapping[str, Any]) -> T:
    """A dataclass from its plain form."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: _value(hints[name], plain[name]) for name in names})


def _value(hint: Any, plain: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        kinds = [argument for argument in arguments if argument is not type(None)]
        # Of several kinds all are plain ones, like `bool | str`.
        return plain if plain is None or len(kinds) > 1 else _value(kinds[0], plain)
    if origin is tuple:
        each = arguments[:1] * len(plain) if arguments[-1] is ... else arguments
        return tuple(_value(argument, item) for argument, item in zip(each, plain, strict=True))
    if origin is not None or not isinstance(hint, type):
        return plain
    if is_dataclass(hint):
        return from_plain(hint, plain)
    return hint(plain) if issubclass(hint, (Enum, Path)) else plain
