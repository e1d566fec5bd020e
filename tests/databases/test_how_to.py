"""The page "My service has a database": its configurations measure a shop with a real PostgreSQL, as they stand there.

`python` is the one that runs the tests, the shared server listens where it happens to, and where no Docker Engine is
needed the image is a program.
"""

import os
import re

import pytest

from tests.support.databases import SERVE_POSTGRES
from tests.support.paths import QUOTED_PYTHON, ROOT
from tests.support.postgres_server import programs

PAGE = (ROOT / "docs/how-to/my-service-has-a-database.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
TWO, TEN = {"queries": 2}, {"queries": 10}


def block_with(*words):
    (found,) = [block for block in BLOCKS if all(one in block for one in words)]
    return found.replace("python shop.py", f"{QUOTED_PYTHON} shop.py")


def owned():
    block = block_with("python shop.py", 'image = "postgres:17"')
    program = f'command = "{SERVE_POSTGRES}"'
    block = re.sub(r'image = "postgres:17"\nenv = .*', program, block)
    return block.replace("{db.port}/shop", "{db.port}/postgres")  # a program makes no database of a variable


def as_a_program():
    """As root it is what the page says for root, around the same command."""
    plain = block_with('name = "cache"')
    (command,) = re.findall(r'^command = "(\(test -e .*)"$', plain, re.MULTILINE)
    as_root = block_with("setpriv")
    assert f"{command}'" in as_root
    as_root = as_root.replace("/usr/lib/postgresql/15/bin", str(programs()))
    database = as_root if os.getuid() == 0 else plain.replace(command, f"PATH='{programs()}':$PATH; {command}")
    service, _, _ = owned().partition("[[dependencies]]")
    return service + database


def shared(port):
    return block_with("url = ").replace("localhost:5432", f"localhost:{port}")


@pytest.mark.parametrize("way", ["owned", "program", "shared"])
def test_what_the_page_shows_finds_an_n_plus_1_query(duet, postgres, way):
    config = {"owned": owned, "program": as_a_program, "shared": lambda: shared(postgres.port)}[way]()
    found = duet(config, "GET /items", TWO, TEN)
    assert found.done.code == 1, found.done
    assert found.row("dependency_cpu{name:db}")["change"] > 0.5
