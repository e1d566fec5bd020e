"""The modules that make k6 play what perfgate wants of a script: they import it and stand in its place.

What a script's own `options` say about the load stands above k6's flags and variables, all the rest of them is kept. So
a module around it is the one place where a slice of its load can be put.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfgate.load.k6.samples import ORIGIN, WAITED
from perfgate.load.k6.script import K6Script

# A function that does nothing, for k6 to iterate while it runs setup or teardown.
_NOTHING = "perfgateNothing"
_ONCE = {"perfgate": {"executor": "shared-iterations", "vus": 1, "iterations": 1, "exec": _NOTHING}}
# What is read of k6's samples, whatever else a script wants in them or leaves out.
_TAGS = ("method", "name", "url", "status", "error", "expected_response", "group", "check", "scenario")
# Options that say a load.
_LOADS = ("vus", "duration", "iterations", "stages", "scenarios")
# Functions of k6/http, and which of their arguments is the URL.
_REQUESTS = [
    *((name, 0) for name in ("get", "head", "post", "put", "patch", "del", "options")),
    *((name, 1) for name in ("request", "asyncRequest")),
]
_HOOKS = ("setup", "teardown", "handleSummary")
_HEAD = """\
import * as perfgate from './beginning.js';
import * as script from {script};
const {{ vus, duration, iterations, stages, scenarios, thresholds, systemTags, ...kept }} = script.options || {{}};
export const options = Object.assign(kept, {{ scenarios: {load} }});
if (systemTags) {{ options.systemTags = [...new Set([...String(systemTags).split(','), ...{tags}])]; }}
"""
# k6 seeds chance anew between the loading of a script and its hook.
_SEEDING = """\
import {{ randomSeed }} from 'k6';
export function begin() {{ randomSeed({seed}); }}
begin();
"""
# It is loaded before the script, so that what the script draws as it is loaded is the same on both sides, too. Any odd
# factors that keep VUs and iterations apart would do. The first iteration of a VU waits for its turn: VUs that begin in
# one burst stay in step for long.
_BEGINNING = """\
import {{ randomSeed, sleep }} from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
const beginners = {beginners};
let begun = false;
function seed(vu, iteration) {{ randomSeed(({seed} + vu * 104729 + iteration * 1299709) % 2147483647); }}
seed(__VU, 0);
export function begin() {{
  const metadata = exec.vu.metrics.metadata;
  if (begun) {{
    delete metadata.{waited};
  }} else if (exec.scenario.name in beginners) {{
    const number = exec.vu.idInTest - 1;
    const place = number % 2 ? 1 - {stagger} : {stagger};
    const turn = ((number + place) / beginners[exec.scenario.name]) % 1;
    const left = exec.scenario.startTime + {spread} * turn - Date.now();
    if (left > 0) {{ metadata.{waited} = String(left); sleep(left / 1000); }}
  }}
  begun = true;
  seed(exec.vu.idInTest, exec.vu.iterationInInstance + 1);
}}
// k6 hides the URL of a request that has a name; where it goes elsewhere, its samples say so.
const originOf = (url) => url.split('/', 3).join('/');
const target = originOf(String(__ENV.BASE_URL));
let strays = false;
function look(url) {{
  const origin = originOf(String((url && url.url) || url));
  const stray = origin !== target && /^https?:/.test(origin);
  if (stray) {{ exec.vu.metrics.metadata.{origin} = origin; }}
  else if (strays) {{ delete exec.vu.metrics.metadata.{origin}; }}
  strays = stray;
}}
for (const [name, place] of {requests}) {{
  const asks = http[name];
  if (asks) {{ http[name] = (...given) => {{ if (__VU) {{ look(given[place]); }} return asks(...given); }}; }}
}}
export function awaitStart() {{
  const answer = http.get({start_line}, {{ timeout: '600s' }});
  if (answer.status !== 204) {{ throw new Error(`perfgate cannot be asked when to begin: ${{answer.error}}`); }}
}}
"""


@dataclass(frozen=True)
class Beginning:
    """How the VUs of a round begin.

    seed: what chance depends on; rounds of a pair have the same.
    spread: the time over which they begin (s).
    stagger: where in its turn each begins, 0 to 1.
    beginners: how many there are in each k6 scenario whose VUs take turns.
    start_line: URL that setup asks to wait for the other side; None where the load begins at once.
    """

    seed: str
    spread: float
    stagger: float
    beginners: Mapping[str, int]
    start_line: str | None


def exports_wrapper(file: Path, metrics: Collection[str]) -> str:
    """A module whose options say, under `ext.perfgate`, which functions the script exports, and more.

    metrics: those whose kinds are told, as far as the script has made them: k6 complains where a name has another kind.
    """
    return (
        f"import * as script from {_uri(file)};\n"
        "import { Gauge } from 'k6/metrics';\n"
        "const functions = Object.keys(script).filter((name) => typeof script[name] === 'function');\n"
        f"const loads = {json.dumps(_LOADS)}.filter((name) => (script.options || {{}})[name] !== undefined);\n"
        "const complaints = {};\n"
        f"for (const metric of {json.dumps(sorted(metrics))}) {{\n"
        "  try { new Gauge(metric); } catch (error) { complaints[metric] = String(error); }\n"
        "}\n"
        "export const options = { ext: { perfgate: { functions, loads, complaints } } };\n"
        "export default function () {}\n"
    )


def beginning_module(beginning: Beginning) -> str:
    """The module `beginning.js`, which that of the round imports."""
    return _BEGINNING.format(
        seed=zlib.crc32(beginning.seed.encode()),
        beginners=json.dumps(dict(beginning.beginners) if beginning.spread else {}),
        waited=WAITED,
        origin=ORIGIN,
        requests=json.dumps(_REQUESTS),
        stagger=beginning.stagger,
        spread=beginning.spread * 1000,
        start_line=json.dumps(beginning.start_line),
    )


def seeding_module(seed: str) -> str:
    """The module `beginning.js` of a hook: what the script draws as it is loaded and in the hook depends on `seed`."""
    return _SEEDING.format(seed=zlib.crc32(seed.encode()) % 2147483647)


def slice_wrapper(script: K6Script, load: Mapping[str, Any], data: Any, waits: bool) -> str:
    """A module that plays `load` (k6's scenarios) with the script's functions; they are given `data`.

    waits: whether the load begins when the start line says so.
    """
    functions = sorted(script.exports.difference(_HOOKS))
    played = {settings.get("exec", "default") for settings in script.settings.values()}
    return (
        _head(script, load)
        + _setup_returns(data, waits)
        + "".join(_begun(function) if function in played else _export(function) for function in functions)
    )


def setup_wrapper(script: K6Script, answer: Path) -> str:
    """A module that runs the script's setup, and writes what it returned to `answer`, as {"data": ...}."""
    return (
        _head(script, _ONCE)
        + _begun("setup")
        + f"export function {_NOTHING}() {{}}\n"
        + f"export function handleSummary(told) {{ return {{ {json.dumps(str(answer))}: "
        + "JSON.stringify({ data: told.setup_data }) }; }\n"
    )


def teardown_wrapper(script: K6Script, data: Any) -> str:
    """A module that runs the script's teardown."""
    return _head(script, _ONCE) + _setup_returns(data) + _begun("teardown") + f"export function {_NOTHING}() {{}}\n"


def _head(script: K6Script, load: Mapping[str, Any]) -> str:
    return _HEAD.format(script=_uri(script.file), load=json.dumps(load), tags=json.dumps(_TAGS))


def _uri(file: Path) -> str:
    return json.dumps(file.absolute().as_uri())


def _setup_returns(data: Any, waits: bool = False) -> str:
    """A setup that returns `data`. waits: when the start line lets it go."""
    if data is None and not waits:
        return ""
    wait = "perfgate.awaitStart(); " if waits else ""
    returned = "" if data is None else f"return JSON.parse({json.dumps(json.dumps(data))}); "
    longer = "options.setupTimeout = '600s';\n" if waits else ""
    return f"{longer}export function setup() {{ {wait}{returned}}}\n"


def _begun(function: str) -> str:
    """A function of the script that VUs iterate, or a hook."""
    name = "default function " if function == "default" else f"function {function}"
    return f"export {name}(...given) {{ perfgate.begin(); return script.{function}(...given); }}\n"


def _export(function: str) -> str:
    if function == "default":
        return "export default script.default;\n"
    return f"export const {function} = script.{function};\n"
