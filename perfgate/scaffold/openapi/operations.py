"""The operations of a description, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from perfgate.scaffold.documents import sequence
from perfgate.scaffold.openapi.references import References, UnreadError


def operations_of(
    document: Mapping[str, Any], references: References, left_out: dict[str, list[str]]
) -> Iterator[tuple[str, str, dict[Any, Any]]]:
    """The GETs and POSTs with their paths, wherever they stand, the parameters of their path among their own."""
    try:
        paths = references.followed(document.get("paths"))
    except UnreadError as error:
        left_out.setdefault(unread(error), []).append("all paths")
        return
    for template, one in paths.items():
        try:
            item = references.followed(one)
        except UnreadError as error:
            left_out.setdefault(unread(error), []).append(str(template))
            continue
        for method in ("get", "post"):
            if not isinstance(item.get(method), dict):
                continue
            try:
                operation = references.followed(item[method])
            except UnreadError as error:
                left_out.setdefault(unread(error), []).append(f"{method.upper()} {template}")
                continue
            shared = [*sequence(item.get("parameters")), *sequence(operation.get("parameters"))]
            yield method.upper(), str(template), {**operation, "parameters": shared}


def unread(error: UnreadError) -> str:
    return f"what it needs stands in {error.reference[:100]}, which was not found in this repository"
