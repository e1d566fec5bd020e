"""A duet of a service whose database runs already, and that nobody named."""

from __future__ import annotations

import json
import sys
from functools import partial

import pytest

from tests.support.command import start_and_wait
from tests.support.deciding import decided_command
from tests.support.paths import QUOTED_PYTHON
from tests.support.repository import Repository
from tests.support.strangers import strange_database

SERVICE = """
import os, socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def setup(self):
        super().setup()
        self.database = socket.create_connection(("127.0.0.1", int(os.environ["DATABASE_PORT"])))
    def do_GET(self):
        for _ in range(QUERIES):
            self.database.sendall(b"q")
            self.database.recv(1)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *_):
        pass
QUERIES = 1
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
SCENARIO = """
from perfgate import scenario
@scenario(vus=2, duration="10s")
def shop(user):
    user.get("/")
    user.think(0.02)
"""


CPU = "dependency_cpu{name:strange_database}"


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells who is connected to whom")
def test_more_queries_to_it_are_red_and_it_is_named(tmp_path):
    repository = tmp_path / "shop"
    (repository / "scenarios").mkdir(parents=True)
    (repository / "scenarios" / "shop.py").write_text(SCENARIO)
    with strange_database(tmp_path) as (_, port):
        settings = f'[measure]\nforeign_cpu = "100%"\n[service]\ncommand = "{QUOTED_PYTHON} service.py"\n'
        settings += f'ready = "tcp"\nenv = {{ DATABASE_PORT = "{port}" }}\n'
        made = Repository(repository, **{"service.py": SERVICE, "perfgate.toml": settings})
        made.commit(**{"service.py": SERVICE.replace("QUERIES = 1", "QUERIES = 12")})
        options = ("--round", "0.2s", "--budget", "8s", "--margin", "50%", "--quiet", "--json", "-")
        measure = partial(start_and_wait, repository, "duet", "ref:HEAD~1", "ref:HEAD", *options)
        done = decided_command(measure, CPU)
    assert done.code == 1, done.out + done.err
    rows = {row["metric"]: row for row in json.loads(done.out)["rows"]}
    row = rows[CPU]
    assert row["verdict"] == "regressed"
    assert 3 < row["change"] < 30
