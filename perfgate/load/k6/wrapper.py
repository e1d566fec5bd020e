"""The modules that make k6 play what perfgate wants of a script: they import it and stand in its place.

What a script's own `options` say about the load stands above k6's flags and variables, all the rest of them is kept. So
a module around it is the one place where a slice of its load can be put.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfgate.load.k6.script import K6Script

# A function that does nothing, for k6 to iterate while it runs setup or teardown.
_NOTHING = "perfgateNothing"
_ONCE = {"perfgate": {"executor": "shared-iterations", "vus": 1, "iterations": 1, "exec": _NOTHING}}
_HOOKS = ("setup", "teardown", "handleSummary")
_HEAD = """\
import * as script from {script};
const {{ vus, duration, iterations, stages, scenarios, thresholds, ...kept }} = script.options || {{}};
export const options = Object.assign(kept, {{ scenarios: {load} }});
"""


def exports_wrapper(file: Path) -> str:
    """A module whose options say, under `ext.perfgate`, which functions the script exports."""
    return (
        f"import * as script from {_uri(file)};\n"
        "const names = Object.keys(script).filter((name) => typeof script[name] === 'function');\n"
        "export const options = { ext: { perfgate: names } };\n"
        "export default function () {}\n"
    )


def slice_wrapper(script: K6Script, load: Mapping[str, Any], data: Any) -> str:
    """A module that plays `load` (k6's scenarios) with the script's functions; they are given `data`."""
    functions = sorted(script.exports.difference(_HOOKS))
    return _head(script, load) + _setup_returns(data) + "".join(map(_export, functions))


def setup_wrapper(script: K6Script, answer: Path) -> str:
    """A module that runs the script's setup, and writes what it returned to `answer`, as {"data": ...}."""
    return (
        _head(script, _ONCE)
        + "export const setup = script.setup;\n"
        + f"export function {_NOTHING}() {{}}\n"
        + f"export function handleSummary(told) {{ return {{ {json.dumps(str(answer))}: "
        + "JSON.stringify({ data: told.setup_data }) }; }\n"
    )


def teardown_wrapper(script: K6Script, data: Any) -> str:
    """A module that runs the script's teardown."""
    return (
        _head(script, _ONCE)
        + _setup_returns(data)
        + "export const teardown = script.teardown;\n"
        + f"export function {_NOTHING}() {{}}\n"
    )


def _head(script: K6Script, load: Mapping[str, Any]) -> str:
    return _HEAD.format(script=_uri(script.file), load=json.dumps(load))


def _uri(file: Path) -> str:
    return json.dumps(file.absolute().as_uri())


def _setup_returns(data: Any) -> str:
    if data is None:
        return ""
    return f"export function setup() {{ return JSON.parse({json.dumps(json.dumps(data))}); }}\n"


def _export(function: str) -> str:
    if function == "default":
        return "export default script.default;\n"
    return f"export const {function} = script.{function};\n"
