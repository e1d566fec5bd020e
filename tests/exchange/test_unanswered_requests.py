"""Requests that nobody answered have no latency: tools write 0 ms there, or how long it took to fail."""

import json

import pytest

from perfgate.exchange.importing.parsed_run import UNKNOWN_DURATION
from tests.support.importing import content, results, written

STATS = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,90%,95%,99%,100%\n"
)


def assert_unknown(found, *names):
    for name in (None, *names):
        assert found[name].duration == UNKNOWN_DURATION


def test_locust_statistics_without_one_request(tmp_path):
    text = STATS + "GET,/a,0,0,N/A,0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A,N/A\n,Aggregated,0,0,N/A,0,0,0,0,0,0,0,0,0,0,0\n"
    assert_unknown(results(written(tmp_path, text)), "GET /a")


def test_locust_statistics_of_a_service_that_was_down(tmp_path):
    text = STATS + "GET,/a,5,5,0,0.4,0.2,0.9,0.0,1,1,0,0,0,0,0\n,Aggregated,5,5,0,0.4,0.2,0.9,0.0,1,1,0,0,0,0,0\n"
    found = results(written(tmp_path, text))
    assert_unknown(found, "GET /a")
    assert (found[None].requests, found[None].failed) == (5, 5)


def test_locust_json_of_a_name_that_was_never_requested_and_of_one_that_was_down(tmp_path):
    said = json.loads(content("locust.json"))
    whole = results(written(tmp_path, json.dumps(said)))[None]
    never = said[0] | {"name": "/never", "num_requests": 0, "num_failures": 0, "response_times": {}}
    never |= {"total_response_time": 0, "min_response_time": 0, "max_response_time": 0, "total_content_length": 0}
    down = never | {"name": "/down", "num_requests": 9, "num_failures": 9, "response_times": {"0": 9}}
    found = results(written(tmp_path, json.dumps([*said, never, down])))
    assert found["POST /never"].duration == found["POST /down"].duration == UNKNOWN_DURATION
    assert found[None].duration == whole.duration
    assert found[None].requests == whole.requests + 9


def test_locust_requests_that_have_no_time_are_not_in_the_average(tmp_path):
    said = json.loads(content("locust.json"))[:1]
    average = said[0]["total_response_time"] / said[0]["num_requests"]
    said[0] |= {"num_requests": 2 * said[0]["num_requests"], "num_none_requests": said[0]["num_requests"]}
    found = results(written(tmp_path, json.dumps(said)))
    assert found[None].duration.avg_ms == pytest.approx(average)


def test_oha_and_vegeta_of_a_service_that_was_down(tmp_path):
    oha = json.loads(content("oha.json")) | {"statusCodeDistribution": {}, "errorDistribution": {"refused": 5}}
    oha["summary"] |= {"slowest": 0, "fastest": 0, "average": 0}
    assert_unknown(results(written(tmp_path, json.dumps(oha))), "(all)")
    vegeta = json.loads(content("vegeta_report.json")) | {"status_codes": {"0": 20}}
    assert_unknown(results(written(tmp_path, json.dumps(vegeta))), "(all)")


@pytest.mark.parametrize("name", ["k6_summary_export.json", "k6_handle_summary.json"])
def test_k6_statistics_of_a_name_without_a_sample(name, tmp_path):
    said = json.loads(content(name))
    nothing = dict.fromkeys(("avg", "min", "med", "max", "p(90)", "p(95)"), 0)
    values = nothing if name == "k6_summary_export.json" else {"type": "trend", "values": nothing}
    said["metrics"]["http_req_duration{name:GET /never}"] = values
    assert results(written(tmp_path, json.dumps(said)))["GET /never"].duration == UNKNOWN_DURATION


def test_a_table_of_no_requests(tmp_path):
    found = results(written(tmp_path, "scenario,request,requests,failed,avg_ms\na,GET /,0,0,0\n"))
    assert found["GET /"].duration == UNKNOWN_DURATION
