"""What the description says of answers: the schema of a good one, and where a value stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from perfgate.scaffold.documents import mapping, sequence
from perfgate.scaffold.openapi.contents import answered_json
from perfgate.scaffold.openapi.examples import Examples
from perfgate.scaffold.openapi.plain_values import kind_of

Pointer = tuple[str, ...]
"""The keys that lead from an answer to a value in it: ("data", "id")."""

_GOOD = ("201", "200", "202", "2XX", "2xx")
_DEEPEST = 3


def good_answer(examples: Examples, operation: Mapping[str, Any]) -> dict[Any, Any]:
    """The answer of an operation that went well, {} where the description has none. UnreadError: see References."""
    answers = {str(status): one for status, one in mapping(operation.get("responses")).items()}
    return next((examples.resolved(answers[status]) for status in _GOOD if status in answers), {})


def answered_values(examples: Examples, operation: Mapping[str, Any]) -> Iterator[tuple[Pointer, dict[Any, Any]]]:
    """The plain values of a good answer in JSON, each with its place and its schema; the shallowest first."""
    answer = good_answer(examples, operation)
    schema = answered_json(answer.get("content")).get("schema") or answer.get("schema")
    level: list[tuple[Pointer, dict[Any, Any]]] = [((), examples.resolved(schema))]
    for _ in range(_DEEPEST):
        below: list[tuple[Pointer, dict[Any, Any]]] = []
        for place, outer in level:
            for name, one in properties_of(examples, outer).items():
                found = examples.resolved(one)
                pointer = (*place, str(name))
                if properties_of(examples, found):
                    below.append((pointer, found))
                elif kind_of(found) not in ("array", "object"):
                    yield pointer, found
        level = below


def properties_of(examples: Examples, schema: Any, depth: int = 0) -> dict[Any, Any]:
    """The properties of an object, those of the schemas that it is made of included."""
    found = examples.resolved(schema)
    own = mapping(found.get("properties"))
    if depth >= _DEEPEST:
        return own
    parts = [*sequence(found.get("allOf")), *sequence(found.get("oneOf"))[:1], *sequence(found.get("anyOf"))[:1]]
    return {**{name: one for part in parts for name, one in properties_of(examples, part, depth + 1).items()}, **own}


def plainly(name: str) -> str:
    """A name without capitals and marks: "petId" and "pet_id" are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def first_of(values: Iterator[tuple[Pointer, dict[Any, Any]]], rank: Callable[[str], int | None]) -> Pointer | None:
    """The place of the value whose name ranks first; None where none has a rank."""
    ranked = [(rank(pointer[-1]), len(pointer), pointer) for pointer, _ in values]
    able = [(order, depth, pointer) for order, depth, pointer in ranked if order is not None]
    return min(able)[2] if able else None
