"""`$ref`: what stands elsewhere in a document, or in another file of the repository (RFC 6901)."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from perfgate.scaffold.documents import mapping, read_document
from perfgate.scaffold.openapi.plain_values import NoExampleError
from perfgate.scaffold.repository import Repository

# References that lead to references are followed so far.
_FURTHEST = 20
_LONGEST_INDEX = 10


class UnreadError(NoExampleError):
    """What a reference leads to was not read.

    reference: the reference as it is written.
    """

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference


class References:
    """Follows the references of one document.

    A mapping from another file is handed out with its own references made such that they can be followed from here.
    """

    def __init__(
        self, document: Mapping[str, Any], path: PurePosixPath | None = None, repository: Repository | None = None
    ) -> None:
        self._start = path
        self._repository = repository
        self._documents: dict[PurePosixPath | None, Any] = {path: document}

    def followed(self, value: Any, depth: int = 0) -> dict[Any, Any]:
        """A mapping with its `$ref`, if it has one, followed; what stands beside that is kept.

        UnreadError where it leads nowhere, to itself, or out of the repository.
        """
        found = mapping(value)
        beside: dict[Any, Any] = {}
        for _ in range(_FURTHEST):
            reference = found.get("$ref")
            if not isinstance(reference, str):
                return {**found, **beside} if beside else found
            beside = {**{key: one for key, one in found.items() if key != "$ref"}, **beside}
            found = self._at(reference, depth)
        raise UnreadError(str(found.get("$ref")))

    def _at(self, reference: str, depth: int) -> dict[Any, Any]:
        """What a reference leads to, through other references where it has to."""
        if depth > _FURTHEST:
            raise UnreadError(reference)
        file, _, pointer = reference.partition("#")
        path = self._start
        if file:
            if "://" in file or self._start is None:
                raise UnreadError(reference)
            path = PurePosixPath(posixpath.normpath(self._start.parent / unquote(file)))
        found = self._document(path, reference)
        for part in unquote(pointer).split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list):
                found = (
                    found[int(key)] if key.isdecimal() and len(key) < _LONGEST_INDEX and int(key) < len(found) else None
                )
            else:
                found = mapping(found)
                found = found[key] if key in found else self.followed(found, depth + 1).get(key)
        if not isinstance(found, dict):
            raise UnreadError(reference)
        return found

    def _document(self, path: PurePosixPath | None, reference: str) -> Any:
        if path not in self._documents:
            if self._repository is None or path is None or path not in self._repository.files:
                raise UnreadError(reference)
            self._documents[path] = self._from_here(read_document(self._repository, path, core=True), path, {})
        return self._documents[path]

    def _from_here(self, value: Any, path: PurePosixPath, seen: dict[int, Any]) -> Any:
        """A value of another file, with references that lead there from the first document."""
        if not isinstance(value, (dict, list)):
            return value
        if id(value) in seen:  # YAML may hold a value twice, and within itself
            return seen[id(value)]
        if isinstance(value, list):
            items: list[Any] = []
            seen[id(value)] = items
            items.extend(self._from_here(one, path, seen) for one in value)
            return items
        copied: dict[Any, Any] = {}
        seen[id(value)] = copied
        for key, one in value.items():
            is_reference = key == "$ref" and isinstance(one, str)
            copied[key] = self._moved(one, path) if is_reference else self._from_here(one, path, seen)
        return copied

    def _moved(self, reference: str, path: PurePosixPath) -> str:
        file, mark, pointer = reference.partition("#")
        if "://" in file:
            return reference
        target = path.parent / unquote(file) if file else path
        assert self._start is not None
        return f"{posixpath.relpath(target, self._start.parent)}{mark}{pointer}"
