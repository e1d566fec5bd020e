"""The result file, from its JSON Schema."""

from __future__ import annotations

import json
from typing import Any

import perfgate.report
from tools.docs.markdown import code, sentence, table

_SCHEMA = "result.schema.json"


def all_fields() -> str:
    """A table of the file itself, and one of each thing in it that has fields of its own."""
    schema = load_schema()
    sections = [_fields(schema, schema)]
    for name, definition in schema["definitions"].items():
        if "properties" in definition:
            sections.append(f"### {name}\n\n{sentence(definition['description'])}\n\n{_fields(definition, schema)}")
    return "\n".join(sections)


def load_schema() -> dict[str, Any]:
    """The schema that ships with the package."""
    from importlib.resources import files

    loaded: dict[str, Any] = json.loads(files(perfgate.report).joinpath(_SCHEMA).read_text(encoding="utf-8"))
    return loaded


def _fields(definition: dict[str, Any], schema: dict[str, Any]) -> str:
    required = definition.get("required", ())
    rows = [
        (code(name) + ("" if name in required else " (may be missing)"), _type(field, schema), _meaning(field, schema))
        for name, field in definition["properties"].items()
    ]
    return table(("field", "type", "is"), rows)


def _meaning(field: dict[str, Any], schema: dict[str, Any]) -> str:
    """The field's own words, else those of what it refers to. KeyError where neither has any."""
    if "description" in field:
        return sentence(field["description"])
    return sentence(schema["definitions"][_referred(field)]["description"])


def _type(field: dict[str, Any], schema: dict[str, Any]) -> str:
    if "const" in field:
        return code(json.dumps(field["const"]))
    if "enum" in field:
        return ", ".join(code(json.dumps(value)) for value in field["enum"])
    name = _referred(field)
    if name:
        definition = schema["definitions"][name]
        return f"[{name}](#{name})" if "properties" in definition else _type(definition, schema)
    kinds = field.get("type", "any")
    text = kinds if isinstance(kinds, str) else " or ".join(kinds)
    items = field.get("items")
    return f"{text} of {_type(items, schema)}" if items else text


def _referred(field: dict[str, Any]) -> str:
    """The name of the definition that a field refers to; "" where it has none."""
    for one in (field, *field.get("allOf", ()), *field.get("anyOf", ())):
        if "$ref" in one:
            return str(one["$ref"]).rpartition("/")[2]
    return ""
