"""Plain values as Python: the text that stands in the scenario that init writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

_WIDEST_VALUE = 80
_INDENT = "    "


class Code(str):
    """Text that is Python already."""


def literal(value: Any) -> str:
    """A plain value as Python, in lines that are not too long, with double quotes; dates, which YAML knows, as text."""
    return "\n".join(_literal(value))


def _literal(value: Any) -> list[str]:
    """The lines of a value, on one where that is short enough."""
    if isinstance(value, Mapping):
        items = [
            [f"{_scalar(str(key))}: {first}", *rest] for key, one in value.items() for first, *rest in [_literal(one)]
        ]
        return _block("{", items, "}")
    if isinstance(value, (list, tuple)):
        return _block("[", [_literal(one) for one in value], "]")
    return [_scalar(value)]


def _block(opening: str, items: list[list[str]], closing: str) -> list[str]:
    joined = f"{opening}{', '.join(' '.join(item) for item in items)}{closing}"
    if len(joined) <= _WIDEST_VALUE and all(len(item) == 1 for item in items):
        return [joined]
    inner = [f"{_INDENT}{line}" for item in items for line in (*item[:-1], f"{item[-1]},")]
    return [opening, *inner, closing]


def _scalar(value: Any) -> str:
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    return repr(value)
