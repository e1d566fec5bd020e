"""YAML 1.2's core schema, which descriptions of interfaces are written in: no and 12:30 are text, 0123 is a number.

https://yaml.org/spec/1.2.2/#103-core-schema; PyYAML by itself reads YAML 1.1.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

_TAG = "tag:yaml.org,2002:"
# Tags with what is read so, and the characters that it may begin with. The last one is of YAML 1.1 and used everywhere.
_RESOLVERS = (
    ("null", r"(?:null|Null|NULL|~|)\Z", ["n", "N", "~", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
    ("int", r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z", list("-+0123456789")),
    (
        "float",
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z",
        list("-+.0123456789"),
    ),
    ("merge", r"<<\Z", ["<"]),
)


class WrittenInt(int):
    """A whole number that is written otherwise than Python would: 007."""

    text: str


class WrittenFloat(float):
    """A number that is written otherwise than Python would: 1.10."""

    text: str


def as_written(value: float) -> str:
    """A number, or a truth value, as its author wrote it."""
    return value.text if isinstance(value, (WrittenInt, WrittenFloat)) else json.dumps(value)


@cache
def core_loader() -> Any:
    """A loader of PyYAML that reads plain values so."""
    import yaml  # only for those who call init

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("CoreLoader", (base,), {"yaml_implicit_resolvers": {}})
    for name, pattern, first in _RESOLVERS:
        loader.add_implicit_resolver(f"{_TAG}{name}", re.compile(pattern), first)
    loader.add_constructor(f"{_TAG}int", _integer)
    loader.add_constructor(f"{_TAG}float", _float)
    return loader


def _integer(loader: Any, node: Any) -> int:
    text = str(loader.construct_scalar(node))
    number = WrittenInt(text, 0 if text[:2] in ("0o", "0x") else 10)
    number.text = text
    return number if str(number) != text else int(number)


def _float(loader: Any, node: Any) -> float:
    number = WrittenFloat(loader.construct_yaml_float(node))
    number.text = str(loader.construct_scalar(node))
    return number if str(number) != number.text else float(number)
