"""Queries that a request runs oftener, or that take longer."""

from __future__ import annotations

import json
import os
import random
import shlex
import stat

import pytest

from perfgate.explain.cause import CauseKind
from perfgate.explain.profilers.postgres import StatementReader, connection_of, read_statements
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.explain.queries import QueriedPair, QueriedRound, Statement, between, find_queries, shortened

ITEMS, ORDERS = "SELECT * FROM items WHERE id = $1", "SELECT * FROM orders"


def queried(chance, requests=200, **each):
    """A round: for each statement how often a request runs it, and how long one run takes (ms)."""
    texts = {"items": ITEMS, "orders": ORDERS}
    found = {}
    for name, (calls, milliseconds) in each.items():
        count = round(calls * requests)
        found[texts[name]] = Statement(count, count * milliseconds * chance.uniform(0.95, 1.05))
    return QueriedRound(found, requests)


def pairs(base, head, count=8, seed=1, slower=1.0):
    """slower: head takes so many times as long for a request, and answers so many fewer in a round."""
    chance = random.Random(seed)
    fewer, spread = round(200 / slower), 0 if slower == 1 else 5
    requests = [fewer + chance.randint(-spread, spread) for _ in range(count)]
    return [QueriedPair(queried(chance, **base), queried(chance, number, **head)) for number in requests]


def found(base, head, **more):
    return find_queries("look", "postgres", pairs(base, head, **more))


def test_a_query_that_runs_oftener_is_a_cause_with_how_often():
    (cause,) = found({"items": (2, 0.1), "orders": (1, 0.2)}, {"items": (10, 0.1), "orders": (1, 0.2)})
    assert (cause.kind, cause.dependency, cause.function) == (CauseKind.QUERY_RUNS, "postgres", ITEMS)
    assert (cause.base_calls, cause.head_calls) == (2, 10)
    assert cause.low_ms < 0.8 < cause.high_ms


def test_a_query_that_is_new_on_head_is_a_cause():
    (cause,) = found({"items": (1, 0.1)}, {"items": (1, 0.1), "orders": (0.25, 0.1)})
    assert (cause.function, cause.base_calls, cause.head_calls) == (ORDERS, 0, 0.25)


def test_a_query_that_takes_longer_is_a_cause():
    (cause,) = found({"items": (1, 0.5), "orders": (1, 0.2)}, {"items": (1, 0.9), "orders": (1, 0.2)})
    assert (cause.kind, cause.function) == (CauseKind.QUERY_TIME, ITEMS)
    assert cause.change_ms == pytest.approx(0.4, rel=0.2)


def test_what_runs_oftener_comes_before_what_takes_longer():
    causes = found({"items": (1, 0.5), "orders": (1, 0.2)}, {"items": (1, 5), "orders": (2, 0.2)})
    assert [cause.kind for cause in causes] == [CauseKind.QUERY_RUNS, CauseKind.QUERY_TIME]


def test_where_nothing_changed_nothing_is_named():
    same = {"items": (2, 0.1), "orders": (1, 0.2)}
    assert sum(bool(found(same, same, seed=seed)) for seed in range(100)) <= 2


def test_what_runs_less_often_or_faster_is_no_cause():
    assert found({"items": (3, 0.5), "orders": (1, 0.5)}, {"items": (2, 0.5), "orders": (1, 0.2)}) == ()


def mixed(seed, more, count=4, requests=100):
    """Pairs of a service of which each request has one chance in four to look for orders, so many times on head."""
    chance = random.Random(seed)

    def one(times):
        calls = times * sum(chance.random() < 0.25 for _ in range(requests))
        return QueriedRound(
            {ORDERS: Statement(calls, 0.1 * calls), ITEMS: Statement(requests, 0.1 * requests)}, requests
        )

    return [QueriedPair(one(1), one(more)) for _ in range(count)]


def test_few_rounds_show_what_one_of_four_requests_runs_oftener():
    def named(more):
        return sum(bool(find_queries("look", "postgres", mixed(seed, more))) for seed in range(200))

    assert named(3) > 180
    assert named(1) <= 4


def polled(seed, count=6):
    """Pairs of a service that looks for orders four times a second, and on head takes twice as long for a request."""
    chance = random.Random(seed)

    def one(requests):
        looks = chance.choice([4, 4, 4, 5])
        return queried(chance, requests, items=(1, 0.1), orders=(looks / requests, 3))

    return [QueriedPair(one(chance.randint(75, 85)), one(chance.randint(37, 43))) for _ in range(count)]


def test_a_query_that_runs_by_the_clock_is_no_cause_where_requests_take_longer():
    assert sum(bool(find_queries("look", "postgres", polled(seed))) for seed in range(200)) <= 3


def beside_a_neighbour(seed, base, head, count=3, by_the_clock=False):
    """Pairs beside a neighbour that comes and goes: a round has from 100 to 900 requests.

    base, head: how often one looks for orders. by_the_clock: 60 times in a round, whatever the requests.
    """
    chance = random.Random(seed)

    def one(calls):
        requests = 4 * chance.randint(25, 225)
        looks = chance.randint(58, 62) / requests if by_the_clock else calls
        return queried(chance, requests, items=(1, 0.1), orders=(looks, 0.2))

    return [QueriedPair(one(base), one(head)) for _ in range(count)]


def test_rounds_that_a_neighbour_makes_unlike_show_what_a_request_runs_oftener():
    named = [find_queries("look", "postgres", beside_a_neighbour(seed, 0.25, 0.75)) for seed in range(100)]
    assert [[cause.kind for cause in one] for one in named] == [[CauseKind.QUERY_RUNS]] * 100


def test_rounds_that_a_neighbour_makes_unlike_leave_what_runs_by_the_clock_alone():
    found = [beside_a_neighbour(seed, 0, 0, count=6, by_the_clock=True) for seed in range(100)]
    assert not any(find_queries("look", "postgres", one) for one in found)


@pytest.mark.parametrize(("calls", "slower"), [(0.5, 1.1), (2.5, 2.5), (10, 5)])
def test_a_query_that_one_of_four_endpoints_runs_oftener_is_a_cause_though_requests_take_longer(calls, slower):
    base = {"items": (1, 0.1), "orders": (0.25, 0.2)}
    causes = [found(base, {**base, "orders": (calls, 0.2)}, seed=seed, slower=slower) for seed in range(20)]
    assert [[cause.kind for cause in one] for one in causes] == [[CauseKind.QUERY_RUNS]] * 20


def test_a_query_of_one_endpoint_that_takes_longer_is_a_cause_though_fewer_run_in_a_round():
    (cause,) = found({"items": (0.25, 0.5)}, {"items": (0.25, 5)}, slower=8)
    assert (cause.kind, cause.function) == (CauseKind.QUERY_TIME, ITEMS)


def test_too_few_rounds_prove_nothing():
    assert found({"items": (1, 1)}, {"items": (9, 1)}, count=2) == ()


def test_between_two_looks_only_what_ran_counts():
    before = {"a": Statement(5, 1.0), "b": Statement(5, 1.0), "reset": Statement(9, 1.0)}
    after = {"a": Statement(7, 1.5), "b": Statement(5, 1.0), "c": Statement(1, 0.1), "reset": Statement(1, 0.1)}
    assert between(before, after) == {"a": Statement(2, 0.5), "c": Statement(1, 0.1)}


def test_long_statements_are_shortened():
    assert shortened("SELECT * FROM items WHERE id IN ($1, $2,$3)") == "SELECT * FROM items WHERE id IN ($1, …)"
    assert len(shortened("SELECT " + "x" * 500)) == 200


@pytest.mark.parametrize(
    ("variables", "connection"),
    [
        ({"DATABASE_URL": "postgresql://shop:s%20d@db:5433/store?sslmode=require&x=1"},
         {"host": "db", "port": "5433", "user": "shop", "password": "s d", "dbname": "store", "sslmode": "require"}),
        ({"X": "1", "DB": "postgresql+psycopg://localhost/store"}, {"host": "localhost", "dbname": "store"}),
        ({"SPRING_DATASOURCE_URL": "jdbc:postgresql://localhost:5432/store"},
         {"host": "localhost", "port": "5432", "dbname": "store"}),
        ({"DATABASE_URL": "postgresql:///store?host=/run/pg&port=5444"},
         {"host": "/run/pg", "port": "5444", "dbname": "store"}),
        ({"PGHOST": "db", "PGUSER": "shop"}, {"host": "db", "user": "shop"}),
        ({"PGUSER": "shop", "HOME": "/root", "REDIS_URL": "redis://localhost"}, None),
    ],
)  # fmt: skip
def test_the_connection_is_the_one_that_the_service_is_told(variables, connection):
    assert connection_of(variables) == connection


def psql(folder, lines):
    """A reader whose psql is a script of these lines."""
    script = folder / "psql"
    script.write_text(f"#!/bin/sh\n{lines}\n")
    script.chmod(script.stat().st_mode | stat.S_IEXEC)
    place = ProfilerPlace(folder, {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
    return StatementReader({"host": "db", "password": "secret", "dbname": "store"}, place)


def test_statements_of_several_users_are_read_together(tmp_path):
    rows = [["SELECT\n  1", 2, 1.5], ["SELECT 1", 1, "0.5"], [None, 9, 9.0]]
    (tmp_path / "rows").write_text(json.dumps(rows))
    assert psql(tmp_path, "cat rows").read() == {"SELECT 1": Statement(3, 2.0)}


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("SELECT 1 /*traceparent='00-aa-01'*/", "SELECT 1"),
        ("/*action='show',\ncontroller='orders'*/ SELECT 1", "SELECT 1"),
        ("SELECT 1 -- shop/orders.rb:12", "SELECT 1"),
        ("SELECT -- all\n  1/**/\n", "SELECT 1"),
        ("SELECT '/*no*/', '--', 'it''s /*no*/'", "SELECT '/*no*/', '--', 'it''s /*no*/'"),
        ('SELECT 1 AS "/*no*/" /*b*/', 'SELECT 1 AS "/*no*/"'),
        ("/*+ SeqScan(items) */ SELECT 1", "/*+ SeqScan(items) */ SELECT 1"),
    ],
)
def test_a_statement_is_the_same_whatever_stands_in_its_comments(query, text):
    assert read_statements(json.dumps([[query, 3, 1.0], ["/* alone */", 1, 1.0]])) == {text: Statement(3, 1.0)}


def test_a_query_that_is_tagged_with_another_trace_on_head_runs_as_often_as_before():
    def tagged(trace):
        rows = [["SELECT 1", 2, 1.0], [f"SELECT 1 /*traceparent='{trace}'*/", 200, 20.0]]
        return QueriedRound(read_statements(json.dumps(rows)), 200)

    assert tagged("b").statements == {"SELECT 1": Statement(202, 21.0)}
    assert find_queries("look", "postgres", [QueriedPair(tagged("a"), tagged("b"))] * 4) == ()


def test_the_password_is_told_by_the_environment_and_not_in_the_command(tmp_path):
    psql(tmp_path, 'echo "$@" > said; echo "$PGPASSWORD $PGHOST $PGDATABASE" >> said; echo "[]"').read()
    *command, told = (tmp_path / "said").read_text().splitlines()
    assert told == "secret db store"
    assert "secret" not in "".join(command)


def test_without_the_extension_it_is_named(tmp_path):
    reader = psql(tmp_path, "echo 'ERROR: relation \"pg_stat_statements\" does not exist' >&2; exit 1")
    with pytest.raises(ProfilerError, match="cannot be read") as refused:
        reader.read()
    assert "create extension pg_stat_statements" in refused.value.hint


@pytest.mark.parametrize("said", ["hello", "[1]", '[["a", 1e999, 2]]', '[[["a"], 1, 2]]', "[" * 9_000])
def test_what_makes_no_sense_is_refused(tmp_path, said):
    (tmp_path / "said").write_text(said)
    with pytest.raises(ProfilerError, match="makes no sense"):
        psql(tmp_path, f"cat {shlex.quote(str(tmp_path / 'said'))}").read()


def test_without_psql_and_psycopg_both_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr("perfgate.explain.profilers.postgres.is_installed", lambda _: False)
    with pytest.raises(ProfilerError) as refused:
        StatementReader({"host": "db"}, ProfilerPlace(tmp_path, {"PATH": str(tmp_path)}))
    assert "psql" in refused.value.hint
    assert "psycopg" in refused.value.hint
