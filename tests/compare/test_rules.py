"""Margins and significance, statistic by statistic."""

import pytest

from perfgate.compare.comparison import Interval, RowVerdict, classify
from perfgate.compare.rows import Row, rows_of
from perfgate.compare.rules import Margin, Rules
from tests.support.seeded_duets import tally

MEDIAN = Row("shop", "GET /", "http_req_duration", "med")
TAIL = Row("shop", "GET /", "http_req_duration", "p(99)")
FAILED = Row("shop", None, "http_req_failed", "rate")
THROUGHPUT = Row("shop", None, "http_reqs", "rate")


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.06, 0.09, RowVerdict.REGRESSED),
        (0.05, 0.09, RowVerdict.INCONCLUSIVE),
        (-0.05, 0.05, RowVerdict.UNCHANGED),
        (-0.06, 0.01, RowVerdict.INCONCLUSIVE),
        (-0.09, -0.06, RowVerdict.IMPROVED),
    ],
)
def test_an_interval_is_held_against_the_margin(low, high, verdict):
    assert classify(MEDIAN, Interval(low, high), 0.05) is verdict


def test_less_throughput_is_worse():
    assert classify(THROUGHPUT, Interval(-0.09, -0.06), 0.05) is RowVerdict.REGRESSED
    assert classify(THROUGHPUT, Interval(0.06, 0.09), 0.05) is RowVerdict.IMPROVED


def test_the_most_precise_margin_holds_and_among_equals_the_last():
    rules = Rules(
        margins=(
            Margin(0.2, metric="http_req_duration", scenario="shop"),
            Margin(0.3, request="GET /", scenario="shop"),
            Margin(0.1, metric="http_req_duration"),
        )
    )
    assert rules.margin_of(MEDIAN, 10.0) == 0.3
    assert rules.margin_of(Row("other", "GET /", "http_req_duration", "med"), 10.0) == 0.1
    assert rules.margin_of(THROUGHPUT, 10.0) == 0.05


def test_a_tiny_latency_may_change_by_a_twentieth_of_a_millisecond():
    assert Rules().margin_of(MEDIAN, 0.2) == pytest.approx(0.25)
    assert Rules().margin_of(MEDIAN, 10.0) == 0.05
    assert Rules().margin_of(Row("shop", None, "service_cpu", "value"), 0.2) == 0.05


def test_failures_have_a_budget_in_points_and_a_relative_one():
    rules = Rules()
    assert rules.margin_of(FAILED, 0.0) == 0.005
    assert rules.margin_of(FAILED, 0.2484) == pytest.approx(0.01242)
    named = Rules(margins=(Margin(0.02, metric="http_req_failed"),))
    assert named.margin_of(FAILED, 0.0) == 0.02


def test_the_tail_informs_unless_a_margin_names_it():
    assert Rules().gates(MEDIAN)
    assert not Rules().gates(TAIL)
    assert Rules(margins=(Margin(0.2, stat="p(99)"),)).gates(TAIL)
    assert not Rules(margins=(Margin(0.2, metric="http_req_duration"),)).gates(TAIL)


def test_throughput_is_a_row_of_closed_models_only():
    def metrics(executor):
        return {row.metric for row in rows_of("shop", executor, tally(10), tally(10))}

    assert "http_reqs" in metrics("constant-vus")
    assert "http_reqs" in metrics("ramping-vus+constant-vus")
    for executor in ("constant-arrival-rate", "constant-vus+constant-arrival-rate", ""):
        assert "http_reqs" not in metrics(executor)


def test_the_cpu_of_the_service_is_a_row_where_one_side_has_it():
    assert Row("shop", None, "service_cpu", "value") in rows_of(
        "shop", "constant-vus", tally(10), tally(10, cpu_ms=None)
    )
    without = rows_of("shop", "constant-vus", tally(10, cpu_ms=None), tally(10, cpu_ms=None))
    assert "service_cpu" not in {row.metric for row in without}


def test_the_memory_of_the_service_informs_and_a_margin_of_its_own_makes_it_gate():
    small = tally(10)
    small.service_memory_bytes = 10_000_000
    memory = Row("shop", None, "service_memory", "value")
    assert memory in rows_of("shop", "constant-vus", tally(10), small)
    assert memory not in rows_of("shop", "constant-vus", tally(10), tally(10))
    assert not Rules().gates(memory)
    assert not Rules(margins=(Margin(0.2, scenario="shop"),)).gates(memory)
    assert Rules(margins=(Margin(0.2, metric="service_memory"),)).gates(memory)


def test_a_request_name_of_one_side_is_a_row_too():
    rows = rows_of("shop", "constant-vus", tally(10, requests=["GET /"]), tally(10, requests=["POST /"]))
    assert {row.request for row in rows} == {None, "GET /", "POST /"}


def test_where_the_time_of_requests_went_informs_and_a_margin_of_its_own_makes_it_gate():
    base, head = tally(10), tally(10)
    head.requests["GET /"].phases.record(9_000_000, 5_000_000, (2_000_000, 1_000_000, 0, 0, 400_000_000))
    rows = [row for row in rows_of("shop", "constant-vus", base, head) if row.is_timing]
    assert {(row.request, row.metric, row.stat) for row in rows} == {
        (None, "http_req_blocked", "avg"),
        (None, "http_req_connecting", "avg"),
        *(("GET /", f"http_req_{phase}", stat) for phase in ("waiting", "receiving") for stat in ("med", "p(95)")),
    }
    assert not any(Rules().gates(row) for row in rows)
    assert not any(Rules(margins=(Margin(0.2, scenario="shop"),)).gates(row) for row in rows)
    named = Rules(margins=(Margin(0.2, metric="http_req_receiving"),))
    assert {row.metric for row in rows if named.gates(row)} == {"http_req_receiving"}
    assert not [row for row in rows_of("shop", "constant-vus", base, base) if row.is_timing]
