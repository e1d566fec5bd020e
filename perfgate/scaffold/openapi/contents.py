"""The media types that bodies are described by: `*/*` of springdoc, and those with parameters, are JSON as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfgate.scaffold.documents import mapping

_JSON = "application/json"
_ANY = ("*/*", "application/*")


def by_media_type(content: Any) -> dict[str, dict[Any, Any]]:
    """What a `content` says of each media type, by its name without parameters: "application/json"."""
    return {str(kind).partition(";")[0].strip().lower(): mapping(one) for kind, one in mapping(content).items()}


def sent_json(content: Any) -> dict[Any, Any]:
    """What it says of a body that is sent as application/json; {} where the service takes none."""
    return _first(by_media_type(content), (_JSON, *_ANY))


def answered_json(content: Any) -> dict[Any, Any]:
    """What it says of an answer in JSON of any kind; {} where there is none."""
    found = by_media_type(content)
    return _first(found, (_JSON, *[kind for kind in found if "json" in kind], *_ANY))


def _first(found: Mapping[str, dict[Any, Any]], kinds: tuple[str, ...]) -> dict[Any, Any]:
    return next((found[kind] for kind in kinds if kind in found), {})
