"""`[[dependencies]]` of perfgate.toml: what the service needs, how it is started and awaited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from perfgate.config.service_values import (
    read_environment,
    read_memory,
    read_port,
    read_rooted,
    read_words,
    refuse_idle,
    refuse_unknown_placeholders,
)
from perfgate.config.toml_reader import TomlReader, read_duration, read_text
from perfgate.service.endpoint import parse_endpoint
from perfgate.service.placeholders import DATA, OF_A_DEPENDENCY, PORT, SHA, SIDE, names_in
from perfgate.service.settings import TCP, DependencySettings

# What a dependency is, one of them.
_WAYS = ("image", "command", "url")
DEPENDENCY = ("name", *_WAYS, "port", "env", "memory", "ready", "ready_timeout", "snapshot")

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_LISTENS = "a command listens where {port} or its variable PORT says"
_SHARED = "it runs already, and perfgate neither starts nor changes it"
_IDLE = {
    "image": {},
    "command": {"port": _LISTENS, "memory": "only containers can be limited"},
    "url": {"port": "the URL says it", "env": _SHARED, "memory": _SHARED, "snapshot": _SHARED},
}


def read_dependencies(reader: TomlReader, value: Any) -> tuple[DependencySettings, ...]:
    """All dependencies, in order; every mistake is noted at the reader."""
    found: list[DependencySettings] = []
    for number, (place, table) in enumerate(reader.tables("dependencies", value, DEPENDENCY), 1):
        settings = _read(reader, place, table, f"dependency-{number}")
        if settings.name in [one.name for one in found]:
            reader.note(place, f"has the name {settings.name}, as another one has", "give each a name of its own")
        found.append(settings)
    names = [one.name for one in found]
    for number, settings in enumerate(found):
        _refuse_placeholders(reader, settings, names[:number], names)
    return tuple(found)


def _read(reader: TomlReader, place: str, table: Mapping[str, Any], unnamed: str) -> DependencySettings:
    default = DependencySettings("")
    if "name" not in table:
        reader.note(place, "lacks a name", 'add one, like name = "db": placeholders and metrics call it so')
    name = reader.take(f"{place}: name", table.get("name"), _name, unnamed)
    place = f"[[dependencies]] {name}"
    _refuse_combinations(reader, place, table)
    readers = {
        "image": read_text,
        "command": read_words,
        "url": _url,
        "port": read_port,
        "memory": read_memory,
        "ready": _ready,
        "ready_timeout": read_duration,
        "snapshot": _yes_or_no,
    }
    values = {
        key: reader.take(f"{place} {key}", table.get(key), read, getattr(default, key)) for key, read in readers.items()
    }
    settings = DependencySettings(name=name, **values, env=read_environment(reader, place, table.get("env")))
    texts = (*settings.command, *settings.env.values())
    if settings.snapshot and settings.command and DATA not in [one for text in texts for one in names_in(text)]:
        reader.note(
            f"{place} snapshot",
            "has nothing to keep: the command does not say where its data are",
            "let it keep them in {data}, a folder of its own that perfgate makes",
        )
    return settings


def _refuse_combinations(reader: TomlReader, place: str, table: Mapping[str, Any]) -> None:
    ways = [way for way in _WAYS if way in table]
    if len(ways) > 1:
        reader.note(place, f"has {' and '.join(ways)}", "keep one: it says what the dependency is")
    if not ways:
        reader.note(
            place, "has none of image, command and url", 'add one, like image = "postgres:17": it says what it is'
        )
    if len(ways) == 1:
        refuse_idle(reader, place, table, ways[0], _IDLE[ways[0]])


def _refuse_placeholders(
    reader: TomlReader, settings: DependencySettings, earlier: list[str], names: list[str]
) -> None:
    place = f"[[dependencies]] {settings.name}"
    early = {SIDE, SHA}
    known = {*early, PORT, *(f"{name}.{part}" for name in earlier for part in OF_A_DEPENDENCY)}
    if settings.command:
        known |= {DATA}
    own = {f"{settings.name}.{part}" for part in OF_A_DEPENDENCY}
    ready = settings.ready or ()
    texts = {
        "image": ([settings.image or ""], early),
        "command": (settings.command, known),
        "url": ([settings.url or ""], early),
        "ready": ([ready] if isinstance(ready, str) else ready, {*known, *own}),
        **{f"env: {name}": ([text], known) for name, text in settings.env.items()},
    }
    for name, (words, allowed) in texts.items():
        refuse_unknown_placeholders(reader, f"{place} {name}", words, allowed, names)


def _name(value: Any) -> str:
    name = read_text(value)
    if not _NAME.fullmatch(name):
        raise ValueError(f"{value!r} must be small letters, digits, - and _, with a letter at its beginning")
    return name


def _url(value: Any) -> str:
    parse_endpoint(read_text(value))
    return str(value)


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} must be true or false")
    return value


def _ready(value: Any) -> str | tuple[str, ...]:
    """\"tcp\", a path like "/health", or a command; text that begins with a slash and has no blank is a path."""
    if value == TCP:
        return TCP
    if isinstance(value, str) and value.startswith("/") and not any(mark.isspace() for mark in value):
        return read_rooted(value)
    return read_words(value)
