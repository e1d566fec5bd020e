"""The PostgreSQL of a service, reached from this machine wherever the service runs."""

from __future__ import annotations

import os
import stat
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from perfgate.application.evidence.querying import find_querying, from_this_machine
from perfgate.explain.profilers.program import ProfilerPlace

VALUES = {"port": "8000", "db.host": "172.18.0.5", "db.port": "5432", "db.url": "postgresql://shop@172.18.0.5:5432"}


@pytest.mark.parametrize(
    ("told", "reached"),
    [
        ({"host": "db", "dbname": "shop"}, {"host": "172.18.0.5", "port": "5432", "dbname": "shop"}),
        ({"host": "db", "port": "5432"}, {"host": "172.18.0.5", "port": "5432"}),
        ({"host": "host.docker.internal", "port": "5433"}, {"host": "127.0.0.1", "port": "5433"}),
        ({"host": "localhost", "port": "5432"}, {"host": "localhost", "port": "5432"}),
        ({"host": "elsewhere"}, {"host": "elsewhere"}),
        ({"dbname": "shop"}, {"dbname": "shop"}),
    ],
)
def test_what_only_a_container_knows_by_name_is_reached_at_its_address(told, reached):
    assert from_this_machine(told, VALUES) == reached


def test_the_queries_of_a_service_in_a_container_are_read_and_the_database_has_its_own_name(tmp_path):
    psql = tmp_path / "psql"
    psql.write_text('#!/bin/sh\n[ "$PGHOST:$PGPORT" = 172.18.0.5:5432 ] && echo \'[["select 1", 2, 3.0]]\'\n')
    psql.chmod(psql.stat().st_mode | stat.S_IEXEC)
    place = ProfilerPlace(tmp_path, {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    waits = ["sh", "-c", "echo up; read end"]
    variables = {"DATABASE_URL": "postgresql://shop@db/shop"}
    with subprocess.Popen(waits, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as service:
        try:
            service.stdout.readline()  # before, the kernel may not know its variables yet
            querying = find_querying(_bench(service.pid), ("base", "head"), place)
        finally:
            service.kill()
    assert querying.dependency == "db"
    with querying.record("base"):
        pass
    assert querying.trouble is None


def _bench(pid: int) -> Any:
    """What is asked of a bench whose service is this process, with two dependencies in containers."""
    service = SimpleNamespace(instance=SimpleNamespace(processes=lambda: [pid]))
    beside = [SimpleNamespace(name=name, pid=None) for name in ("cache", "db")]
    attribution = SimpleNamespace(dependencies=lambda side: beside)
    return SimpleNamespace(service=lambda side: service, values=lambda side: VALUES, attribution=attribution)
