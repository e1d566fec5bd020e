"""Texts as long as a JSON schema allows: what a service writes, or a compiler calls a function, has no end of its own.

Of the schema (draft 7) it knows what ours uses: `properties`, `additionalProperties`, `items`, `allOf`, `$ref` into
`definitions`, `maxLength`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfgate.report.escaping import cut

_PLACE = "#/definitions/"


def fitted(value: Any, schema: Mapping[str, Any]) -> Any:
    """Plain values, each text with its middle left out where it is longer than the schema allows."""
    return _fitted(value, schema, schema.get("definitions", {}))


def _fitted(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    here = _resolved(schema, definitions)
    if isinstance(value, str):
        return cut(value, here["maxLength"]) if "maxLength" in here else value
    if isinstance(value, Mapping):
        known, others = here.get("properties", {}), here.get("additionalProperties")
        others = others if isinstance(others, Mapping) else {}
        return {name: _fitted(inner, known.get(name, others), definitions) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fitted(inner, here.get("items", {}), definitions) for inner in value]
    return value


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = [*schema.get("allOf", ()), *([schema] if "$ref" in schema else [])]
    found: dict[str, Any] = {}
    for part in parts:
        found |= definitions[part["$ref"].removeprefix(_PLACE)] if "$ref" in part else part
    return {**found, **schema}
