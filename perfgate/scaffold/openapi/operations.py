"""The operations of a description, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from perfgate.scaffold.documents import sequence
from perfgate.scaffold.openapi.references import References, UnreadError

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


@dataclass(frozen=True)
class DescribedOperation:
    """One operation of a description.

    method: in capitals.
    template: its path: "/pet/{petId}".
    raw: as the description has it, the parameters of its path among its own.
    """

    method: str
    template: str
    raw: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def words(self) -> set[str]:
        """The words of the path and of the operation's id, without capitals; of two in a row both as one, too."""
        words = [word.lower() for word in _WORD.findall(f"{self.template} {self.raw.get('operationId', '')}")]
        return {*words, *(f"{one}{other}" for one, other in pairwise(words))}  # sign-up, logIn


def operations_of(
    document: Mapping[str, Any],
    references: References,
    left_out: dict[str, list[str]],
    methods: tuple[str, ...] = ("get", "post"),
) -> Iterator[DescribedOperation]:
    """The operations of these methods.

    left_out: takes the names of those that stand where nothing was found, by the reason.
    """
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
        for method in methods:
            if not isinstance(item.get(method), dict):
                continue
            try:
                operation = references.followed(item[method])
            except UnreadError as error:
                left_out.setdefault(unread(error), []).append(f"{method.upper()} {template}")
                continue
            shared = [*sequence(item.get("parameters")), *sequence(operation.get("parameters"))]
            yield DescribedOperation(method.upper(), str(template), {**operation, "parameters": shared})


def unread(error: UnreadError) -> str:
    """Why an operation is left out."""
    return f"what it needs stands in {error.reference[:100]}, which was not found in this repository"
