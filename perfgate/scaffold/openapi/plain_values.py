"""The plainest value of a type that keeps within the bounds of its schema."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from perfgate.scaffold.core_schema import as_written

_BY_FORMAT = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.com",
    "url": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_WORD = "text"
# Texts that most patterns of names, codes and numbers take; another pattern has no example.
_WORDS = (
    _WORD,
    "Text",
    "TEXT",
    "text1",
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "123456",
    "12345678",
    "1234567890",
    "AB",
    "ABC",
)
_LONGEST = 1000
_LARGEST = 1e300
_LONGEST_TRIED = 12  # some patterns take twice as long to refuse a text for each of its letters


class NoExampleError(ValueError):
    """Nothing that fits is known."""


def kind_of(schema: Mapping[Any, Any]) -> Any:
    """The type, the first that is not null where there are several."""
    kind = schema.get("type")
    return next((one for one in kind if one != "null"), None) if isinstance(kind, list) else kind


def as_typed(value: Any, schema: Mapping[Any, Any]) -> Any:
    """The same value, whole where its type is: FastAPI writes 1.0 for an integer, which strict servers refuse. As text
    where that is its type: few quote a zip code in YAML.
    """
    kind = kind_of(schema)
    if kind == "string" and isinstance(value, (int, float)):
        return as_written(value)
    return int(value) if kind == "integer" and isinstance(value, float) and value.is_integer() else value


def plain(kind: Any, schema: Mapping[Any, Any]) -> Any:
    """A value of a plain type. NoExampleError where the type is none, or nothing lies within its bounds."""
    if kind == "boolean":
        return True
    if kind == "string":
        return _BY_FORMAT.get(str(schema.get("format"))) or _text(schema)
    if kind in ("integer", "number"):
        return _number(schema, whole=kind == "integer")
    raise NoExampleError


def _number(schema: Mapping[Any, Any], whole: bool) -> float:
    """1, or what is nearest to it within the bounds."""
    least, most = _bound(schema, "minimum", -math.inf), _bound(schema, "maximum", math.inf)
    step = _bound(schema, "multipleOf", 0.0)
    above, below = _exclusive(schema, "Minimum", least), _exclusive(schema, "Maximum", most)
    if above is not None and above >= least:
        least = math.floor(above) + 1 if whole else _between(above, most if below is None else min(below, most))
    if below is not None and below <= most:
        most = math.ceil(below) - 1 if whole else -_between(-below, -least)
    value: float = min(max(1.0, least), most)
    if step > 0:
        value = math.ceil(value / step) * step
    if not least <= value <= most or not math.isfinite(value):
        raise NoExampleError
    return math.ceil(value) if whole else value


def _between(bound: float, other: float) -> float:
    """A number beyond one bound and not beyond the other."""
    return bound + 1 if bound + 1 <= other else (bound + other) / 2


def _bound(schema: Mapping[Any, Any], key: str, otherwise: float) -> float:
    value = schema.get(key)
    return value if isinstance(value, (int, float)) and _is_finite(value) else otherwise


def _exclusive(schema: Mapping[Any, Any], key: str, bound: float) -> float | None:
    """The exclusive bound: a number of its own (OpenAPI 3.1), or true beside the bound (3.0)."""
    value = schema.get(f"exclusive{key}")
    if value is True:
        return bound if math.isfinite(bound) else None
    return value if isinstance(value, (int, float)) and _is_finite(value) else None


def _is_finite(value: float) -> bool:
    return not isinstance(value, bool) and abs(value) < _LARGEST


def _text(schema: Mapping[Any, Any]) -> str:
    """A word as long as it must be, which its pattern takes."""
    least, most = schema.get("minLength"), schema.get("maxLength")
    shortest = least if isinstance(least, int) and 0 <= least <= _LONGEST else 0
    longest = most if isinstance(most, int) and most >= 0 else _LONGEST
    pattern = schema.get("pattern")
    for word in _WORDS:
        text = (word * (shortest // len(word) + 1))[:shortest] if len(word) < shortest else word[:longest]
        if shortest <= len(text) <= longest and _matches(pattern, text):
            return text
    raise NoExampleError


def _matches(pattern: Any, text: str) -> bool:
    if not isinstance(pattern, str) or len(text) > _LONGEST_TRIED:
        return True
    try:
        return re.search(pattern, text) is not None
    except (re.error, RecursionError, OverflowError):
        return True  # JavaScript's patterns know more than Python's
