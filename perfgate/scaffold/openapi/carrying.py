"""Ids that one answer holds and the next request needs: by the links of a description, else by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from perfgate.scaffold.documents import mapping
from perfgate.scaffold.openapi.answers import Pointer, answered_values, first_of, good_answer, plainly
from perfgate.scaffold.openapi.examples import Examples
from perfgate.scaffold.openapi.operations import DescribedOperation
from perfgate.scaffold.openapi.references import UnreadError

# Properties that tell one thing from another, where none is called like the parameter.
_IDS = ("id", "uuid", "guid")


def carried_to(examples: Examples, making: DescribedOperation, other: DescribedOperation) -> tuple[str, Pointer] | None:
    """The parameter in the path of the other operation whose value stands in the answer of the making one, and where
    it stands there; None for none.
    """
    names = re.findall(r"\{([^{}]+)\}", other.template)
    try:
        for link in _links(examples, making.raw):
            if _leads_to(link, other):
                for name, value in mapping(link.get("parameters")).items():
                    pointer = _pointer(value)
                    plain = str(name).removeprefix("path.")
                    if pointer and plain in names:
                        return plain, pointer
        below = other.template.startswith(f"{making.template.rstrip('/')}/{{") and len(names) == 1
        if not below:
            return None
        found = first_of(answered_values(examples, making.raw), lambda called: _rank(called, names[0]))
    except UnreadError:
        return None
    return (names[0], found) if found else None


def _rank(called: str, parameter: str) -> int | None:
    """How well a property fits a parameter: called the same, else an id for what is called an id."""
    name, wanted = plainly(called), plainly(parameter)
    if name == wanted:
        return 0
    if name in _IDS and wanted.endswith(_IDS):
        return 1 + _IDS.index(name)
    return None


def _links(examples: Examples, operation: Mapping[str, Any]) -> Iterator[dict[Any, Any]]:
    """https://spec.openapis.org/oas/v3.1.1.html#link-object"""
    for link in mapping(good_answer(examples, operation).get("links")).values():
        yield examples.resolved(link)


def _leads_to(link: Mapping[str, Any], other: DescribedOperation) -> bool:
    if "operationId" in link:
        return bool(other.raw.get("operationId") == link["operationId"])
    place = other.template.replace("~", "~0").replace("/", "~1")
    return str(link.get("operationRef")).endswith(f"#/paths/{place}/{other.method.lower()}")


def _pointer(value: Any) -> Pointer:
    """The place in the answer that "$response.body#/data/id" names; () for another expression."""
    prefix = "$response.body#/"
    if not isinstance(value, str) or not value.startswith(prefix):
        return ()
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in value[len(prefix) :].split("/"))
