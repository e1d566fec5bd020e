"""Databases that never get ready, die, or have nowhere to listen: one screen, the exit code, and their last words."""

from __future__ import annotations

from tests.support.databases import SERVE_POSTGRES
from tests.support.shops import POSTGRES_EACH_SIDE


def test_a_database_that_ends_at_once_is_no_verdict_and_its_log_is_shown(duet):
    config = POSTGRES_EACH_SIDE.replace(SERVE_POSTGRES, "sh -c 'echo no room for tables; exit 4'")
    found = duet(config, "GET /items", {}, {})
    assert (found.done.code, found.done.out) == (3, "")
    assert "db" in found.done.err
    assert "no room for tables" in found.done.err
    assert len(found.done.err.splitlines()) < 30


def test_a_database_that_never_gets_ready_is_no_verdict(duet):
    config = POSTGRES_EACH_SIDE.replace(SERVE_POSTGRES, "sh -c 'echo still recovering; sleep 600'")
    found = duet(config + 'ready_timeout = "2s"\n', "GET /items", {}, {})
    assert (found.done.code, found.done.out) == (3, "")
    assert "still recovering" in found.done.err


# Whether a side's database has been read that often: by then it is seeded and under load.
_READS = 500
_HAS_READ = (
    "psql -qtA postgresql://shop@localhost:{port}/postgres"
    f" -c 'select sum(seq_scan + coalesce(idx_scan, 0)) > {_READS} from pg_stat_user_tables'"
)


def test_a_database_that_dies_under_load_is_no_verdict_and_is_named(duet):
    """As one does that runs out of memory: all of it at once."""
    die = f"until {_HAS_READ} 2>&1 | grep -qx t; do sleep 0.1; done; kill -9 0"
    config = POSTGRES_EACH_SIDE.replace(f'"{SERVE_POSTGRES}"', f'"""{SERVE_POSTGRES} & {die}"""')
    found = duet(config, "GET /items", {}, {})
    assert found.done.code == 3, found.done.out + found.done.err
    assert "the dependency db" in found.reasons()


def test_a_server_that_takes_its_port_from_its_variable_is_waited_for(duet):
    """Its command names no {port}, and others ask for it."""
    late = f"sleep 1; exec {SERVE_POSTGRES.replace('{port}', '$PORT')}"
    config = POSTGRES_EACH_SIDE.replace(SERVE_POSTGRES, late)
    found = duet(config, "GET /items", {}, {}, "--budget", "1s")
    assert found.done.code in (0, 3), found.done.out + found.done.err
    assert found.row("service_cpu")["rounds"] > 0
