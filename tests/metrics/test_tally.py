"""Tallies: what `read` says of them, and how they merge."""

import json

import pytest

from perfgate.metrics.catalogue import METRICS, STATS
from perfgate.metrics.dependency_use import DependencyUse
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.tally import CheckTally, RequestTally, Tally, merged
from perfgate.metrics.tally_statistics import latencies, read, timings_in, too_few

MILLISECOND = 1_000_000


def request_tally(ok=(), failed=(), errors=(), retries=0):
    """Latencies in whole milliseconds."""
    tally = RequestTally(
        Histogram.of(value * MILLISECOND for value in ok), Histogram.of(value * MILLISECOND for value in failed)
    )
    tally.errors.update(errors)
    tally.retries = retries
    return tally


@pytest.fixture
def tally():
    return Tally(
        seconds=2.0,
        requests={
            "GET /pet": request_tally(ok=(1, 2, 3), retries=1),
            "POST /pet": request_tally(ok=(10,), failed=(50,), errors=("status 500",)),
        },
        iterations=Histogram.of([4 * MILLISECOND, 6 * MILLISECOND]),
        interrupted_iterations=1,
        dropped_iterations=3,
        checks={"created": CheckTally(3, 1)},
        data_sent=100,
        data_received=2000,
        vus=4,
        vus_max=5,
        service_cpu_seconds=0.030,
        service_memory_bytes=4096,
        dependencies={"postgres": DependencyUse(6, 0.012, 8192)},
    )


@pytest.mark.parametrize(
    ("metric", "stat", "request_name", "value"),
    [
        ("http_req_duration", "avg", None, 4.0),
        ("http_req_duration", "min", None, 1.0),
        ("http_req_duration", "max", None, 10.0),
        ("http_req_duration", "med", "GET /pet", 2.0),
        ("http_req_duration", "p(50)", "GET /pet", 2.0),
        ("http_req_duration", "p(100)", "POST /pet", 10.0),
        ("http_req_duration", "med", "GET /store", None),
        ("http_req_failed", "rate", None, 0.2),
        ("http_req_failed", "rate", "POST /pet", 0.5),
        ("http_req_failed", "rate", "GET /pet", 0.0),
        ("http_req_failed", "rate", "GET /store", None),
        ("http_reqs", "count", None, 5.0),
        ("http_reqs", "rate", None, 2.5),
        ("http_reqs", "count", "GET /pet", 3.0),
        ("http_reqs", "count", "GET /store", None),
        ("http_req_retries", "count", None, 1.0),
        ("http_req_retries", "count", "POST /pet", 0.0),
        ("iterations", "count", None, 2.0),
        ("iterations", "rate", None, 1.0),
        ("iteration_duration", "avg", None, 5.0),
        ("dropped_iterations", "count", None, 3.0),
        ("checks", "rate", None, 0.75),
        ("data_sent", "count", None, 100.0),
        ("data_received", "rate", None, 1000.0),
        ("vus", "value", None, 4.0),
        ("vus_max", "value", None, 5.0),
        ("service_cpu", "value", None, 5.0),  # five requests and one retry
        ("service_memory", "value", None, 4096.0),
    ],
)
def test_every_metric_can_be_read(tally, metric, stat, request_name, value):
    expected = None if value is None else pytest.approx(value, rel=1e-3)
    assert read(tally, metric, stat, request_name) == expected


@pytest.mark.parametrize("metric", [name for name in METRICS if name not in ("vus", "vus_max")])
def test_nothing_measured_is_read_as_none(metric):
    for stat in STATS[METRICS[metric].kind]:
        assert read(Tally(), metric, stat) is None


def test_zero_is_an_answer_once_there_was_load():
    idle = Tally(seconds=1.0)
    assert read(idle, "http_reqs", "count") == 0.0
    assert read(idle, "dropped_iterations", "rate") == 0.0


def test_a_statistic_that_a_trend_lacks_is_refused(tally):
    with pytest.raises(ValueError, match="a trend has no 'rate'"):
        read(tally, "http_req_duration", "rate")


def test_failed_requests_do_not_count_as_latencies(tally):
    assert latencies(tally, None).maximum == 10 * MILLISECOND
    assert latencies(tally, "POST /pet").count == 1


def test_reading_all_requests_together_changes_none_of_them(tally):
    before = tally.to_plain()
    latencies(tally, None).record(1)
    assert tally.to_plain() == before


def test_checks_and_requests_are_made_when_first_asked_for():
    fresh = Tally()
    fresh.check("created", True)
    fresh.check("created", False)
    fresh.request("GET /pet").ok.record(1)
    assert fresh.checks == {"created": CheckTally(1, 1)}
    assert (fresh.request_count, fresh.failed_count) == (1, 0)


def test_rounds_that_followed_each_other_add_up(tally):
    later = Tally(
        seconds=3.0,
        requests={"POST /pet": request_tally(failed=(70,), errors=("status 500", "timeout"))},
        checks={"created": CheckTally(1, 0), "read": CheckTally(0, 1)},
        vus=2,
        vus_max=9,
        service_cpu_seconds=0.5,
        service_memory_bytes=1024,
    )
    total = merged([tally, later])
    assert total.seconds == 5.0
    assert (total.request_count, total.failed_count) == (6, 2)
    assert total.requests["POST /pet"].errors == {"status 500": 2, "timeout": 1}
    assert total.checks == {"created": CheckTally(4, 1), "read": CheckTally(0, 1)}
    assert (total.vus, total.vus_max) == (2, 9)
    assert (total.service_cpu_seconds, total.service_memory_bytes) == (0.53, 4096)
    assert tally.requests["POST /pet"].errors == {"status 500": 1}


def test_workers_that_ran_side_by_side_share_the_time(tally):
    tally.merge_parallel(Tally(seconds=2.5, vus=3, vus_max=3, service_cpu_seconds=9.0, dropped_iterations=1))
    assert tally.seconds == 2.5
    assert (tally.vus, tally.vus_max) == (7, 8)
    assert tally.dropped_iterations == 4
    assert tally.service_cpu_seconds == 0.030


def test_what_is_unknown_stays_unknown_until_it_is_known(tally):
    assert merged([Tally(), Tally()]).service_cpu_seconds is None
    assert merged([Tally(), tally, Tally()]).service_memory_bytes == 4096


def test_a_dependency_that_was_seen_later_counts_from_then_on(tally):
    later = Tally(dependencies={"postgres": DependencyUse(4, 0.008, 9000), "redis": DependencyUse(4, 0.002, 100)})
    total = merged([Tally(), tally, later])
    assert total.dependencies == {"postgres": DependencyUse(10, 0.020, 9000), "redis": DependencyUse(4, 0.002, 100)}
    assert tally.dependencies == {"postgres": DependencyUse(6, 0.012, 8192)}


def test_no_dependencies_are_not_the_same_as_unknown_ones():
    assert merged([Tally(), Tally()]).dependencies is None
    assert merged([Tally(), Tally(dependencies={})]).dependencies == {}


def test_cpu_of_a_dependency_is_known_per_request_where_it_was_read():
    assert DependencyUse(4, 0.002, 100).cpu_milliseconds == 0.5
    assert DependencyUse(0, 0.0, 100).cpu_milliseconds is None


def test_cpu_of_the_service_is_shared_by_all_requests_that_it_had():
    requests = {"GET /": request_tally(ok=[1] * 5, retries=1)}
    tally = Tally(requests=requests, service_cpu_seconds=0.008, uncounted=2)
    assert read(tally, "service_cpu", "value") == pytest.approx(1.0)


@pytest.mark.parametrize("dependencies", [None, {}, {"redis": DependencyUse(0, 0.0, 0)}])
def test_a_tally_keeps_what_is_unknown(dependencies):
    tally = Tally(dependencies=dependencies)
    assert Tally.from_plain(json.loads(json.dumps(tally.to_plain()))) == tally


def test_a_tally_survives_json(tally):
    assert Tally.from_plain(json.loads(json.dumps(tally.to_plain()))) == tally


@pytest.mark.parametrize(
    ("stat", "count", "short"),
    [
        ("p(95)", 99, True),
        ("p(95)", 100, False),
        ("p(99)", 499, True),
        ("p(99)", 500, False),
        ("p(90)", 49, True),
        ("p(90)", 50, False),  # 50 * (1 - 0.9) is 4.999999999999999
        ("med", 9, True),
        ("med", 10, False),
        ("p(100)", 1, False),
        ("avg", 1, False),
    ],
)
def test_a_percentile_needs_five_values_beyond_it(stat, count, short):
    tally = Tally(requests={"GET /pet": request_tally(ok=range(count))})
    assert too_few(tally, "http_req_duration", stat) is short
    assert too_few(tally, "http_req_duration", stat, "GET /pet") is short


def test_the_phases_of_requests_are_those_of_all_though_few_are_recorded():
    tally = Tally(seconds=1.0)
    ordinary, opened = tally.request("GET /"), tally.request("POST /")
    for _ in range(9):
        ordinary.ok.record(2_000_000)
    opened.ok.record(9_000_000)
    opened.phases.record(9_000_000, 5_000_000, (3_000_000, 2_000_000, 0, 0, 4_000_000))
    for metric, found in {
        "http_req_waiting": (2.0, 2.3, 5.0),
        "http_req_receiving": (0.0, 0.4, 4.0),
        "http_req_connecting": (0.0, 0.2, 2.0),
        "http_req_blocked": (0.0, 0.3, 3.0),
        "http_req_sending": (0.0, 0.0, 0.0),
    }.items():
        assert [read(tally, metric, stat) for stat in ("med", "avg", "max")] == pytest.approx(found, rel=1e-3), metric
    assert read(tally, "http_req_waiting", "max", "GET /") == pytest.approx(2.0)
    assert read(tally, "sse_event_waiting", "med") is None
    copy = Tally.from_plain(json.loads(json.dumps(tally.to_plain())))
    copy.merge(tally)
    assert copy.requests["POST /"].phases.of("http_req_connecting").count == 2
    assert read(copy, "http_req_waiting", "avg") == pytest.approx(2.3)


def test_an_engine_that_tells_no_phases_has_none():
    tally = Tally(seconds=1.0)
    tally.request("GET /").ok.record(2_000_000)
    assert read(tally, "http_req_connecting", "avg") is None
    assert read(tally, "http_req_waiting", "med") is None


@pytest.mark.parametrize(("receiving", "told"), [(49_000, False), (51_000, True)])
def test_a_phase_that_hardly_takes_time_is_not_told_apart(receiving, told):
    tally = Tally(seconds=1.0)
    tally.request("GET /").ok.record(1_000_000)
    tally.request("GET /").phases.record(1_000_000, 1_000_000 - receiving, (0, 0, 0, 0, receiving))
    assert (("GET /", "http_req_receiving") in timings_in(tally)) is told
    assert read(tally, "http_req_receiving", "max") == pytest.approx(receiving / 1e6, rel=1e-3)
