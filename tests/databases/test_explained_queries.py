"""`--explain` with a real PostgreSQL: the query that runs oftener is the cause."""

from __future__ import annotations

from tests.support.deciding import decided
from tests.support.shops import COUNTED_EACH_SIDE, POSTGRES_EACH_SIDE

PAGES = "GET /items,GET /orders,GET /totals,POST /stock"


def test_a_query_that_runs_oftener_is_named_with_how_often(duet):
    def measure():
        return duet(COUNTED_EACH_SIDE, PAGES, {}, {"order_queries": 3}, "--explain")

    found = decided(measure, lambda one: "" if "too few rounds to name a query" in one.notes() else "red")
    cause = found.result["causes"][0]
    assert (cause["kind"], cause["dependency"]) == ("query_runs", "db")
    assert "orders" in cause["function"]
    # One of four requests runs it.
    assert 0.4 < cause["head_calls"] - cause["base_calls"] < 0.6


def test_without_the_extension_a_note_says_how_to_get_it(duet):
    # Asked for, causes are looked for whatever the verdict.
    found = duet(POSTGRES_EACH_SIDE, PAGES, {}, {}, "--explain")
    (note,) = [one for one in found.result["validity"] if "queries were not looked for" in one["message"]]
    assert "create extension pg_stat_statements" in note["remedy"]
