"""The user that a scenario function is given."""

import json
import os
import re
import time
from http import HTTPStatus

import gevent
import pytest
import requests

from perfgate.load.generator.recorder import RoundRecorder
from perfgate.load.generator.round_over import RoundOver
from perfgate.load.wire.interface import RawResponse
from perfgate.metrics.phases import WAITING
from perfgate.metrics.request_names import Names
from perfgate.testing import ScriptedServer
from tests.support.asking import until


def reply(status, body=b"", *headers):
    lines = [f"HTTP/1.1 {status} X".encode(), b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


HOUR_NS = 3600 * 10**9
OK = reply(200, b'{"id": 7}', b"Content-Type: application/json")


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_a_response_has_what_requests_has(new_user, transport):
    with ScriptedServer({"/pet": [OK]}) as server:
        user, _ = new_user(server.url, transport)
        response = user.post("/pet", json={"id": 7})
    assert (response.status_code, response.ok, response.text) == (200, True, '{"id": 7}')
    assert (response.content, response.json(), response.url) == (b'{"id": 7}', {"id": 7}, server.url + "/pet")
    assert response.headers["content-TYPE"] == "application/json"
    assert response.elapsed.total_seconds() > 0
    assert response.raise_for_status() is None
    assert server.requests[0].endswith(b'\r\n\r\n{"id": 7}')


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_every_verb_is_there(new_user, verb):
    with ScriptedServer({"/pet": [reply(204)]}) as server:
        user, recorder = new_user(server.url)
        assert getattr(user, verb)("/pet").status_code == 204
        assert server.requests[0].startswith(verb.upper().encode() + b" /pet HTTP/1.1\r\n")
    assert list(recorder.tally.requests) == [f"{verb.upper()} /pet"]


def test_a_base_path_stands_before_every_path(new_user):
    with ScriptedServer({"/api/v3/pet": [OK]}) as server:
        user, _ = new_user(server.url + "/api/v3/")
        assert user.get("/pet").ok


def test_requests_are_counted_by_name_with_their_bytes(new_user):
    with ScriptedServer({"/pet/1": [OK], "/pet/2": [OK], "/pet": [OK]}) as server:
        user, recorder = new_user(server.url)
        user.get("/pet/1")
        user.get("/pet/2")
        user.get("/pet", name="my name")
        assert recorder.tally.data_sent == sum(map(len, server.requests))
    assert {name: tally.ok.count for name, tally in recorder.tally.requests.items()} == {
        "GET /pet/{id}": 2,
        "my name": 1,
    }
    assert recorder.tally.data_received == 3 * len(OK)


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_links_of_a_service_to_itself_are_named_like_paths_and_those_to_others_by_their_host(new_user, transport):
    with ScriptedServer({"/pet/12": [OK]}) as server, ScriptedServer({"/pet/13": [OK]}) as other:
        user, recorder = new_user(server.url, transport)
        user.get("/pet/12")
        user.get(f"{server.url}/pet/12")
        user.get(f"{server.url.upper()}/pet/12", name="")
        user.get(f"{other.url}/pet/13")
    counts = {name: tally.ok.count for name, tally in recorder.tally.requests.items()}
    assert counts == {"GET /pet/{id}": 3, f"GET {other.url.removeprefix('http://')}/pet/{{id}}": 1}


def test_a_status_of_400_or_more_counts_as_failed(new_user):
    with ScriptedServer({"/a": [reply(404)], "/b": [reply(500)]}) as server:
        user, recorder = new_user(server.url)
        assert not user.get("/a").ok
        assert user.get("/b").status_code == 500
    assert recorder.tally.failed_count == 2
    assert recorder.tally.requests["GET /a"].errors == {"status 404": 1}


def test_no_answer_is_a_response_with_status_0_and_its_reason(new_user):
    with ScriptedServer({"/a": [None]}) as server:
        user, recorder = new_user(server.url)
        response = user.get("/a")
    assert (response.status_code, response.ok, response.error.kind.value) == (0, False, "reset")
    assert (response.content, response.text) == (b"", "")
    with pytest.raises(Exception, match="reset"):
        response.raise_for_status()
    assert recorder.tally.requests["GET /a"].errors == {"reset": 1}


def test_a_retry_that_works_counts_once_as_good_and_once_as_retried(new_user):
    attempts = iter([reply(503), OK])
    with ScriptedServer({}) as server:
        server._script = type("Script", (), {"__getitem__": lambda self, path: [next(attempts)]})()
        user, recorder = new_user(server.url)
        assert user.get("/a", retries=2).status_code == 200
    tally = recorder.tally.requests["GET /a"]
    assert (tally.ok.count, tally.failed.count, tally.retries) == (1, 0, 1)


def test_retries_that_do_not_help_end_in_one_failure(new_user):
    with ScriptedServer({"/a": [reply(500)]}) as server:
        user, recorder = new_user(server.url)
        assert user.get("/a", retries=2).status_code == 500
        assert len(server.requests) == 3
    tally = recorder.tally.requests["GET /a"]
    assert (tally.ok.count, tally.failed.count, tally.retries) == (0, 1, 2)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("transport", ["wire", "requests"])
@pytest.mark.parametrize("expect", [404, [200, 404], {404}, range(400, 500), HTTPStatus.NOT_FOUND])
def test_a_status_that_is_expected_is_a_success(new_user, transport, expect, stream):
    with ScriptedServer({"/a": [reply(404, b"none")]}) as server:
        user, recorder = new_user(server.url, transport)
        response = user.get("/a", expect=expect, retries=2, stream=stream)
        assert (response.text, response.ok) == ("none", False)
        assert len(server.requests) == 1
    tally = recorder.tally.requests["GET /a"]
    assert (tally.ok.count, tally.failed.count, tally.retries) == (1, 0, 0)


@pytest.mark.parametrize("stream", [False, True])
def test_a_status_that_is_not_expected_has_failed(new_user, stream):
    with ScriptedServer({"/a": [OK], "/none": [None]}) as server:
        user, recorder = new_user(server.url)
        assert user.get("/a", expect=(404, 410), retries=1, stream=stream).content == b'{"id": 7}'
        assert len(server.requests) == 2
        assert user.get("/none", expect=404, stream=stream).status_code == 0
    asked, unanswered = (recorder.tally.requests[name] for name in ("GET /a", "GET /none"))
    assert (asked.ok.count, asked.errors, asked.retries) == (0, {"status 200": 1}, 1)
    assert (unanswered.ok.count, unanswered.errors) == (0, {"reset": 1})


@pytest.mark.parametrize(
    ("expect", "kind", "why"),
    [
        ("404", TypeError, "expect='404': '404' is no number; write expect=404, or expect=(200, 404)"),
        (["404"], TypeError, "expect=['404']: '404' is no number; write expect=404"),
        (404.0, TypeError, "expect=404.0 is no HTTP status and no collection of them; write expect=404"),
        ([], ValueError, "expect=[] has no HTTP status; write expect=404, or expect=(200, 404), or leave it out"),
        (0, ValueError, "expect=0: 0 is no HTTP status; write expect=404"),
        (True, ValueError, "expect=True: True is no HTTP status; write expect=404"),
    ],
)
def test_what_can_be_no_status_is_said_and_nothing_is_sent(new_user, expect, kind, why):
    user, recorder = new_user("http://127.0.0.1:1")
    with pytest.raises(kind, match=re.escape(why)):
        user.get("/a", expect=expect)
    assert recorder.tally.request_count == 0


def test_without_retries_there_is_one_attempt(new_user):
    with ScriptedServer({"/a": [reply(500)]}) as server:
        user, _ = new_user(server.url)
        user.get("/a")
        assert len(server.requests) == 1


def test_checks_are_counted(new_user):
    user, recorder = new_user("http://127.0.0.1:1")
    assert user.check("holds", 1) is True
    assert user.check("holds", None) is False
    assert (recorder.tally.checks["holds"].passes, recorder.tally.checks["holds"].fails) == (1, 1)


def test_the_latency_of_an_open_models_first_request_begins_when_it_was_due(new_user):
    with ScriptedServer({"/a": [OK]}) as server:
        user, recorder = new_user(server.url)
        user.iterate(lambda user: [user.get("/a", name="first"), user.get("/a", name="second")], HOUR_NS)
    first, second = (recorder.tally.requests[name] for name in ("first", "second"))
    assert first.ok.minimum >= HOUR_NS
    assert second.ok.maximum < HOUR_NS
    assert first.phases.distribution(WAITING, first.ok).maximum < HOUR_NS


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_what_a_scenario_does_before_the_first_request_of_an_open_model_is_no_part_of_it(new_user, transport):
    with ScriptedServer({"/a": [OK]}) as server:
        user, recorder = new_user(server.url, transport)
        user.iterate(lambda user: [user.think(1.0), user.get("/a")], 0)
        user.iterate(lambda user: [user.think(1.0), user.get("/a", name="late")], HOUR_NS)
        user.iterate(lambda user: [user.think(1.0), user.get("/a", stream=True, name="streamed").content], 0)
    assert recorder.tally.requests["GET /a"].ok.maximum < 1e9
    assert HOUR_NS <= recorder.tally.requests["late"].ok.minimum < HOUR_NS + 1e9
    assert recorder.tally.requests["streamed"].ok.maximum < 1e9


def test_a_late_iteration_is_in_its_first_request_however_that_ends(new_user):
    attempts = iter([reply(503), OK])
    with ScriptedServer({"/none": [None], "/gone": [reply(404)], "/long": [30.0]}) as server:
        user, recorder = new_user(server.url)
        user.iterate(lambda user: user.get("/none"), HOUR_NS)
        user.iterate(lambda user: user.get("/gone", stream=True).content, HOUR_NS)
        playing = gevent.spawn(user.iterate, lambda user: user.get("/long"), HOUR_NS)
        until(lambda: gevent.sleep(0.01) or len(server.requests) == 3)
        playing.kill()
        server._script = type("Script", (), {"__getitem__": lambda self, path: [next(attempts)]})()
        user.iterate(lambda user: user.get("/again", retries=1), HOUR_NS)
    failed = {name: one.failed.minimum for name, one in recorder.tally.requests.items() if one.failed.count}
    assert set(failed) == {"GET /none", "GET /gone", "GET /long"}
    assert min(failed.values()) >= HOUR_NS
    assert recorder.tally.requests["GET /again"].ok.minimum >= HOUR_NS


def test_thinking_is_seeded_and_in_its_bounds(new_user, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(gevent, "sleep", slept.append)
    user, _ = new_user("http://127.0.0.1:1")
    for seed in ("a", "a", "b"):
        user.enter(RoundRecorder(Names()), float("inf"), seed)
        user.think(0.25)
        user.think(1, 2)
        user.think(mean=3)
    first, second, other = slept[:3], slept[3:6], slept[6:]
    assert first == second
    assert first[1:] != other[1:]
    assert first[0] == 0.25
    assert 1 <= first[1] <= 2


def test_thinking_ends_with_the_round_and_takes_the_iteration_with_it(new_user, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(gevent, "sleep", slept.append)
    user, recorder = new_user("http://127.0.0.1:1")
    user.enter(recorder, time.monotonic() + 20, "1")
    user.iterate(lambda user: user.think(30))
    (seconds,) = slept
    assert seconds <= 20
    assert (recorder.tally.iterations.count, recorder.tally.interrupted_iterations) == (0, 1)


def test_a_scenario_cannot_swallow_the_end_of_its_round(new_user):
    assert not issubclass(RoundOver, Exception)


@pytest.mark.parametrize("arguments", [{}, {"low": 1, "mean": 2}])
def test_thinking_needs_one_way_to_think(new_user, arguments):
    user, _ = new_user("http://127.0.0.1:1")
    with pytest.raises(TypeError, match="think"):
        user.think(**arguments)


def test_an_exception_of_a_scenario_is_counted_with_its_place_and_the_iteration_is_not(new_user):
    user, recorder = new_user("http://127.0.0.1:1")
    for _ in range(2):
        user.iterate(lambda user: user.data["id"])
    assert recorder.tally.iterations.count == 0
    assert list(recorder.scenario_errors.values()) == [2]
    assert "KeyError: 'id'" in next(iter(recorder.scenario_errors))
    assert "test_user.py:" in next(iter(recorder.scenario_errors))


@pytest.mark.parametrize(
    "fails",
    [
        lambda user: os.environ["NO_SUCH_VARIABLE"],
        lambda user: json.loads("no json"),
        lambda user: requests.get("http://"),
    ],
)
def test_the_place_of_an_exception_is_the_scenarios_own_line_and_none_of_a_package_that_it_calls(new_user, fails):
    user, recorder = new_user("http://127.0.0.1:1")
    user.iterate(fails)
    (told,) = recorder.scenario_errors
    assert told.endswith(f"({__file__}:{fails.__code__.co_firstlineno})")


def test_an_iteration_that_is_ended_by_force_leaves_its_request_as_timed_out(new_user):
    with ScriptedServer({"/a": [30.0]}) as server:
        user, recorder = new_user(server.url)
        greenlet = gevent.spawn(user.iterate, lambda user: user.get("/a"))
        while not server.requests:
            gevent.sleep(0.01)
        greenlet.kill()
    assert recorder.tally.requests["GET /a"].errors == {"timeout": 1}
    assert recorder.tally.interrupted_iterations == 1


def test_rows_come_one_an_iteration(new_user):
    user, _ = new_user("http://127.0.0.1:1", rows=[{"name": "a"}, {"name": "b"}])
    seen = []
    for _ in range(3):
        user.iterate(lambda user: seen.append(user.row["name"]))
    assert seen == ["a", "b", "a"]


def test_what_is_written_to_a_row_is_gone_with_the_iteration(new_user):
    rows = [{"name": "a", "tags": [1]}]
    user, recorder = new_user("http://127.0.0.1:1", rows=rows)
    seen = []

    def write(user):
        user.row["name"] += "!"
        user.row["tags"].append(2)
        seen.append((user.row.pop("name"), user.row["tags"], "name" in user.row))

    user.iterate(write)
    user.iterate(write)
    assert seen == [("a!", [1, 2], False)] * 2
    assert rows == [{"name": "a", "tags": [1]}]
    assert not recorder.scenario_errors


def test_asking_for_a_row_where_there_are_none_says_how_to_get_some(new_user):
    user, _ = new_user("http://127.0.0.1:1")
    with pytest.raises(LookupError, match="rows="):
        _ = user.row


def test_a_request_that_a_mistake_spoiled_is_not_counted_as_waiting(new_user):
    user, recorder = new_user("http://127.0.0.1:1")
    user.iterate(lambda user: user.post("/a", json={"number": float("nan")}))
    assert recorder.waiting(0.0) == 0
    assert recorder.tally.request_count == 0


def test_of_many_lags_of_answers_one_in_eight_is_kept_and_all_are_counted():
    recorder = RoundRecorder(Names())
    answer = RawResponse(200, b"", [], b"", 0, 1000, 3000, True, 0, 0)
    for _ in range(1000):
        recorder.notice(answer)
    assert recorder.stamped == 1000
    assert 255 + 90 < recorder.reader_lag.count < 255 + 95
    assert recorder.reader_lag.quantile(0.5) == pytest.approx(2000, rel=1e-3)
    assert recorder.cut().stamped == 1000
    assert recorder.stamped == 0
