"""The planted service in Go: the same functions, and a library in vendor/. The compiler inlines what it likes."""

from __future__ import annotations

import random
from pathlib import Path

from tests.support.planted import LIBRARY, LOOPS, MODULES, SCENARIO, Planted, reworded_by
from tests.support.repository import Repository

# A loop of Go takes so much less than one of Python.
_FASTER = 40
_MODULE = "example.com/store"
_RULES = "example.com/rules"

SETTINGS = """
[measure]
warm_up = "500ms"
warm_up_most = "500ms"
foreign_cpu = "100%"
[service]
command = "./server {port}"
build_command = "go build -o server ."
ready_timeout = "120s"
"""
_FUNCTION = """
// Some work{remark}.
func {name}() int {{
	total := 0
	for number := 0; number < {loops}; number++ {{
		total += number * number % 7
	}}
	{more}return total
}}
"""
_SERVE = """package main

import (
	"fmt"
	"net/http"
	_ "net/http/pprof"
	"os"

{imports}
)

func look(answer http.ResponseWriter, _ *http.Request) {{
	fmt.Fprint(answer, {calls})
}}

func main() {{
	http.HandleFunc("/", look)
	fmt.Println(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}}
"""


def new_repository(folder: Path, settings: str = SETTINGS) -> Repository:
    """A repository whose first commit is the service as it was."""
    for place in (*(f"shop/{module}" for module in MODULES), f"vendor/{_RULES}", "scenarios"):
        (folder / place).mkdir(parents=True)
    return Repository(folder, **{"perfgate.toml": settings, "scenarios/look.py": SCENARIO, **sources(None)})


def name_of(planted: Planted) -> str:
    """The function in which something was planted, as Go calls it."""
    *modules, name = planted.name.split(".")
    return f"{_RULES}.{_exported(name)}" if modules == ["rules"] else f"{_MODULE}/{'/'.join(modules)}.{_exported(name)}"


def sources(planted: Planted | None, chance: random.Random | None = None) -> dict[str, str]:
    """The files of the service. chance: chooses functions whose remarks are written anew."""
    reworded = reworded_by(chance)
    imports = "\n".join(f'\t"{_MODULE}/shop/{module}"' for module in MODULES)
    calls = " + ".join(f"{module}.AllOfIt()" for module in MODULES)
    files = {
        "go.mod": f"module {_MODULE}\n\ngo 1.21\n\nrequire {_RULES} v1.0.0\n",
        "vendor/modules.txt": f"# {_RULES} v1.0.0\n## explicit; go 1.21\n{_RULES}\n",
        f"vendor/{_RULES}/rules.go": _package("rules", "rules", LIBRARY, planted, set(), ""),
        "main.go": _SERVE.format(imports=imports, calls=calls),
        ".gitignore": "server\n.perfgate\n",
    }
    for module, functions in MODULES.items():
        library = " + rules.Match() + rules.Weigh() + rules.Apply()" if module == "prices" else ""
        files[f"shop/{module}/{module}.go"] = _package(f"shop.{module}", module, functions, planted, reworded, library)
    return files


def _package(
    path: str, package: str, functions: dict[str, int], planted: Planted | None, reworded: set[str], library: str
) -> str:
    written = "".join(_written(f"{path}.{name}", loops, planted, reworded) for name, loops in functions.items())
    used = {"encoding/json": "json.", _RULES: "rules."}
    imports = "".join(f'import "{one}"\n' for one, call in used.items() if call in written + library)
    calls = " + ".join(f"{_exported(name)}()" for name in functions)
    whole = "" if package == "rules" else f"\nfunc AllOfIt() int {{\n\treturn {calls}{library}\n}}\n"
    return f"package {package}\n\n{imports}{written}{whole}"


def _written(name: str, loops: int, planted: Planted | None, reworded: set[str]) -> str:
    more = ""
    remark = ", well done" if name in reworded else ""
    if planted is not None and planted.name == name:
        added = round(planted.share * LOOPS)
        if planted.kind == "call":
            more = f"text, _ := json.Marshal(make([]int, {added * 2}))\n\ttotal += len(text) % 2\n\t"
        else:
            loops += added
    return _FUNCTION.format(name=_exported(name.rpartition(".")[2]), loops=loops * _FASTER, more=more, remark=remark)


def _exported(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
