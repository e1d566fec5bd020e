"""Pet, Order and User: JSON read as leniently as the real petstore reads it, written in the order of its fields.

The rules are those seen on Swagger Petstore 1.0.27 (Jackson's coercions): numbers may come as text and text as numbers,
fractions are cut, unknown fields are dropped, missing numbers are 0, other missing fields are left out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, NamedTuple

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?)?(?:Z|([+-]\d\d):?(\d\d))?",
    re.ASCII,
)

Json = dict[str, Any]


class InputError(ValueError):
    """Not JSON, or JSON that cannot be taken for what was asked for."""


class Field(NamedTuple):
    """One field of an object.

    name: its key.
    read: reads its value.
    absent: its value where the key is missing; None leaves it out.
    null: its value where JSON has null; None leaves it out.
    """

    name: str
    read: Callable[[Any], Any]
    absent: Any
    null: Any


class Model:
    """An object with fields; calling it reads one."""

    def __init__(self, name: str, *fields: Field) -> None:
        self.name = name
        self._fields = fields

    def __call__(self, value: Any) -> Json:
        """A new object with the known fields of `value`. InputError where they cannot be taken as such."""
        if not isinstance(value, dict):
            raise InputError
        result = {}
        for name, read, absent, null in self._fields:
            if name in value:
                given = value[name]
                item = None if given is None else read(given)
                if item is None:
                    item = null
            else:
                item = absent
            if item is not None:
                result[name] = item
        return result


def _whole(bits: int) -> Callable[[Any], int | None]:
    limit = 1 << (bits - 1)

    def read(value: Any) -> int | None:
        kind = type(value)
        if kind is int:
            number = value
        elif kind is float and math.isfinite(value):
            number = int(value)
        elif kind is str and not value.strip():
            return None
        elif kind is str and _WHOLE_NUMBER.fullmatch(value.strip()):
            number = int(value)
        else:
            raise InputError
        if not -limit <= number < limit:
            raise InputError
        return int(number)

    return read


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise InputError


def _flag(value: Any) -> bool | None:
    if isinstance(value, (bool, int)):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false", ""):
        return value.lower() == "true"
    raise InputError


def _date(value: Any) -> str | None:
    """A date as the real petstore writes it: UTC, to the millisecond."""
    if value == "":
        return None
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value / 1000, timezone.utc)
        else:
            moment = _parse_date(value)
    except (TypeError, ValueError, OverflowError, OSError):
        raise InputError from None
    return moment.isoformat(timespec="milliseconds")


def _parse_date(text: str) -> datetime:
    match = _DATE.fullmatch(text)
    if match is None:
        raise InputError
    day, clock, fraction, hours, minutes = match.groups()
    zone = f"{hours}:{minutes}" if hours else "+00:00"
    written = f"{day}T{clock or '00:00'}"
    moment = datetime.fromisoformat(written + zone)
    return moment.replace(microsecond=int((fraction or "0")[:6].ljust(6, "0"))).astimezone(timezone.utc)


def _list_of(read: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    def read_list(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise InputError
        return [None if item is None else read(item) for item in value]

    return read_list


_ID = Field("id", _whole(64), 0, 0)
_NAME = Field("name", _text, None, None)
_STATUS = Field("status", _text, None, None)
_CATEGORY = Model("Category", _ID, _NAME)
_TAG = Model("Tag", _ID, _NAME)

PET = Model(
    "Pet",
    Field("id", _whole(64), None, None),
    Field("category", _CATEGORY, None, None),
    _NAME,
    Field("photoUrls", _list_of(_text), (), None),
    Field("tags", _list_of(_TAG), (), None),
    _STATUS,
)
ORDER = Model(
    "Order",
    _ID,
    Field("petId", _whole(64), 0, 0),
    Field("quantity", _whole(32), 0, 0),
    Field("shipDate", _date, None, None),
    _STATUS,
    Field("complete", _flag, False, False),
)
USER = Model(
    "User",
    _ID,
    *(Field(name, _text, None, None) for name in ("username", "firstName", "lastName", "email", "password", "phone")),
    Field("userStatus", _whole(32), 0, 0),
)

_encode = json.JSONEncoder(separators=(",", ":")).encode


def to_json(value: object) -> bytes:
    """Compact JSON."""
    return _encode(value).encode()


def from_json(body: bytes) -> Any:
    """The value of a JSON text. InputError where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise InputError from None
