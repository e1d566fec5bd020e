"""YAML and JSON files of a repository, as plain values."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from perfgate.scaffold.core_schema import core_loader
from perfgate.scaffold.repository import Repository

# More than any description that people write; a file of a hundred megabytes is something else.
_MOST_CHARACTERS = 20_000_000


def read_document(repository: Repository, path: PurePosixPath, core: bool = False) -> Any:
    """The contents of a file; None where they are not what its name says, and it is passed over.

    core: whether YAML is of version 1.2, by its core schema, as OpenAPI has it; else of 1.1, as Compose has it.
    """
    text = repository.read(path)
    if len(text) > _MOST_CHARACTERS:
        repository.say(f"{path} is too large")
        return None
    kind, load = ("JSON", json.loads) if path.suffix == ".json" else ("YAML", _core_yaml if core else _yaml)
    try:
        return load(text)
    except RecursionError:
        repository.say(f"{path} is nested too deeply")
    except ValueError as error:
        repository.say(f"{path} is not {kind}: {error}")
    return None


def mapping(value: Any) -> dict[Any, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def _yaml(text: str) -> Any:
    import yaml  # only for those who call init

    return _loaded(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _core_yaml(text: str) -> Any:
    return _loaded(text, core_loader())


def _loaded(text: str, loader: Any) -> Any:
    import yaml

    try:
        return yaml.load(text, Loader=loader)
    except RecursionError:
        raise
    except Exception as error:  # its constructors raise errors of any kind: `!!bool maybe` is a KeyError
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1} column {mark.column + 1}: " if mark else ""
        raise ValueError(where + " ".join(str(getattr(error, "problem", error)).split())) from None
