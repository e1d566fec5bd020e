"""The result file: one verdict as JSON of the schema perfgate.result/1, written for machines and read back unchanged.

The schema is `result.schema.json`, beside this module. Whoever reads a result file validates it first: in a pull
request from a fork it was written by a stranger's code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfgate.errors import ResultFileError
from perfgate.report.escaping import clean, cut
from perfgate.report.result_values import SCHEMA, plain_of, verdict_of
from perfgate.report.strict_json import StrictJsonError, parse
from perfgate.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 5_000_000

_HINT = "perfgate reads what one of its own commands wrote with --json FILE"


def dumps(verdict: Verdict) -> str:
    """The verdict as a result file, in ASCII and without a line break at its end.

    What is not finite becomes null, and of a text that is longer than the schema allows the middle is left out.
    """
    schema = _schema()
    plain = _fitted(plain_of(verdict), schema, schema["definitions"])
    return json.dumps(plain, indent=2, allow_nan=False)


def _fitted(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """Plain values, each text with its middle left out where the schema allows no more of it.

    What a service writes, or a compiler calls a function, has no end of its own. Of JSON Schema it knows what ours
    uses: `properties`, `additionalProperties`, `items`, `allOf`, `$ref` into `definitions`, `maxLength`.
    """
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
        found |= definitions[part["$ref"].removeprefix("#/definitions/")] if "$ref" in part else part
    return {**found, **schema}


def load(path: Path | str) -> Verdict:
    """The verdict in the file at `path`. ResultFileError where there is none that can be believed to be one."""
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ResultFileError(f"{path}: {error.strerror or error}", "name a result file that can be read") from None
    if len(content) > MOST_BYTES:
        raise ResultFileError(f"{path} is larger than {MOST_BYTES:,} bytes: too large for a perfgate result", _HINT)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ResultFileError(f"{path} is not text in UTF-8 (byte {error.start:,})", _HINT) from None
    return loads(text, str(path))


def loads(text: str, source: str = "the result") -> Verdict:
    """The verdict in `text`; source: what to call it in an error. ResultFileError names the place of a mistake."""
    try:
        plain = parse(text)
        _refuse_others(plain, source)
        _validate(plain, source)
        return verdict_of(plain)
    except StrictJsonError as error:
        raise _refusal(source, error.place, error.message) from None


def _refusal(source: str, place: str, message: str) -> ResultFileError:
    return ResultFileError(f"{source} is not a perfgate result: {clean(place, 100)}: {clean(message, 300)}", _HINT)


# What other tools' files have at their top, to say what a file is that is not ours.
_OTHERS = (
    ({"metrics", "root_group"}, "a summary of k6"),
    ({"metrics", "state"}, "a summary of k6"),
    ({"metric", "type", "data"}, "an output of k6 (--out json)"),
    ({"latencies", "bytes_in"}, "a report of vegeta"),
    ({"summary", "responseTimeHistogram"}, "a result of oha"),
    ({"machine_info", "benchmarks"}, "a result of pytest-benchmark"),
    ({"context", "benchmarks"}, "a result of Google Benchmark"),
    ({"results"}, "a result of hyperfine"),
)


def _refuse_others(plain: object, source: str) -> None:
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if schema == SCHEMA:
        return
    if isinstance(schema, str) and schema.startswith("perfgate.result/"):
        hint = "it was written by another version of perfgate: use that one, or write it again"
        raise ResultFileError(f"{source} has the schema {clean(schema, 40)}; this perfgate reads {SCHEMA}", hint)
    keys = set(plain) if isinstance(plain, dict) else set()
    name = next((f"; it looks like {name}" for wanted, name in _OTHERS if wanted <= keys), "")
    raise ResultFileError(f'{source} is not a perfgate result: it has no "schema": "{SCHEMA}"{name}', _HINT)


def _validate(plain: object, source: str) -> None:
    from fastjsonschema import JsonSchemaValueException

    try:
        _validator()(plain)
    except JsonSchemaValueException as error:
        name = str(error.name)
        place = name.removeprefix("data").lstrip(".") or "its top"
        raise _refusal(source, place, error.message.removeprefix(name).strip()) from None


@cache
def _validator() -> Callable[[object], object]:
    from fastjsonschema import compile as compile_schema

    validator: Callable[[object], object] = compile_schema(_schema())
    return validator


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(resources.files(__package__).joinpath("result.schema.json").read_text("utf-8"))
    return schema
