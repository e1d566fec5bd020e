"""A repository whose commits are the shop of tests/support/shop, base and head differing in its settings."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.command import environment
from tests.support.databases import SERVE_POSTGRES
from tests.support.paths import QUOTED_PYTHON, TESTS
from tests.support.repository import Repository

SHOP = TESTS / "support" / "shop" / "shop.py"
SERVE = f"{QUOTED_PYTHON} shop.py serve {{port}}"
"""The command of [service]."""
MIGRATE = f"{QUOTED_PYTHON} shop.py migrate"
FILL = f"{QUOTED_PYTHON} shop.py fill"

# A PostgreSQL for each side, which perfgate starts.
POSTGRES_EACH_SIDE = f"""
[service]
command = "{SERVE} {{side}}"
ready = "/"
env = {{ DATABASE_URL = "postgresql://shop@localhost:{{db.port}}/postgres" }}
seed = "{MIGRATE}"

[[dependencies]]
name = "db"
command = "{SERVE_POSTGRES}"
"""

_SCENARIO = """
from perfgate import scenario

@scenario(vus=10, duration="10s")
def shop(user):
{calls}
    user.think(0.01, 0.03)
"""

# Its queries are counted by PostgreSQL itself, and by the shop's page of metrics.
COUNTED = "shared_preload_libraries=pg_stat_statements"
COUNT_QUERIES = "psql -q postgresql://shop@localhost:{db.port}/postgres -c 'create extension pg_stat_statements'"
"""The command that has it begin."""
_CALLS = "select sum(calls) from pg_stat_statements join pg_database on oid = dbid where datname = current_database()"
COUNTED_EACH_SIDE = f"""
[service]
command = "{SERVE} {{side}}"
ready = "/"
env = {{ DATABASE_URL = "postgresql://shop@localhost:{{db.port}}/postgres" }}
seed = "{MIGRATE} && {COUNT_QUERIES}"

[[dependencies]]
name = "db"
command = "{SERVE_POSTGRES} {COUNTED}"

[[counter]]
name = "calls"
command = ["psql", "-AtX", "postgresql://shop@localhost:{{db.port}}/postgres", "-c", "{_CALLS}"]

[[counter]]
url = "/metrics"
names = ["shop_*_total"]
"""

Differences = Mapping[str, object]


def make_shop(folder: Path, config: str, page: str, base: Differences, head: Differences, **more: str) -> Repository:
    """A repository with base at HEAD~1 and head at HEAD.

    config: its perfgate.toml. page: what its scenario asks for, like "GET /items", or several with commas. base,
    head: settings of each commit that are not the shop's defaults. more: other files by their names.
    """
    pages = [one.split() for one in page.split(",")]
    calls = "\n".join(f'    user.{method.lower()}("{path}")' for method, path in pages)
    (folder / "scenarios").mkdir(parents=True)
    (folder / "scenarios" / "shop.py").write_text(_SCENARIO.format(calls=calls))
    files = {"shop.py": SHOP.read_text(), "perfgate.toml": config, ".gitignore": ".perfgate\n__pycache__\n"}
    repository = Repository(folder, **files, **more, **{"shop.json": json.dumps(base)})
    repository.commit(**{"shop.json": json.dumps(head)})
    return repository


def service_of(**env: str) -> str:
    """A perfgate.toml for a shop that is told of its databases by these variables alone."""
    told = ", ".join(f'{name} = "{value}"' for name, value in env.items())
    return f'[service]\ncommand = "{SERVE}"\nready = "/"\nenv = {{ {told} }}\n'


def shared_postgres(url: str) -> str:
    """A perfgate.toml for a PostgreSQL that runs already, with a database for each side. url: of any database."""
    server = "-h {db.host} -p {db.port} -U shop"
    return f"""
[service]
command = "{SERVE} {{side}}"
ready = "/"
env = {{ DATABASE_URL = "postgresql://shop@{{db.host}}:{{db.port}}/shop_{{side}}" }}
seed = "createdb {server} shop_{{side}} && {MIGRATE}"
teardown = "dropdb --force {server} shop_{{side}}"

[[dependencies]]
name = "db"
url = "{url}"
"""


def fill_databases(**env: str) -> None:
    """Give databases the tables and keys of the shop, as somebody does before perfgate is called."""
    for command, name in (("migrate", "DATABASE_URL"), ("fill", "REDIS_URL")):
        if name in env:
            words = [sys.executable, str(SHOP), command]
            subprocess.run(words, env={**environment(), **env}, check=True, timeout=120)
