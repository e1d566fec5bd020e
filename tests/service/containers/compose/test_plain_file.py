"""Compose files as plain values."""

from __future__ import annotations

import json
from pathlib import Path

from perfgate.service.containers.compose.plain_file import read_plain, write_plain
from perfgate.service.endpoint import endpoint_of

RESOLVED = {
    "services": {
        "db": {
            "environment": {"POSTGRES_PASSWORD": "se$$cret", "EMPTY": None, "TWO": "a$$$$b"},
            "healthcheck": {"test": ["CMD-SHELL", "pg_isready -U $$POSTGRES_USER"], "retries": 5},
        }
    },
}


def test_dollars_are_what_they_stand_for_and_doubled_where_a_file_is_written(tmp_path: Path) -> None:
    plain = read_plain(json.dumps(RESOLVED).encode())
    db = plain["services"]["db"]
    assert db["environment"] == {"POSTGRES_PASSWORD": "se$cret", "EMPTY": None, "TWO": "a$$b"}
    assert db["healthcheck"] == {"test": ["CMD-SHELL", "pg_isready -U $POSTGRES_USER"], "retries": 5}
    url = endpoint_of("postgres:16", db["environment"], "db", 5432).url
    assert url == "postgresql://postgres:se%24cret@db:5432/postgres"
    write_plain(tmp_path / "compose.json", plain)
    assert json.loads((tmp_path / "compose.json").read_text()) == RESOLVED


def test_what_is_written_is_for_our_user_alone(tmp_path: Path) -> None:
    write_plain(tmp_path / "compose.json", {})
    assert (tmp_path / "compose.json").stat().st_mode & 0o777 == 0o600
