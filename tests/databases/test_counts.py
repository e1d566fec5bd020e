"""One query more on one of four endpoints, as PostgreSQL, a page of metrics and Server-Timing count it."""

from __future__ import annotations

from tests.support.shops import COUNTED_EACH_SIDE

PAGES = "GET /items,GET /orders,GET /totals,POST /stock"
CALLS, QUERIES = "counter{name:calls}", "counter{name:shop_queries_total}"
SAID = {"says_queries": True}
# One call more in nine; a round in which PostgreSQL is late with its count would leave the wide margin of these tests.
NARROW = '[[margins]]\nmetric = "counter{name:calls}"\nallowed = "5%"\n'


def test_one_query_more_is_red_by_every_count_and_its_endpoint_is_named(duet):
    found = duet(COUNTED_EACH_SIDE + NARROW, PAGES, SAID, {**SAID, "order_queries": 2})
    assert found.done.code == 1, found.done.out + found.done.err
    said = [row for row in found.rows if row["metric"] == "server_timing_count{name:db}"]
    verdicts = {row["request"]: row["verdict"] for row in said}
    assert verdicts.pop("GET /orders") == "regressed"
    assert set(verdicts.values()) == {"unchanged"}
    assert [found.row(metric)["verdict"] for metric in (CALLS, QUERIES)] == ["regressed", "regressed"]


def test_counts_of_equal_sides_are_no_regression(duet):
    found = duet(COUNTED_EACH_SIDE, PAGES, SAID, SAID)
    counts = [row for row in found.rows if row["metric"].startswith(("counter", "server_timing"))]
    assert len(counts) == 6
    assert {row["verdict"] for row in counts} == {"unchanged"}
