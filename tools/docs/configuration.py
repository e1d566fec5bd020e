"""The keys of perfgate.toml, from the readers' lists of keys and what docstrings say of the fields that take them."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from perfgate.compare.rules import Margin, Rules
from perfgate.config import reading
from perfgate.config.counters import COUNTER
from perfgate.config.dependencies import DEPENDENCY
from perfgate.config.explain import EXPLAIN
from perfgate.config.locust import LOCUST
from perfgate.config.service import SERVICE
from perfgate.config.values import ENGINES, Config, LocustSettings
from perfgate.explain.settings import ExplainSettings
from perfgate.load.k6.launcher import K6Settings
from perfgate.service.settings import CounterSettings, DependencySettings, ServiceSettings
from perfgate.units import format_value
from perfgate.verdict import Acceptance
from tools.docs.markdown import code, documented_fields, sentence, table

_RELATIVE = ("allowed", "ceiling", "margin", "error_rate", "miss_rate", "foreign_cpu", "instance_noise")
_UNIT = re.compile(r" \((s|bytes|[^()]*is \d+ %)\)")
_NONE = re.compile(r"[;,.] None (?:for|where) ([^;]*?)(?=[.;]|$)")


@dataclass(frozen=True)
class Key:
    """A key, and the field that takes its value."""

    name: str
    owner: type
    field: str


def all_tables() -> str:
    """A section for each table of the file. ValueError where a table or a key is not known here."""
    sections = {
        "": [*_keys(Config, reading._TOP), *(Key(name, Rules, name) for name in ("margin", "error_rate", "miss_rate"))],
        **{name: _keys(Config, reading._FIELDS[name]) for name in ("measure", "gate", "history")},
        "k6": _keys(K6Settings, reading._FIELDS["k6"]),
        "locust": [Key("listen", LocustSettings, "host"), Key("wait", LocustSettings, "wait")],
        "explain": _same(ExplainSettings, EXPLAIN),
        "service": _same(ServiceSettings, SERVICE),
        "dependencies": _same(DependencySettings, DEPENDENCY),
        "counter": [Key(name, CounterSettings, "gauge" if name == "kind" else name) for name in COUNTER],
        "margins": _same(Margin, reading._MARGINS),
        "accept": _same(Acceptance, reading._ACCEPT),
    }
    top = {key.name for key in sections[""]}
    unknown = set(reading._KNOWN) - top - set(sections)
    if unknown or {key.name for key in sections["locust"]} != set(LOCUST):
        raise ValueError(f"tools/docs/configuration.py does not know {', '.join(sorted(unknown)) or '[locust]'}")
    return "\n".join(_section(name, keys) for name, keys in sections.items())


def _keys(owner: type, keys: Mapping[str, Any]) -> list[Key]:
    return [Key(name, owner, key.field) for name, key in keys.items()]


def _same(owner: type, names: Iterable[str]) -> list[Key]:
    return [Key(name, owner, name) for name in names]


def _section(name: str, keys: Iterable[Key]) -> str:
    heading = {"": "At the top"}.get(name, f"`[[{name}]]`" if _is_array(name) else f"`[{name}]`")
    rows = [(code(key.name), _kind(key), *_meaning_and_default(key)) for key in keys]
    return f"### {heading}\n\n{table(('key', 'value', 'is', 'default'), rows)}"


def _is_array(name: str) -> bool:
    return name in ("dependencies", "counter", "margins", "accept")


def _documented(key: Key) -> str:
    try:
        return documented_fields(key.owner.__doc__)[key.field]
    except KeyError:
        raise ValueError(f"the docstring of {key.owner.__name__} says nothing of {key.field}") from None


def _meaning_and_default(key: Key) -> tuple[str, str]:
    """What a field is, and what holds where the file lacks it: a value, or what the docstring says after "None for"."""
    text = _UNIT.sub("", _documented(key))
    none = _NONE.search(text)
    default = _default(key)
    if none:
        default = default or none[1].strip()
        text = text.replace(none[0], "")
    return sentence(text), default


def _default(key: Key) -> str:
    (field,) = (one for one in fields(key.owner) if one.name == key.field)
    value = field.default if field.default is not MISSING else None
    if value in (None, (), "") or isinstance(value, Mapping):
        return ""
    if key.name == "listen":
        return code(f'"*:{LocustSettings().port}"')
    return code(_written(key, value))


def _written(key: Key, value: Any) -> str:
    """A value as it stands in the file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_relative(key):
        return f'"{value * 100:g}%"'
    if _is_duration(key):
        return f'"{format_value(value * 1000, "ms").replace(" ", "")}"' if value < 1 else f'"{value:g}s"'
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return f'"{value}"'


def _is_relative(key: Key) -> bool:
    return key.name in _RELATIVE


def _is_duration(key: Key) -> bool:
    return bool(re.search(r"\(s\)", _documented(key)))


def _kind(key: Key) -> str:
    """What a value looks like."""
    annotation = typing.get_type_hints(key.owner)[key.field]
    said = {
        "kind": '`"counter"` or `"gauge"`',
        "names": "names",
        "paths": "patterns",
        "files": "files",
        "verify": "`false`, or a file",
        "reset": "command or call",
        "ready": 'path, `"tcp"`' + (" or command" if key.owner is DependencySettings else ""),
        "expires": "date",
        "scale": 'number or `"auto"`',
        "engine": ", ".join(code(f'"{one}"') for one in ENGINES),
    }
    if key.name in said:
        return said[key.name]
    if _is_relative(key):
        return 'percentage, like `"5%"`'
    if _is_duration(key):
        return 'duration, like `"20s"`'
    if "(bytes)" in _documented(key):
        return 'size, like `"512MB"`'
    return _kind_of_type(annotation)


def _kind_of_type(annotation: Any) -> str:
    if typing.get_origin(annotation) is Literal:
        return " or ".join(code(f'"{one}"') for one in typing.get_args(annotation))
    kinds = {bool: "`true` or `false`", int: "whole number", float: "number", str: "text", Path: "path"}
    for one in (annotation, *typing.get_args(annotation)):
        if one in kinds and typing.get_origin(annotation) not in (tuple, Mapping):
            return kinds[one]
    return "command" if typing.get_origin(annotation) is tuple else "table of texts"
