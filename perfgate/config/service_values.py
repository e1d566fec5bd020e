"""Values that `[service]` and `[[dependencies]]` of perfgate.toml share: commands, ports, variables, placeholders."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from perfgate.config.toml_reader import TomlReader, read_count, read_text
from perfgate.errors import MistakeError
from perfgate.service.placeholders import check
from perfgate.service.target import shown_text
from perfgate.units import parse_bytes

_HIGHEST_PORT = 65535
_LEAST_MEMORY = 6 * 2**20  # what the Docker Engine asks for
_OF_A_SHELL = re.compile(r"[|&;<>$`*~\n]")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The backslash before a brace is ours, not that of a shell.
_HANDED_ON = "\0{"


def read_words(value: Any) -> tuple[str, ...]:
    """The words of a command: a list of them, or text; where it holds what only a shell understands, it gets one."""
    if isinstance(value, list) and value and all(isinstance(word, str) and word for word in value):
        return tuple(value)
    if isinstance(value, str) and value.strip():
        try:
            words = [word.replace(_HANDED_ON, "\\{") for word in shlex.split(value.replace("\\{", _HANDED_ON))]
            return ("sh", "-c", value) if _OF_A_SHELL.search(value) or _ASSIGNMENT.match(words[0]) else tuple(words)
        except ValueError as error:
            raise ValueError(f"{value!r} is not a command: {error}") from None
    raise ValueError(f"{value!r} must be a command as text, or a list of its words")


def read_port(value: Any) -> int:
    """The number of a port."""
    port = read_count(value)
    if port > _HIGHEST_PORT:
        raise ValueError(f"there is no port {port}; they go from 1 to {_HIGHEST_PORT}")
    return port


def read_rooted(value: Any) -> str:
    """A path from the service's root."""
    text = read_text(value)
    if not text.startswith("/") or not text.isascii() or any(mark.isspace() for mark in text):
        raise ValueError(f"{shown_text(text)!r} must be a path like '/health'")
    return text


def read_memory(value: Any) -> int:
    """The limit of a container's memory (bytes)."""
    size = parse_bytes(value)
    if size < _LEAST_MEMORY:
        raise ValueError(f"{value!r} is less than a container can have, 6 MiB")
    return size


def read_environment(reader: TomlReader, owner: str, value: Any) -> dict[str, str]:
    """Variables and their values; numbers are taken as they are written."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        reader.note(f"{owner} env", "must be a table", 'write it like env = { LOG_LEVEL = "warning" }')
        return {}
    for name, one in value.items():
        place = f"{owner} env: {name}"
        if not _VARIABLE.fullmatch(name):
            reader.note(place, "is no name of a variable", "letters, digits and _")
        if isinstance(one, bool) or not isinstance(one, (str, int, float)):
            reader.note(place, f"{one!r} must be text or a number", 'write it like "1"')
    return {name: reader.take(f"{owner} env: {name}", one, str, "") for name, one in value.items()}


def refuse_idle(reader: TomlReader, place: str, table: Mapping[str, Any], way: str, idle: Mapping[str, str]) -> None:
    """Note the keys of a table that do nothing beside `way`. idle: them, each with a hint."""
    for name, hint in idle.items():
        if name in table:
            reader.note(f"{place} {name}", f"does nothing beside {way}", hint)


def refuse_unknown_placeholders(
    reader: TomlReader, place: str, texts: Iterable[str], allowed: Collection[str], dependencies: Collection[str]
) -> None:
    """Note the first placeholder in `texts` that is unknown, or not known there."""
    try:
        for text in texts:
            check(text, allowed, dependencies)
    except MistakeError as error:
        reader.note(place, error.message, error.hint)
