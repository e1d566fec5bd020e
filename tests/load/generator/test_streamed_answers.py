"""Answers that a scenario reads while they come: measured by their first byte, their events and their end."""

import gc
import gzip
import time
import tracemalloc

import gevent
import pytest

from perfgate.load.generator.round_over import RoundOver
from perfgate.metrics.tally_statistics import read
from perfgate.testing import ScriptedServer
from tests.support.asking import until

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
EVENTS = CHUNKED + b"Content-Type: text/event-stream; charset=utf-8\r\n\r\n"
LAST = b"0\r\n\r\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def stat(recorder, metric, name, request="GET /"):
    recorder.tally.seconds = 1.0
    return read(recorder.tally, metric, name, request)


def test_events_come_one_by_one_and_each_is_waited_for(new_user):
    script = [EVENTS, chunk(b"data: 1\n\n"), 0.1, chunk(b"data: 2\n\n"), 0.1, chunk(b"data: 3\n\n"), LAST]
    with ScriptedServer({"/": script}) as server:
        user, recorder = new_user(server.url)
        seen = []
        with user.get("/", stream=True) as response:
            for event in response.iter_events():
                seen.append((event.data, stat(recorder, "sse_events", "count")))
        assert server.connections == 1
    assert seen == [("1", 1), ("2", 2), ("3", 3)]
    assert stat(recorder, "http_req_duration", "med") > 199
    assert 0 < stat(recorder, "http_req_receiving", "med") < stat(recorder, "http_req_duration", "med")
    # The end of the answer may come later than the last event.
    assert 199 < 3 * stat(recorder, "sse_event_waiting", "avg") <= stat(recorder, "http_req_duration", "med") * 1.001
    duration, waiting = (stat(recorder, metric, "med") for metric in ("http_req_duration", "http_req_waiting"))
    assert waiting == pytest.approx(duration - stat(recorder, "http_req_receiving", "med"), rel=0.01)


def test_events_are_counted_however_they_are_read(new_user):
    body = b"".join(chunk(b"data: %d\n\n" % number) for number in range(5))
    with ScriptedServer({"/": [EVENTS + body + LAST]}) as server:
        user, recorder = new_user(server.url)
        assert len(list(user.get("/", stream=True).iter_lines())) == 10
        assert user.get("/", stream=True).text.count("data") == 5
        for _ in user.get("/", stream=True):
            pass
    assert stat(recorder, "sse_events", "count") == 15
    assert recorder.tally.requests["GET /"].ok.count == 3


def test_packed_events_are_counted_as_they_can_be_unpacked(new_user):
    body = gzip.compress(b"data: x\n\n" * 1000)
    head = EVENTS.replace(b"Content-Type", b"Content-Encoding: gzip\r\nContent-Type")
    with ScriptedServer({"/": [head + chunk(body[:20]), chunk(body[20:]) + LAST]}) as server:
        user, recorder = new_user(server.url)
        assert sum(1 for _ in user.get("/", stream=True).iter_events()) == 1000
    assert stat(recorder, "sse_events", "count") == 1000


def test_other_answers_have_no_events(new_user):
    with ScriptedServer({"/": [CHUNKED + b"\r\n" + chunk(b"data: 1\n\n") + LAST]}) as server:
        user, recorder = new_user(server.url)
        with pytest.raises(ValueError, match="no event stream"):
            next(user.get("/", stream=True).iter_events())
        user.leave()
    assert stat(recorder, "sse_events", "count") == 0


def test_a_stream_that_breaks_is_a_failed_request_and_raises_nothing(new_user):
    with ScriptedServer({"/": [EVENTS, chunk(b"data: 1\n\n"), ScriptedServer.CLOSE]}) as server:
        user, recorder = new_user(server.url)
        response = user.get("/", stream=True)
        assert [event.data for event in response.iter_events()] == ["1"]
    assert response.error.kind.value == "reset"
    assert recorder.tally.requests["GET /"].errors == {"reset": 1}
    assert recorder.tally.requests["GET /"].ok.count == 0
    assert stat(recorder, "sse_events", "count") == 1


def test_a_piece_that_does_not_come_in_time_is_a_timeout(new_user):
    with ScriptedServer({"/": [CHUNKED + b"\r\n" + chunk(b"x"), 60.0]}) as server:
        user, recorder = new_user(server.url)
        response = user.get("/", stream=True, timeout=0.2)
        assert b"".join(response.iter_content(None)) == b"x"
    assert recorder.tally.requests["GET /"].errors == {"timeout": 1}


def test_what_an_iteration_does_not_read_is_closed_with_it_and_counts(new_user):
    with ScriptedServer({"/": [EVENTS + chunk(b"data: 1\n\n"), 60.0]}) as server:
        user, recorder = new_user(server.url)
        user.iterate(lambda user: next(user.get("/", stream=True).iter_events()))
        user.iterate(lambda user: user.get("/", stream=True))
        assert recorder.tally.requests["GET /"].ok.count == 2
        assert recorder.tally.iterations.count == 2
        assert server.connections == 2


def test_other_requests_can_be_sent_while_a_stream_is_open(new_user):
    script = {"/": [EVENTS + chunk(b"data: 1\n\n"), 0.1, LAST], "/x": [b"HTTP/1.1 204 X\r\n\r\n"]}
    with ScriptedServer(script) as server:
        user, recorder = new_user(server.url)
        response = user.get("/", stream=True)
        assert user.get("/x").status_code == 204
        assert [event.data for event in response.iter_events()] == ["1"]
        assert user.get("/x").status_code == 204
        assert server.connections == 2
    assert recorder.tally.requests["GET /x"].ok.count == 2


def test_the_end_of_a_round_ends_an_event_stream_which_counts(new_user):
    with ScriptedServer({"/": [EVENTS, chunk(b"data: 1\n\n"), 60.0]}) as server:
        user, recorder = new_user(server.url)
        user.enter(recorder, time.monotonic() + 0.3, "1")
        user.iterate(lambda user: list(user.get("/", stream=True).iter_events()))
        assert (recorder.tally.interrupted_iterations, recorder.tally.iterations.count) == (1, 0)
        assert recorder.tally.requests["GET /"].ok.count == 1
        with pytest.raises(RoundOver):
            list(user.get("/", stream=True).iter_events())


@pytest.mark.parametrize(("head", "ok"), [(EVENTS, 1), (CHUNKED + b"\r\n", 0)], ids=["events", "a download"])
def test_a_stream_that_is_ended_by_force_has_failed_if_it_has_an_end(new_user, head, ok):
    with ScriptedServer({"/": [head, chunk(b"data: 1\n\n"), 60.0]}) as server:
        user, recorder = new_user(server.url)
        playing = gevent.spawn(user.iterate, lambda user: list(user.get("/", stream=True).iter_lines()))
        until(lambda: gevent.sleep(0.01) or (user._streams and user._streams[0]._answer.received_bytes > len(head)))
        playing.kill()
        assert recorder.tally.requests["GET /"].ok.count == ok
        assert recorder.tally.requests["GET /"].errors == ({} if ok else {"timeout": 1})
        assert recorder.tally.interrupted_iterations == 1


def test_a_streamed_answer_that_is_an_error_is_asked_again(new_user):
    refused = b"HTTP/1.1 503 X\r\nContent-Length: 5\r\n\r\nwait!"
    with ScriptedServer({"/": [refused]}) as server:
        user, recorder = new_user(server.url)
        response = user.get("/", stream=True, retries=1)
        assert response.content == b"wait!"
        assert len(server.requests) == 2
    assert recorder.tally.requests["GET /"].errors == {"status 503": 1}
    assert recorder.tally.requests["GET /"].retries == 1


def test_redirects_lead_to_a_stream(new_user):
    moved = b"HTTP/1.1 302 X\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
    with ScriptedServer({"/": [moved], "/there": [EVENTS + chunk(b"data: 1\n\n") + LAST]}) as server:
        user, recorder = new_user(server.url)
        assert [event.data for event in user.get("/", stream=True).iter_events()] == ["1"]
        assert server.connections == 1
        assert recorder.tally.data_sent == sum(map(len, server.requests))
    assert recorder.tally.requests["GET /"].ok.count == 1


def test_what_is_read_whole_must_fit(new_user, monkeypatch):
    monkeypatch.setattr("perfgate.load.http.streamed_body.MAXIMUM_BODY", 1000)
    body = b"".join([chunk(b"x" * 600)] * 2)
    with ScriptedServer({"/": [CHUNKED + b"\r\n" + body + LAST]}) as server:
        user, recorder = new_user(server.url)
        _ = user.get("/", stream=True).content
        assert recorder.tally.requests["GET /"].errors == {"too-large": 1}
        assert sum(map(len, user.get("/", stream=True).iter_content(None))) == 1200


def test_memory_is_flat_however_much_comes(new_user):
    """Some 20,000 events, and 100 MB of another answer, in a tenth of what either would take."""
    events = chunk(b"".join(b'id: %d\ndata: {"price": %d}\n\n' % (number, number) for number in range(1000)))
    piece = chunk(bytes(1_000_000))
    streams = {"/events": [EVENTS, *[events] * 20, LAST], "/file": [CHUNKED + b"\r\n", *[piece] * 100, LAST]}
    with ScriptedServer(streams) as server:
        user, recorder = new_user(server.url)
        list(user.get("/events", stream=True).iter_events())
        gc.collect()
        tracemalloc.start()
        try:
            seen = sum(1 for _ in user.get("/events", stream=True).iter_events())
            size = sum(len(piece) for piece in user.get("/file", stream=True).iter_content(65_536))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (seen, size) == (20_000, 100_000_000)
    assert peak < 5_000_000
    assert recorder.tally.data_received > size


def test_nothing_comes_where_there_is_no_answer(new_user):
    with ScriptedServer({"/": [ScriptedServer.CLOSE]}) as server:
        user, recorder = new_user(server.url)
        with user.get("/", stream=True) as response:
            assert (list(response.iter_events()), list(response.iter_lines()), response.content) == ([], [], b"")
    assert recorder.tally.requests["GET /"].errors == {"reset": 1}


def test_a_whole_answer_has_its_events_too(new_user):
    with ScriptedServer({"/": [EVENTS + chunk(b"data: 1\n\n") + LAST]}) as server:
        user, _ = new_user(server.url)
        assert [event.data for event in user.get("/").iter_events()] == ["1"]
