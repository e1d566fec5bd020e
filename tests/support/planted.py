"""A Python service of many functions in a repository, and commits in which one of them takes more CPU than before."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.repository import Repository

# Modules of the service with their functions, and a library that lies beside them. The numbers are loops a request.
MODULES = {
    "catalogue": {"search": 900, "sort": 700, "page": 300, "images": 200},
    "prices": {"base_price": 600, "discount": 400, "tax": 250, "currency": 150},
    "stock": {"reserve": 800, "count": 350, "warehouse": 250, "forecast": 500},
    "delivery": {"zones": 450, "weight": 200, "slots": 650, "label": 300},
}
# Where the service has a database, these ask it.
QUERYING = ("catalogue", "prices")
LIBRARY = {"match": 600, "weigh": 500, "apply": 400}
LOOPS = sum(loops for functions in MODULES.values() for loops in functions.values()) + sum(LIBRARY.values())
# A whole request takes as long as so many loops, and an element of a list in JSON as long as 1.4 of them.
_REQUEST, _ELEMENT = 12_500, 1.4
_LIBRARY_FOLDER = "vendor/site-packages/rules"
_REWORDED = 4

_FUNCTION = '''
def {name}():
    """Some work{remark}."""
    total = 0
    for number in range({loops}):
        total += number * number % 7
    {more}
    return total
'''
_SERVE = """
import http.server, pathlib, sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "vendor" / "site-packages"))
from shop import catalogue, delivery, prices, stock

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        total = catalogue.all_of_it() + prices.all_of_it() + stock.all_of_it() + delivery.all_of_it()
        body = str(total).encode()
        self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body))

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SCENARIO = """
from perfgate import scenario

@scenario(vus=2, duration="10s")
def look(user):
    user.get("/")
"""
SETTINGS = f"""
[measure]
warm_up = "500ms"
warm_up_most = "500ms"
foreign_cpu = "100%"
[service]
command = "{sys.executable} serve.py {{port}}"
"""


@dataclass(frozen=True)
class Planted:
    """One function that takes more CPU.

    kind: "code" for more loops, "call" for more work in the standard library, "library" for loops in a library,
        "sleep" for waiting instead of CPU, "query" for rows of a function's query.
    name: of the function, like "shop.prices.discount" or "rules.apply".
    share: of the CPU of a request that it takes more; of "sleep", of a hundredth of a second.
    """

    kind: str
    name: str
    share: float


def candidates(kind: str) -> list[str]:
    """The names of the functions that something of this kind can be planted in."""
    if kind == "library":
        return [f"rules.{name}" for name in LIBRARY]
    modules = QUERYING if kind == "query" else MODULES
    return [f"shop.{module}.{name}" for module in modules for name in MODULES[module]]


def name_of(planted: Planted) -> str:
    """The function in which something was planted."""
    return planted.name


def new_repository(folder: Path, settings: str = SETTINGS) -> Repository:
    """A repository whose first commit is the service as it was."""
    for place in ("shop", _LIBRARY_FOLDER, "scenarios"):
        (folder / place).mkdir(parents=True)
    return Repository(folder, **{"perfgate.toml": settings, "scenarios/look.py": SCENARIO, **sources(None)})


def sources(planted: Planted | None, chance: random.Random | None = None) -> dict[str, str]:
    """The files of the service. chance: chooses functions whose remarks are written anew."""
    files = {"serve.py": _SERVE, "shop/__init__.py": ""}
    reworded = reworded_by(chance)
    for module, functions in MODULES.items():
        names = {f"shop.{module}.{name}": loops for name, loops in functions.items()}
        written = [_written(name, loops, planted, name in reworded) for name, loops in names.items()]
        library = " + rules.match() + rules.weigh() + rules.apply()" if module == "prices" else ""
        called = " + ".join(f"{name}()" for name in functions)
        files[f"shop/{module}.py"] = (
            f"import json\nimport time\nimport rules\n{''.join(written)}\n"
            f"def all_of_it():\n    return {called}{library}\n"
        )
    library_functions = [_written(f"rules.{name}", loops, planted, False) for name, loops in LIBRARY.items()]
    return {**files, f"{_LIBRARY_FOLDER}/__init__.py": "".join(library_functions)}


def reworded_by(chance: random.Random | None) -> set[str]:
    """The functions whose remarks are written anew."""
    return set(chance.sample(candidates("code"), _REWORDED)) if chance else set()


def _written(name: str, loops: int, planted: Planted | None, reworded: bool) -> str:
    more = "pass"
    if planted is not None and planted.name == name:
        added = round(planted.share * _REQUEST)
        if planted.kind == "call":
            more = f"json.dumps(list(range({round(added / _ELEMENT)})))"
        elif planted.kind == "sleep":
            more = f"time.sleep({planted.share / 100:.6f})"
        else:
            loops += added
    remark = ", well done" if reworded else ""
    return _FUNCTION.format(name=name.rpartition(".")[2], loops=loops, more=more, remark=remark)
