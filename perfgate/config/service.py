"""`[service]` of perfgate.toml: how the service is started, awaited and set back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
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
from perfgate.config.toml_reader import TomlReader, read_duration, read_path, read_text
from perfgate.errors import UsageError
from perfgate.machine.cpus import parse_cpus
from perfgate.service.placeholders import OF_A_DEPENDENCY, PORT, SHA, SIDE, URL, names_in
from perfgate.service.settings import TCP, DependencySettings, HttpCall, ServiceSettings

# The ways to start a `ref:` target or `worktree`, of which a service has one.
_WAYS = ("build", "image", "command", "compose")
SERVICE = (
    *(*_WAYS, "build_command", "files", "port", "path", "ready", "ready_timeout", "env", "memory", "reset", "cpus"),
    *("seed", "teardown", "verify", "compose_service"),
)

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def read_service(
    reader: TomlReader, table: Mapping[str, Any], dependencies: Sequence[DependencySettings]
) -> ServiceSettings:
    """The settings in `[service]`; every mistake is noted at the reader. dependencies: all that were read."""
    default = ServiceSettings()
    _refuse_combinations(reader, table)
    if "compose" in table:
        _refuse_dependencies(reader, dependencies)
    readers = {
        "build": read_path,
        "image": _template,
        "command": read_words,
        "build_command": read_words,
        "compose": _compose_file,
        "files": _files,
        "compose_service": read_text,
        "port": read_port,
        "path": _base_path,
        "ready": _ready,
        "ready_timeout": read_duration,
        "memory": read_memory,
        "reset": _reset,
        "cpus": _cpus,
        "seed": read_words,
        "teardown": read_words,
        "verify": _verify,
    }
    values = {
        name: reader.take(f"[service] {name}", table.get(name), read, getattr(default, name))
        for name, read in readers.items()
    }
    env = read_environment(reader, "[service]", table.get("env"))
    settings = ServiceSettings(**values, env=env, dependencies=tuple(dependencies))
    _refuse_placeholders(reader, settings)
    return settings


def _refuse_combinations(reader: TomlReader, table: Mapping[str, Any]) -> None:
    ways = [name for name in _WAYS if name in table]
    if len(ways) > 1:
        reader.note("[service]", f"has {' and '.join(ways)}", "keep one: it says how a service is started")
    if "command" in table:
        idle = {
            "port": "a command listens where {port} or its variable PORT says",
            "memory": "only containers can be limited",
        }
        refuse_idle(reader, "[service]", table, "command", idle)
    elif "build_command" in table:
        reader.note("[service] build_command", "does nothing without command", "a Dockerfile builds by itself")
    if "files" in table and not ways:
        hint = "say how a commit is started: by command, build or compose"
        reader.note("[service] files", "does nothing where no commit is started", hint)
    if "compose_service" in table and "compose" not in table:
        hint = 'add the file, like compose = "compose.yml"'
        reader.note("[service] compose_service", "does nothing without compose", hint)


def _refuse_dependencies(reader: TomlReader, dependencies: Sequence[DependencySettings]) -> None:
    """A compose file starts all that its services need; what runs already may be named beside it."""
    for one in dependencies:
        if one.url is None:
            hint = "make it a service of the compose file, in depends_on of the one that needs it"
            reader.note(f"[[dependencies]] {one.name}", "cannot be started beside [service] compose", hint)


def _refuse_placeholders(reader: TomlReader, settings: ServiceSettings) -> None:
    names = [one.name for one in settings.dependencies]
    if settings.compose:
        names += _compose_names(settings)
    early = {SIDE, SHA}
    known = {*early, PORT, *(f"{name}.{part}" for name in names for part in OF_A_DEPENDENCY)}
    reset = settings.reset
    texts = {
        "image": ([settings.image or ""], early),
        "command": (settings.command, known),
        "build_command": (settings.build_command, early),
        "ready": ([settings.ready or ""], known),
        "reset": ([reset.path] if isinstance(reset, HttpCall) else reset or (), {*known, URL}),
        "seed": (settings.seed, {*known, URL}),
        "teardown": (settings.teardown, known),
        **{f"env: {name}": ([text], known) for name, text in settings.env.items()},
    }
    for name, (words, allowed) in texts.items():
        refuse_unknown_placeholders(reader, f"[service] {name}", words, allowed, names)


def _compose_names(settings: ServiceSettings) -> list[str]:
    """The services of the compose file that placeholders name. Those of a commit are known when it is started."""
    reset = settings.reset
    texts = [settings.ready or "", *settings.env.values(), *settings.seed, *settings.teardown]
    texts += [reset.path] if isinstance(reset, HttpCall) else reset or ()
    found = [name.partition(".")[::2] for text in texts for name in names_in(text)]
    return [owner for owner, part in found if part in OF_A_DEPENDENCY]


def _compose_file(value: Any) -> Path:
    return _inside(value, "compose.yml")


def _files(value: Any) -> tuple[Path, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} must be a list of files, like ['config/local.yml']")
    return tuple(_inside(one, "config/local.yml") for one in value)


def _inside(value: Any, example: str) -> Path:
    path = read_path(value)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{value!r} must be a file within the repository, like {example!r}")
    return path


def _template(value: Any) -> str:
    """The name of an image that is another one for each commit."""
    name = read_text(value)
    if not {SHA, SIDE} & set(names_in(name)):
        raise ValueError(f"{value!r} is the same for every commit; write it like 'shop:{{sha}}'")
    return name


def _base_path(value: Any) -> str:
    text = read_rooted(value)
    if "?" in text or "#" in text:
        raise ValueError(f"{value!r} must be the path that others are added to, without a part after '?' or '#'")
    return text.rstrip("/")


def _verify(value: Any) -> bool | Path:
    """Whether a certificate is verified, or the file of those to trust."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} must be false, or a file of the authorities to trust, like 'ca.pem'")
    return Path(value)


def _ready(value: Any) -> str:
    return TCP if value == TCP else read_rooted(value)


def _reset(value: Any) -> tuple[str, ...] | HttpCall:
    """A command, or a call like "POST /reset"."""
    words = value.split() if isinstance(value, str) else read_words(value)
    if words and words[0] in _METHODS:  # before a shell is asked for the & of its address
        if len(words) != 2:
            raise ValueError(f"{value!r} is not a call; write it like 'POST /reset'")
        return HttpCall(words[0], read_rooted(words[1]))
    return read_words(value)


def _cpus(value: Any) -> str:
    text = read_text(value)
    try:
        parse_cpus(text)
    except UsageError as error:
        raise ValueError(f"{error.message}; {error.hint}") from None
    return text
