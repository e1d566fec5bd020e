"""YAML and JSON files of a repository, as plain values."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from perfgate.starting.repository import Repository

# More than any description that people write; a file of a hundred megabytes is something else.
_MOST_CHARACTERS = 20_000_000


def read_document(repository: Repository, path: PurePosixPath) -> Any:
    """What a file holds; None where it is neither YAML nor JSON."""
    text = repository.read(path)
    if len(text) > _MOST_CHARACTERS:
        return None
    try:
        return json.loads(text) if path.suffix == ".json" else _yaml(text)
    except (ValueError, RecursionError):
        return None


def mapping(value: Any) -> dict[Any, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def _yaml(text: str) -> Any:
    import yaml  # only for those who call init

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
