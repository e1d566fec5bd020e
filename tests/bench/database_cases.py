"""Real duets of a service with databases: what changes between base and head, and what must come out.

The service is the shop of tests/support/shop. Its databases are a PostgreSQL and a Redis from Debian's packages, each a
process of its own that perfgate.toml does not name, names, or has started for each side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.bench.duet_cases import Case, Result, change_of, is_green, is_red, not_red, verdicts
from tests.support.databases import Postgres, Redis
from tests.support.shops import (
    COUNTED_EACH_SIDE,
    POSTGRES_EACH_SIDE,
    Differences,
    fill_databases,
    make_shop,
    service_of,
    shared_postgres,
)

DEPENDENCY_CPU = "dependency_cpu"
POSTGRES = f"{DEPENDENCY_CPU}{{name:postgres}}"
REDIS = f"{DEPENDENCY_CPU}{{name:redis}}"
DB = f"{DEPENDENCY_CPU}{{name:db}}"
CALLS = "counter{name:calls}"
QUERIES = "counter{name:shop_queries_total}"
SAID = "server_timing_count{name:db}"
_BUDGET = "15s"
_FOUR_PAGES = "GET /items,GET /orders,GET /totals,POST /stock"
_ONE_MORE: Differences = {"order_queries": 2}


@contextmanager
def unnamed_redis(folder: Path, page: str, base: Differences, head: Differences) -> Iterator[None]:
    """A Redis that perfgate is told nothing of."""
    redis = Redis()
    try:
        make_shop(folder, service_of(REDIS_URL=redis.url), page, base, head)
        fill_databases(REDIS_URL=redis.url)
        yield
    finally:
        redis.stop()


@contextmanager
def unnamed_postgres(folder: Path, page: str, base: Differences, head: Differences) -> Iterator[None]:
    """A PostgreSQL that perfgate is told nothing of."""
    postgres = Postgres()
    try:
        url = postgres.create("shop")
        make_shop(folder, service_of(DATABASE_URL=url), page, base, head)
        fill_databases(DATABASE_URL=url)
        yield
    finally:
        postgres.stop()


@contextmanager
def postgres_each_side(folder: Path, page: str, base: Differences, head: Differences) -> Iterator[None]:
    make_shop(folder, POSTGRES_EACH_SIDE, page, base, head)
    yield


@contextmanager
def postgres_of_both(folder: Path, page: str, base: Differences, head: Differences) -> Iterator[None]:
    """What it leaves behind in the server is a mistake, and ends the series."""
    postgres = Postgres()
    try:
        make_shop(folder, shared_postgres(postgres.url("postgres")), page, base, head)
        yield
        assert not postgres.databases(), f"left behind: {postgres.databases()}"
    finally:
        postgres.stop()


@contextmanager
def counted_each_side(folder: Path, page: str, base: Differences, head: Differences) -> Iterator[None]:
    """Queries are counted by PostgreSQL, by the shop's page of metrics, and in Server-Timing."""
    said = {"says_queries": True}
    make_shop(folder, COUNTED_EACH_SIDE, page, {**base, **said}, {**head, **said})
    yield


ShopSetting = Callable[[Path], AbstractContextManager[None]]
Setting = Callable[[Path, str, Differences, Differences], AbstractContextManager[None]]


def red_row(metric: str) -> Callable[[Result], bool]:
    """Red, and by this row among others."""
    return lambda result: is_red(result) and verdicts(result, metric, "value") == ["regressed"]


def red_median(result: Result) -> bool:
    return is_red(result) and "regressed" in verdicts(result, "http_req_duration", "med")


def moved(result: Result) -> bool:
    """Red by the database, while the service itself does less."""
    return red_row(DB)(result) and (change_of(result, "service_cpu", "value") or 0.0) < 0


def query_counted(result: Result) -> bool:
    """Red by a counter and by Server-Timing, which names the one endpoint."""
    said = [row for row in result["rows"] if row["metric"] == SAID and row["verdict"] == "regressed"]
    counted = [verdict for metric in (CALLS, QUERIES) for verdict in verdicts(result, metric, "value")]
    return is_red(result) and counted == ["regressed"] * 2 and [row["request"] for row in said] == ["GET /orders"]


def nothing_counted(result: Result) -> bool:
    """No count is red; as little is red as elsewhere."""
    counts = [verdict for metric in (CALLS, QUERIES, SAID) for verdict in verdicts(result, metric, "value")]
    return not_red(result) and counts == ["unchanged"] * 6


def verdict_reached(result: Result) -> bool:
    """Not red, and not open for want of a measurement: both sides have served."""
    return is_green(result) or bool(result["exit_code"] == 0 and result["rows"])


def in_shop(setting: Setting, page: str, base: Differences, head: Differences) -> ShopSetting:
    """The shop at a page, in a setting. base, head: what the commits differ in."""
    return lambda folder: setting(folder, page, base, head)


# Head has a word of its own in the command of its service, where perfgate.toml gives it one.
_COMMITS = ("ref:HEAD~1", "ref:HEAD", ())
_AA = Case("", "green", 0.8, *_COMMITS, is_green, row=(DB, "value"))
# Of load, both sides together.
_COUNTED = Case(
    "", "red by counts, the endpoint named", 1.0, *_COMMITS, query_counted, row=(CALLS, "value"), budget="10s"
)

CASES = (
    Case(
        "nplus1_redis",
        "red, redis named",
        1.0,
        *_COMMITS,
        red_row(REDIS),
        row=(REDIS, "value"),
        budget=_BUDGET,
        setting=in_shop(unnamed_redis, "GET /cached", {"cache_queries": 2}, {"cache_queries": 10}),
    ),
    Case(
        "nplus1_postgres",
        "red, postgres named",
        1.0,
        *_COMMITS,
        red_row(POSTGRES),
        row=(POSTGRES, "value"),
        budget=_BUDGET,
        setting=in_shop(unnamed_postgres, "GET /items", {"queries": 2}, {"queries": 10}),
    ),
    Case(
        "dropped_index",
        "red by the database",
        0.9,
        *_COMMITS,
        red_row(DB),
        row=(DB, "value"),
        budget=_BUDGET,
        setting=in_shop(postgres_each_side, "GET /orders", {"index": True}, {"index": False}),
    ),
    Case(
        "lock",
        "red by the median",
        0.9,
        *_COMMITS,
        red_median,
        budget=_BUDGET,
        setting=in_shop(postgres_of_both, "POST /stock", {"lock_ms": 1}, {"lock_ms": 4}),
    ),
    Case(
        "moved_into_database",
        "red by the database, service_cpu falls",
        0.9,
        *_COMMITS,
        moved,
        row=(DB, "value"),
        budget=_BUDGET,
        setting=in_shop(postgres_each_side, "GET /totals", {"totals": "service"}, {"totals": "database"}),
    ),
    replace(_AA, name="aa_database_each", setting=in_shop(postgres_each_side, "GET /items", {}, {})),
    replace(_AA, name="aa_shared_server", setting=in_shop(postgres_of_both, "GET /items", {}, {})),
    replace(
        _AA,
        name="hog_on_dependency_cpus",
        wanted="not red",
        least=1.0,
        right=not_red,
        hog="while",
        hog_beside="postgres",
        heads_word="head",
        budget=_BUDGET,
        setting=in_shop(postgres_each_side, "GET /items", {}, {}),
    ),
    replace(
        _AA,
        name="migration",
        wanted="a verdict, not red",
        least=1.0,
        right=verdict_reached,
        budget=_BUDGET,
        setting=in_shop(postgres_of_both, "GET /items", {"revision": 1}, {"revision": 2}),
    ),
    replace(_COUNTED, name="one_query_more", setting=in_shop(counted_each_side, _FOUR_PAGES, {}, _ONE_MORE)),
    replace(
        _COUNTED,
        name="one_query_more_hog",
        hog="while",
        heads_word="head",
        setting=in_shop(counted_each_side, _FOUR_PAGES, {}, _ONE_MORE),
    ),
    replace(
        _COUNTED,
        name="aa_counted",
        wanted="no count changed, not red",
        right=nothing_counted,
        setting=in_shop(counted_each_side, _FOUR_PAGES, {}, {}),
    ),
)
