"""An example value for a JSON schema: the one that its author wrote, else the plainest that fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfgate.scaffold.documents import mapping, sequence
from perfgate.scaffold.openapi.plain_values import NoExampleError, as_typed, kind_of, plain
from perfgate.scaffold.openapi.references import References, UnreadError

# Schemas may contain themselves; what lies deeper than this is left out.
_DEEPEST = 6
_MOST_ITEMS = 20
# Schemas that refer to several others, level by level, make values without end; no request has so many parts.
_MOST_PARTS = 2_000


class Examples:
    """Makes examples of schemas. references: follows their `$ref`s."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._parts = 0

    def resolved(self, value: Any) -> dict[Any, Any]:
        """A mapping with its `$ref`, if it is one, followed. UnreadError where that leads nowhere."""
        return self._references.followed(value)

    def parameter(self, parameter: Mapping[str, Any]) -> Any:
        """A value for a parameter or a media type that its author gave. NoExampleError where there is none."""
        schema = _schema_of(parameter)
        for key in ("example", "x-example"):  # Swagger 2 knows none; many write x-example there
            if key in parameter:
                return self._typed(parameter[key], schema)
        for one in mapping(parameter.get("examples")).values():
            if "value" in self.resolved(one):
                return self._typed(self.resolved(one)["value"], schema)
        return self.written(schema)

    def has_default(self, parameter: Mapping[str, Any]) -> bool:
        """Whether the service has a value for a parameter that is left out."""
        try:
            return "default" in self.resolved(_schema_of(parameter))
        except UnreadError:
            return False

    def written(self, schema: Any, depth: int = 0) -> Any:
        """The example, default or first choice that a schema names. NoExampleError where it names none."""
        found = self.resolved(schema)
        for key in ("example", "default", "const"):
            if key in found:
                return self._typed(found[key], found)
        choices = [*sequence(found.get("examples")), *sequence(found.get("enum"))]
        if choices:
            return self._typed(choices[0], found)
        if found.get("type") == "array" and depth < _DEEPEST:
            return [self.written(found.get("items"), depth + 1)]
        raise NoExampleError

    def _typed(self, value: Any, schema: Any, depth: int = 0) -> Any:
        """The same value with whole numbers and texts where their types are."""
        if depth > _DEEPEST or not isinstance(value, (dict, list, int, float)):
            return value
        try:
            found = self.resolved(schema)
            parts = [*map(self.resolved, sequence(found.get("allOf"))), found]
        except UnreadError:
            return value
        if isinstance(value, list):
            return [self._typed(one, found.get("items"), depth + 1) for one in value]
        if isinstance(value, dict):
            properties = {name: one for part in parts for name, one in mapping(part.get("properties")).items()}
            other = found.get("additionalProperties")
            return {name: self._typed(one, properties.get(name, other), depth + 1) for name, one in value.items()}
        return as_typed(value, found)

    def made(self, schema: Any, depth: int = 0) -> Any:
        """A value that fits a schema, as far as its types tell. NoExampleError where that is not far enough."""
        self._parts = self._parts + 1 if depth else 1
        if depth > _DEEPEST or self._parts > _MOST_PARTS:
            raise NoExampleError
        try:
            return self.written(schema)
        except NoExampleError:
            found = self.resolved(schema)
        parts = [*sequence(found.get("allOf")), *_first(found.get("oneOf")), *_first(found.get("anyOf"))]
        if parts:
            values = [self.made(part, depth + 1) for part in parts]
            if not all(isinstance(value, dict) for value in values):
                return values[0]
            merged = {name: value for part in values for name, value in part.items()}
            return {**merged, **self._object(found, depth)}
        kind = kind_of(found)
        if kind == "object" or "properties" in found:
            return self._object(found, depth)
        if kind == "array":
            return self._array(found, depth)
        return plain(kind, found)

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        """One item, since an empty list asks little of a service, or as many as there must be; none where none can be
        made and none is needed.
        """
        try:
            least = schema.get("minItems")
            count = least if isinstance(least, int) and 1 < least <= _MOST_ITEMS else 1
            before = self._parts
            item = self.made(schema.get("items"), depth + 1)
            self._parts += (count - 1) * (self._parts - before)
            if self._parts > _MOST_PARTS:
                raise NoExampleError
            return [item] * count
        except NoExampleError:
            if schema.get("minItems"):
                raise
            return []

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Its required properties, and the others that are plain or have an example."""
        required = sequence(schema.get("required"))
        made: dict[str, Any] = {}
        for name, one in mapping(schema.get("properties")).items():
            try:
                found = self.resolved(one)
                if found.get("readOnly") or found.get("deprecated"):
                    continue
                made[str(name)] = self.made(found, depth + 1)
            except NoExampleError:
                if name in required:
                    raise
        return made


def _schema_of(parameter: Mapping[str, Any]) -> Any:
    """The schema of a parameter, which Swagger 2 writes into the parameter."""
    return parameter.get("schema", parameter)


def _first(choices: Any) -> list[Any]:
    """The first of several schemas that is more than null."""
    return [one for one in sequence(choices) if mapping(one).get("type") != "null"][:1]
