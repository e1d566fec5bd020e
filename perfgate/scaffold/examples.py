"""An example value for a JSON schema: the one that its author wrote, else the plainest that fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfgate.scaffold.documents import mapping, sequence

# Schemas may contain themselves; what lies deeper than this is left out.
_DEEPEST = 6
_BY_FORMAT = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "someone@example.com",
    "ipv4": "192.0.2.1",
    "uri": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_PLAIN: dict[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "string": "text"}


class NoExampleError(ValueError):
    """Nothing that fits is known."""


class Examples:
    """Makes examples of the schemas of one document, whose `$ref`s are resolved within it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def resolved(self, value: Any) -> dict[Any, Any]:
        """A mapping with its `$ref`, if it is one, followed."""
        found = mapping(value)
        for _ in range(_DEEPEST):
            reference = found.get("$ref")
            if not isinstance(reference, str):
                return found
            found = self._at(reference)
        return {}

    def parameter(self, parameter: Mapping[str, Any]) -> Any:
        """A value for a parameter or a media type that its author gave. NoExampleError where there is none."""
        if "example" in parameter:
            return parameter["example"]
        for one in mapping(parameter.get("examples")).values():
            if "value" in self.resolved(one):
                return self.resolved(one)["value"]
        # Swagger 2 writes the schema of a parameter into the parameter.
        return self.written(parameter.get("schema", parameter))

    def written(self, schema: Any, depth: int = 0) -> Any:
        """The example, default or first choice that a schema names. NoExampleError where it names none."""
        found = self.resolved(schema)
        for key in ("example", "default", "const"):
            if key in found:
                return found[key]
        choices = [*sequence(found.get("examples")), *sequence(found.get("enum"))]
        if choices:
            return choices[0]
        if found.get("type") == "array" and depth < _DEEPEST:
            return [self.written(found.get("items"), depth + 1)]
        raise NoExampleError

    def made(self, schema: Any, depth: int = 0) -> Any:
        """A value that fits a schema, as far as its types tell. NoExampleError where that is not far enough."""
        if depth > _DEEPEST:
            raise NoExampleError
        try:
            return self.written(schema)
        except NoExampleError:
            found = self.resolved(schema)
        parts = [*sequence(found.get("allOf")), *sequence(found.get("oneOf"))[:1], *sequence(found.get("anyOf"))[:1]]
        if parts:
            values = [self.made(part, depth + 1) for part in parts]
            if not all(isinstance(value, dict) for value in values):
                return values[0]
            merged = {name: value for part in values for name, value in part.items()}
            return {**merged, **self._object(found, depth)}
        kind = found.get("type")
        kind = next((one for one in kind if one != "null"), None) if isinstance(kind, list) else kind
        if kind == "object" or "properties" in found:
            return self._object(found, depth)
        if kind == "array":
            return self._array(found, depth)
        if isinstance(kind, str) and kind in _PLAIN:
            return _BY_FORMAT.get(str(found.get("format")), found.get("minimum", _PLAIN[kind]))
        raise NoExampleError

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        """One item, since an empty list asks little of a service; none where none can be made and none is needed."""
        try:
            return [self.made(schema.get("items"), depth + 1)]
        except NoExampleError:
            if schema.get("minItems"):
                raise
            return []

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Its required properties, and the others that are plain or have an example."""
        required = sequence(schema.get("required"))
        made: dict[str, Any] = {}
        for name, one in mapping(schema.get("properties")).items():
            found = self.resolved(one)
            if found.get("readOnly") or found.get("deprecated"):
                continue
            try:
                made[str(name)] = self.made(found, depth + 1)
            except NoExampleError:
                if name in required:
                    raise
        return made

    def _at(self, reference: str) -> dict[Any, Any]:
        """What a JSON pointer like #/components/schemas/Pet leads to (RFC 6901)."""
        found: Any = self._document
        if not reference.startswith("#/"):
            return {}
        for part in reference[2:].split("/"):
            found = mapping(found).get(part.replace("~1", "/").replace("~0", "~"))
        return mapping(found)
