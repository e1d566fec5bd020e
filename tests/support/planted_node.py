"""The planted service in JavaScript: the same functions, and a library in node_modules/."""

from __future__ import annotations

import random
from pathlib import Path

from tests.support.planted import LIBRARY, LOOPS, MODULES, SCENARIO, Planted, reworded_by
from tests.support.repository import Repository

# A loop of V8's takes so much less than one of Python.
_FASTER = 30
_LIBRARY_FOLDER = "node_modules/rules"

SETTINGS = """
[measure]
warm_up = "1500ms"
warm_up_most = "1500ms"
foreign_cpu = "100%"
[service]
command = "node serve.js {port}"
"""
_FUNCTION = """
// Some work{remark}.
function {name}() {{
  let total = 0
  for (let number = 0; number < {loops}; number++) {{
    total += number * number % 7
  }}
  {more}return total
}}
exports.{name} = {name}
"""
_SERVE = """
const http = require('http')
{imports}

function look(request, answer) {{
  answer.end(String({calls}))
}}

http.createServer(look).listen(Number(process.argv[2]), '127.0.0.1')
"""


def new_repository(folder: Path, settings: str = SETTINGS) -> Repository:
    """A repository whose first commit is the service as it was."""
    for place in ("shop", _LIBRARY_FOLDER, "scenarios"):
        (folder / place).mkdir(parents=True)
    return Repository(folder, **{"perfgate.toml": settings, "scenarios/look.py": SCENARIO, **sources(None)})


def name_of(planted: Planted) -> str:
    """The function in which something was planted, as V8 calls it."""
    return _named(planted.name.rpartition(".")[2])


def sources(planted: Planted | None, chance: random.Random | None = None) -> dict[str, str]:
    """The files of the service. chance: chooses functions whose remarks are written anew."""
    reworded = reworded_by(chance)
    imports = "\n".join(f"const {module} = require('./shop/{module}')" for module in MODULES)
    calls = " + ".join(f"{module}.allOfIt()" for module in MODULES)
    files = {
        "serve.js": _SERVE.format(imports=imports, calls=calls),
        ".gitignore": ".perfgate\n",
        f"{_LIBRARY_FOLDER}/index.js": "".join(_functions("rules", LIBRARY, planted, set())),
    }
    for module, functions in MODULES.items():
        library = " + rules.match() + rules.weigh() + rules.apply()" if module == "prices" else ""
        called = " + ".join(f"{_named(name)}()" for name in functions)
        files[f"shop/{module}.js"] = (
            f"const rules = require('rules')\n{''.join(_functions(f'shop.{module}', functions, planted, reworded))}\n"
            f"exports.allOfIt = function allOfIt() {{\n  return {called}{library}\n}}\n"
        )
    return files


def _functions(path: str, functions: dict[str, int], planted: Planted | None, reworded: set[str]) -> list[str]:
    return [_written(f"{path}.{name}", loops, planted, reworded) for name, loops in functions.items()]


def _written(name: str, loops: int, planted: Planted | None, reworded: set[str]) -> str:
    more = ""
    remark = ", well done" if name in reworded else ""
    if planted is not None and planted.name == name:
        added = round(planted.share * LOOPS)
        if planted.kind == "call":
            more = f"total += JSON.stringify(Array({added * 2}).fill(1)).length % 2\n  "
        else:
            loops += added
    return _FUNCTION.format(name=_named(name.rpartition(".")[2]), loops=loops * _FASTER, more=more, remark=remark)


def _named(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
