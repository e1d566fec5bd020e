"""`[service]` of perfgate.toml: how the service is started, awaited and set back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from perfgate.config.toml_reader import TomlReader, read_count, read_duration, read_path, read_text
from perfgate.errors import UsageError
from perfgate.machine.cpus import parse_cpus
from perfgate.service.settings import SHA, TCP, HttpCall, ServiceSettings
from perfgate.units import parse_bytes

# The ways to start a `ref:` target, of which a service has one.
_WAYS = ("build", "image", "command")
SERVICE = (*_WAYS, "build_command", "port", "path", "ready", "ready_timeout", "env", "memory", "reset", "cpus")

_HIGHEST_PORT = 65535
_LEAST_MEMORY = 6 * 2**20  # what the Docker Engine asks for
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_OF_A_SHELL = re.compile(r"[|&;<>$`*~\n]")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_service(reader: TomlReader, table: Mapping[str, Any]) -> ServiceSettings:
    """The settings in `[service]`; every mistake is noted at the reader."""
    default = ServiceSettings()
    _refuse_combinations(reader, table)
    readers = {
        "build": read_path,
        "image": _template,
        "command": _words,
        "build_command": _words,
        "port": _port,
        "path": _base_path,
        "ready": _ready,
        "ready_timeout": read_duration,
        "memory": _memory,
        "reset": _reset,
        "cpus": _cpus,
    }
    values = {
        name: reader.take(f"[service] {name}", table.get(name), read, getattr(default, name))
        for name, read in readers.items()
    }
    return ServiceSettings(**values, env=_environment(reader, table.get("env")))


def _refuse_combinations(reader: TomlReader, table: Mapping[str, Any]) -> None:
    ways = [name for name in _WAYS if name in table]
    if len(ways) > 1:
        reader.note("[service]", f"has {' and '.join(ways)}", "keep one: it says how a service is started")
    if "command" in table:
        for name, hint in (
            ("port", "a command listens where {port} or its variable PORT says"),
            ("memory", "only containers can be limited"),
        ):
            if name in table:
                reader.note(f"[service] {name}", "does nothing beside command", hint)
    elif "build_command" in table:
        reader.note("[service] build_command", "does nothing without command", "a Dockerfile builds by itself")


def _template(value: Any) -> str:
    """The name of an image that is another one for each commit."""
    name = read_text(value)
    if SHA not in name:
        raise ValueError(f"{value!r} is the same for every commit; write it like 'shop:{SHA}'")
    return name


def _words(value: Any) -> tuple[str, ...]:
    """The words of a command: a list of them, or text; where it holds what only a shell understands, it gets one."""
    if isinstance(value, list) and value and all(isinstance(word, str) and word for word in value):
        return tuple(value)
    if isinstance(value, str) and value.strip():
        try:
            words = shlex.split(value)
            return ("sh", "-c", value) if _OF_A_SHELL.search(value) or _ASSIGNMENT.match(words[0]) else tuple(words)
        except ValueError as error:
            raise ValueError(f"{value!r} is not a command: {error}") from None
    raise ValueError(f"{value!r} must be a command as text, or a list of its words")


def _port(value: Any) -> int:
    port = read_count(value)
    if port > _HIGHEST_PORT:
        raise ValueError(f"there is no port {port}; they go from 1 to {_HIGHEST_PORT}")
    return port


def _rooted(value: Any) -> str:
    text = read_text(value)
    if not text.startswith("/") or not text.isascii() or any(mark.isspace() for mark in text):
        raise ValueError(f"{value!r} must be a path like '/health'")
    return text


def _base_path(value: Any) -> str:
    text = _rooted(value)
    if "?" in text or "#" in text:
        raise ValueError(f"{value!r} must be the path that others are added to, without a part after '?' or '#'")
    return text.rstrip("/")


def _ready(value: Any) -> str:
    return TCP if value == TCP else _rooted(value)


def _memory(value: Any) -> int:
    size = parse_bytes(value)
    if size < _LEAST_MEMORY:
        raise ValueError(f"{value!r} is less than a container can have, 6 MiB")
    return size


def _reset(value: Any) -> tuple[str, ...] | HttpCall:
    """A command, or a call like "POST /reset"."""
    words = _words(value)
    if words[0] in _METHODS:
        if len(words) != 2:
            raise ValueError(f"{value!r} is not a call; write it like 'POST /reset'")
        return HttpCall(words[0], _rooted(words[1]))
    return words


def _cpus(value: Any) -> str:
    text = read_text(value)
    try:
        parse_cpus(text)
    except UsageError as error:
        raise ValueError(f"{error.message}; {error.hint}") from None
    return text


def _environment(reader: TomlReader, value: Any) -> dict[str, str]:
    """Variables and their values; numbers are taken as they are written."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        reader.note("[service] env", "must be a table", 'write it like env = { LOG_LEVEL = "warning" }')
        return {}
    for name, one in value.items():
        place = f"[service] env: {name}"
        if not _VARIABLE.fullmatch(name):
            reader.note(place, "is no name of a variable", "letters, digits and _")
        if isinstance(one, bool) or not isinstance(one, (str, int, float)):
            reader.note(place, f"{one!r} must be text or a number", 'write it like "1"')
    return {name: str(one) for name, one in value.items()}
