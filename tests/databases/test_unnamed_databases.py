"""Databases that nobody named: found by the service's connections, judged, and named in the verdict."""

from __future__ import annotations

import os

import pytest

from tests.support.shops import fill_databases, service_of


@pytest.fixture
def shop_url(postgres):
    """A database with the tables of the shop, which is dropped after the test."""
    url = postgres.create("shop")
    fill_databases(DATABASE_URL=url)
    yield url
    postgres.ask("postgres", "DROP DATABASE shop WITH (FORCE)")


@pytest.fixture(scope="module", autouse=True)
def keys(redis):
    """Redis with the keys of the shop."""
    fill_databases(REDIS_URL=redis.url)


@pytest.mark.parametrize("way", ["tcp", "socket"])
def test_more_queries_to_redis_are_red_and_redis_is_named(redis, duet, way):
    url = redis.url if way == "tcp" else redis.socket_url
    cpu = "dependency_cpu{name:redis}"
    found = duet(service_of(REDIS_URL=url), "GET /cached", {"cache_queries": 2}, {"cache_queries": 10}, asked=cpu)
    assert found.done.code == 1, found.done.out + found.done.err
    row = found.row(cpu)
    assert row["verdict"] == "regressed"
    assert row["change"] > 1
    assert "redis" in found.reasons()
    cpus = found.result["head"]["cpus"]
    assert cpus["dependencies"] == cpus["service"]
    assert os.sched_getaffinity(redis.pid) == os.sched_getaffinity(0)


@pytest.mark.parametrize("way", ["tcp", "socket"])
def test_more_queries_to_postgresql_are_red_and_postgres_is_named(postgres, shop_url, duet, way):
    url = shop_url if way == "tcp" else postgres.socket_url("shop")
    cpu = "dependency_cpu{name:postgres}"
    found = duet(service_of(DATABASE_URL=url), "GET /items", {"queries": 2}, {"queries": 10}, asked=cpu)
    assert found.done.code == 1, found.done.out + found.done.err
    assert found.row(cpu)["verdict"] == "regressed"
    assert "postgres" in found.reasons()


def test_a_connection_for_each_request_is_seen_too(shop_url, duet):
    """Each ends with its request, and so does PostgreSQL's process for it, whose CPU must not get lost with it."""
    fresh = {"pooled": False}
    found = duet(service_of(DATABASE_URL=shop_url), "GET /items", {**fresh, "queries": 1}, {**fresh, "queries": 60})
    row = found.row("dependency_cpu{name:postgres}")
    assert found.done.code == 1, found.done.out + found.done.err
    assert row["base"] > 0.3, "a process was started for each request"
    assert row["change"] > 0.1
