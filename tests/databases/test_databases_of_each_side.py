"""Named databases, one for each side: started by perfgate, or one server with a database in it for each."""

from __future__ import annotations

import pytest

from tests.support.shops import MIGRATE, POSTGRES_EACH_SIDE, shared_postgres

CPU_OF_DB = "dependency_cpu{name:db}"


@pytest.fixture
def shared(postgres):
    """A perfgate.toml for the server that runs; nothing of perfgate's is in it afterwards."""
    before = postgres.databases()
    yield shared_postgres(postgres.url("postgres"))
    assert postgres.databases() == before


def test_an_index_that_head_drops_is_missed_on_head_alone(duet):
    found = duet(POSTGRES_EACH_SIDE, "GET /orders", {"index": True}, {"index": False}, asked=CPU_OF_DB)
    assert found.done.code == 1, found.done.out + found.done.err
    row = found.row(CPU_OF_DB)
    assert (row["verdict"], row["change"] > 1) == ("regressed", True)
    assert "db" in found.reasons()


def test_a_computation_that_moves_into_the_database_is_red_there_while_the_service_needs_less(duet):
    base, head = {"totals": "service"}, {"totals": "database"}
    found = duet(POSTGRES_EACH_SIDE, "GET /totals", base, head, asked=CPU_OF_DB)
    assert found.done.code == 1, found.done.out + found.done.err
    assert found.row(CPU_OF_DB)["verdict"] == "regressed"
    assert found.row("service_cpu")["change"] < -0.1


def test_a_migration_that_base_does_not_know_leaves_base_alone(shared, duet):
    found = duet(shared, "GET /items", {"revision": 1}, {"revision": 2})
    assert found.done.code == 0, found.done.out + found.done.err
    assert found.row("service_cpu")["rounds"] > 0


def test_one_server_with_a_database_for_each_side_is_no_regression(shared, duet):
    found = duet(shared, "GET /items", {}, {})
    assert found.done.code == 0, found.done.out + found.done.err
    assert found.row(CPU_OF_DB)["verdict"] != "regressed"


def test_a_seed_that_fails_is_no_verdict_and_its_words_are_shown(shared, duet):
    config = shared.replace(MIGRATE, "echo no such migration >&2; exit 7")
    found = duet(config, "GET /items", {}, {})
    assert (found.done.code, found.done.out) == (3, "")
    assert "[service] seed" in found.done.err
    assert "no such migration" in found.done.err
    assert len(found.done.err.splitlines()) < 30
