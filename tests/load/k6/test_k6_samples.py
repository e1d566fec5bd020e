"""k6's raw samples, as k6 1.8 writes them."""

import json

import pytest

from perfgate.errors import GeneratorError
from perfgate.load.k6.destination import elsewhere
from perfgate.load.k6.samples import read_samples
from perfgate.metrics.request_names import OTHER
from perfgate.metrics.tally_statistics import read
from perfgate.metrics.threshold import Threshold, evaluate

URL = "http://127.0.0.1:8080/api/v3"


def threshold(selector, stat, bound):
    return Threshold(selector, None, stat, "<", bound, f"{stat}<{bound}", False, 0.0)


def point(metric, value, second=1.0, zone="Z", **tags):
    at = f"2026-11-23T05:31:{second:012.9f}{zone}"
    data = {"time": at, "value": value, "tags": {"group": "", "scenario": "default", **tags}}
    return (json.dumps({"metric": metric, "type": "Point", "data": data}, separators=(",", ":")) + "\n").encode()


def definition(name, kind):
    data = {"name": name, "type": kind, "contains": "default", "thresholds": [], "submetrics": None}
    return (json.dumps({"type": "Metric", "data": data, "metric": name}, separators=(",", ":")) + "\n").encode()


def request(value, name=None, path="/pet/17", method="GET", ok="true", **more):
    name = name or f"{URL}{path}"
    tags = {"expected_response": ok, "method": method, "name": name, "url": name, "status": "200"}
    return point("http_req_duration", value, **{**tags, **more})


def fold(*lines, thresholds=()):
    return read_samples(lines, URL, thresholds)


def test_requests_are_grouped_by_the_scripts_names_or_by_method_and_path():
    tally = fold(
        request(1.0),
        request(3.0, path="/pet/18?x=1"),
        request(2.0, path="/store", method="POST"),
        request(2.0, name="login"),
        request(2.0, path="/user/${}"),
        request(2.0, name="http://other:1/pet/3"),
        request(2.0, name="http://localhost:8080/api/v3/pet/4"),
        request(2.0, name="http://127.0.0.1:80800/api/v3/pet/5", ok="false"),
    ).tally
    others = {"GET other:1/pet/{id}", "GET 127.0.0.1:80800/api/v3/pet/{id}"}
    assert set(tally.requests) == {"GET /pet/{id}", "POST /store", "login", "GET /user/{}", *others}
    assert tally.requests["GET /pet/{id}"].ok.total == 6_000_000


@pytest.mark.parametrize(
    "target", ["http://Shop.example/api", "HTTP://shop.example:80/api/", "http://shop.example/api"]
)
@pytest.mark.parametrize("origin", ["http://shop.example", "http://SHOP.example:80"])
def test_a_target_is_left_out_of_names_however_its_host_and_port_are_written(target, origin):
    lines = [request(1.0, name=f"{origin}{path}") for path in ("/api/pet/3", "/api", "/other")]
    lines.append(request(1.0, name="http://shop.example:${}/api/pet"))
    names = read_samples(lines, target, ()).tally.requests
    assert set(names) == {"GET /pet/{id}", "GET /", "GET /other", "GET shop.example:{}/api/pet"}


def test_a_name_whose_host_is_a_variable_does_not_say_where_the_request_went():
    samples = fold(request(1.0, name="http://${}:${}/pet/${}"), request(1.0, name="http://${}/pet"))
    assert (samples.origins, samples.named) == ({}, 2)
    assert set(samples.tally.requests) == {"GET {}:{}/pet/{}", "GET {}/pet"}
    assert elsewhere(samples, URL, [("127.0.0.1", 8080)]) == ()


def test_failed_requests_are_those_that_k6_did_not_expect():
    tally = fold(
        request(1.0),
        request(1.0, ok="false", status="500"),
        request(0.0, ok="false", status="0", error="dial: connection refused", error_code="1212"),
        request(1.0, status="404"),  # expected by a callback of the script
    ).tally
    (found,) = tally.requests.values()
    assert (found.ok.count, found.failed.count) == (2, 2)
    assert found.errors == {"status 500": 1, "dial: connection refused": 1}
    assert read(tally, "http_req_failed", "rate") == 0.5


def test_without_a_word_about_what_was_expected_the_status_decides():
    def unsaid(status, **more):
        line = json.loads(request(1.0, status=status, **more))
        del line["data"]["tags"]["expected_response"]
        return json.dumps(line, separators=(",", ":")).encode()

    (found,) = fold(unsaid("302"), unsaid("404"), unsaid("0", error="timeout")).tally.requests.values()
    assert (found.ok.count, found.failed.count) == (1, 2)


def test_checks_iterations_and_bytes_are_counted():
    tally = fold(
        point("checks", 1, check="ok"),
        point("checks", 0, check="ok"),
        point("checks", 1, check="ok", group="::login::form"),
        point("iteration_duration", 10.0),
        point("iterations", 1),
        point("data_sent", 100),
        point("data_sent", 50),
        point("data_received", 9),
        point("dropped_iterations", 2),
        point("vus", 7),
        point("vus", 5),
        point("vus_max", 9),
        point("http_req_waiting", 5.0),
    ).tally
    assert {name: (check.passes, check.fails) for name, check in tally.checks.items()} == {
        "ok": (1, 1),
        "login: form: ok": (1, 0),
    }
    assert (tally.iterations.count, tally.iterations.total) == (1, 10_000_000)
    assert (tally.vus, tally.vus_max) == (7, 9)
    assert (tally.data_sent, tally.data_received, tally.dropped_iterations) == (150, 9, 2)


@pytest.mark.parametrize(("zone", "hours"), [("Z", 0), ("+01:00", -1), ("-05:30", 5.5)])
def test_the_span_is_from_the_first_start_to_the_last_end(zone, hours):
    samples = fold(request(500.0, second=2.0, zone=zone), point("iteration_duration", 250.0, second=3.5, zone=zone))
    assert samples.ended - samples.began == pytest.approx(2.0)
    assert samples.ended == pytest.approx(1795411863.5 + hours * 3600)


def test_thresholds_see_all_requests_with_their_tags_and_the_scripts_own_metrics():
    thresholds = [
        threshold("http_req_duration", "avg", 3),
        threshold("http_req_duration{status:500}", "max", 3),
        threshold("waiting_time{tier:1}", "p(95)", 3),
        threshold("happy", "rate", 0.6),
        threshold("carts", "count", 6),
        threshold("level", "value", 6),
        threshold("silent", "count", 6),
    ]
    tally = fold(
        request(2.0),
        request(8.0, ok="false", status="500"),
        definition("waiting_time", "trend"),
        point("waiting_time", 1.5, tier="1"),
        point("waiting_time", 99.0, tier="2"),
        definition("happy", "rate"),
        point("happy", 1),
        point("happy", 0),
        definition("carts", "counter"),
        point("carts", 2),
        point("carts", 3),
        definition("level", "gauge"),
        point("level", 9),
        point("level", 4),
        thresholds=thresholds,
    ).tally
    values = [evaluate(one, "a", tally).value for one in thresholds]
    assert values == [5.0, 8.0, pytest.approx(1.5, rel=1e-3), 0.5, 5.0, 4.0, None]
    assert not evaluate(thresholds[-1], "a", tally).passed


def test_more_than_200_names_become_one():
    samples = fold(*(request(1.0, name=f"call {number}") for number in range(250)))
    assert OTHER in samples.tally.requests
    assert len(samples.tally.requests) == 201


def test_a_request_without_a_name_is_named_by_its_url_or_as_unnamed():
    unnamed = point("http_req_duration", 1.0, method="GET", name="", url=f"{URL}/pet/17", status="200")
    nothing = point("http_req_duration", 1.0, method="GET", name="", url="", status="200")
    assert set(fold(unnamed, nothing).tally.requests) == {"GET /pet/{id}", "GET (unnamed)"}


def test_a_line_that_was_cut_off_is_passed_over():
    assert fold(request(1.0), request(1.0)[:-30]).tally.request_count == 1


def test_where_requests_went_is_told_as_far_as_their_urls_are():
    samples = fold(request(1.0), request(1.0, name="http://user:pw@other:1/a"), request(1.0, name="login"))
    assert dict(samples.origins) == {"http://127.0.0.1:8080": 1, "http://other:1": 1}
    assert samples.named == 1


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://localhost:80800/pet/3", "http://localhost:80800"),
        ("http://[id]/pet/3", "http://[id]"),
        ("https://me:a@b@other?to=/pet", "https://other"),
    ],
)
def test_where_requests_went_is_told_of_what_can_be_no_url_too(url, origin):
    assert dict(fold(request(0.0, name=url, ok="false")).origins) == {origin: 1}


def test_a_target_with_user_info_names_requests_like_one_without():
    lines = [request(1.0, name="http://****:****@127.0.0.1:8080/pet/3")]
    assert set(read_samples(lines, "http://me:secret@127.0.0.1:8080/", ()).tally.requests) == {"GET /pet/{id}"}


def test_the_wait_for_a_vus_turn_is_taken_off_its_iteration_and_no_threshold_sees_it():
    line = json.loads(point("iteration_duration", 1500.0))
    line["data"]["metadata"] = {"perfgate_waited": "400"}
    waited = (json.dumps(line, separators=(",", ":")) + "\n").encode()
    longest = threshold("iteration_duration", "max", 1200.0)
    tally = fold(waited, point("iteration_duration", 1100.0), thresholds=[longest]).tally
    assert tally.iterations.total == 2_200_000_000
    assert tally.series["iteration_duration"].read("max", 1.0) == pytest.approx(1100.0, rel=1e-3)


def test_what_our_own_setup_asks_is_no_load():
    samples = fold(request(1.0), request(1.0, name="http://127.0.0.1:9/start", group="::setup"))
    assert samples.tally.request_count == 1
    assert list(samples.origins) == ["http://127.0.0.1:8080"]


def test_a_threshold_by_the_targets_url_is_held_against_that_of_the_side():
    by_url = threshold("http_req_duration{url:${BASE_URL}/pet/17}", "max", 2.0)
    tally = fold(request(1.0), request(9.0, path="/pet/18"), thresholds=[by_url]).tally
    assert tally.series[by_url.selector].read("max", 1.0) == pytest.approx(1.0, rel=1e-3)


def test_protocols_besides_http_are_named():
    samples = fold(definition("ws_sessions", "counter"), definition("http_reqs", "counter"))
    assert samples.protocols == {"ws"}


def test_a_named_request_that_goes_elsewhere_says_where():
    line = json.loads(request(1.0, name="pet two"))
    line["data"]["metadata"] = {"perfgate_origin": "http://127.0.0.1:9"}
    samples = fold((json.dumps(line, separators=(",", ":")) + "\n").encode(), request(1.0, name="pet one"))
    assert dict(samples.origins) == {"http://127.0.0.1:9": 1}
    assert samples.named == 1


@pytest.mark.parametrize(
    "line",
    [
        b'{"metric":"vus","type":"Point","data":{"value":1,"tags":{}}}\n',
        b'{"metric":"vus","type":"Point","data":null}\n',
        point("http_req_duration", "fast"),
        definition("a", "summary"),
    ],
    ids=["no time", "no data", "no number", "no kind"],
)
def test_a_sample_that_k6_does_not_write_is_an_error_of_the_generator(line):
    with pytest.raises(GeneratorError, match="k6 wrote a sample that cannot be read"):
        fold(line)


def test_a_line_that_was_cut_short_is_left_out():
    assert fold(request(1.0), definition("a", "trend")[:40], request(2.0)[:-20]).tally.request_count == 1


def test_a_request_whose_url_names_no_host_is_none_with_a_name():
    error = 'unsupported protocol scheme ""'
    samples = fold(request(0.0, name="/pet/1", ok="false", status="0", error=error))
    assert (samples.no_host, samples.named, samples.origins) == ("/pet/1", 0, {})
    assert samples.tally.failed_count == 1
