"""The planted service on PostgreSQL: one query a function, and commits in which one of them takes longer."""

from __future__ import annotations

import random
from pathlib import Path

from tests.support.databases import SERVE_POSTGRES
from tests.support.paths import QUOTED_PYTHON
from tests.support.planted import MODULES, QUERYING, SCENARIO, Planted, reworded_by
from tests.support.repository import Repository
from tests.support.shops import COUNT_QUERIES, COUNTED

# Rows of a query for each loop of the service in Python, and as many as a whole request takes the time of.
_ROWS, _REQUEST = 2, 20_000

SETTINGS = f"""
[measure]
warm_up = "500ms"
warm_up_most = "500ms"
foreign_cpu = "100%"
[service]
command = "{QUOTED_PYTHON} serve.py {{port}}"
env = {{ DATABASE_URL = "postgresql://shop@localhost:{{db.port}}/postgres" }}
seed = "{COUNT_QUERIES}"
[[dependencies]]
name = "db"
command = "{SERVE_POSTGRES} {COUNTED}"
"""
_SERVE = """
import http.server, os, sys, threading
import psycopg
import queries

kept = threading.local()

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if not hasattr(kept, "database"):
            kept.database = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        total = sum(kept.database.execute(text, (rows,)).fetchone()[0] for text, rows in queries.ALL)
        body = str(total).encode()
        self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body))

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
# PostgreSQL tells queries apart by what they do, not by their names.
_AGGREGATES = ("sum", "max", "min", "avg", "bit_or", "bit_and", "stddev", "variance")
_TEXT = "SELECT {aggregate}({name}.n * {name}.n %% 7) FROM generate_series(1, %s) AS {name}(n)"
# As PostgreSQL keeps it: the parameter is the first, then the constants; and as perfgate shortens lists.
_KEPT = "SELECT {aggregate}({name}.n * {name}.n % $2) FROM generate_series($3, …) AS {name}(n)"
_LOOPS = {f"shop.{module}.{name}": loops for module in QUERYING for name, loops in MODULES[module].items()}


def name_of(planted: Planted) -> str:
    """The query that takes longer, as PostgreSQL keeps it."""
    return _written(_KEPT, planted.name)


def new_repository(folder: Path, settings: str = SETTINGS) -> Repository:
    """A repository whose first commit is the service as it was."""
    (folder / "scenarios").mkdir(parents=True)
    return Repository(folder, **{"perfgate.toml": settings, "scenarios/look.py": SCENARIO, **sources(None)})


def sources(planted: Planted | None, chance: random.Random | None = None) -> dict[str, str]:
    """The files of the service. chance: chooses queries whose remarks are written anew."""
    reworded = reworded_by(chance)
    lines = []
    for function, loops in _LOOPS.items():
        more = round(planted.share * _REQUEST) if planted is not None and planted.name == function else 0
        remark = "  # well done" if function in reworded else ""
        lines.append(f'    ("{_written(_TEXT, function)}", {loops * _ROWS + more}),{remark}\n')
    return {"serve.py": _SERVE, "queries.py": f"ALL = [\n{''.join(lines)}]\n"}


def _written(text: str, function: str) -> str:
    return text.format(aggregate=_AGGREGATES[list(_LOOPS).index(function)], name=function.rpartition(".")[2])
