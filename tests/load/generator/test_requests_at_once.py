"""Several requests of one user at the same time, and one within another."""

from contextlib import suppress

import gevent
import pytest

from perfgate.testing import ScriptedServer
from tests.support.asking import OK

SLOW: list[bytes | float | None] = [0.05, OK]
# What sends a request by the fast path, and through requests.
PATHS = [{}, {"params": {"a": ["b"]}}]


def answered(recorder):
    return {name: (tally.ok.count, tally.failed.count) for name, tally in recorder.tally.requests.items()}


@pytest.mark.parametrize("options", PATHS)
@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_requests_at_the_same_time_are_counted_each_with_its_bytes(new_user, transport, options):
    with ScriptedServer({"/a": [OK], "/b": SLOW, "/c": SLOW}) as server:
        user, recorder = new_user(server.url, transport)

        def ask_three(user):
            asking = [gevent.spawn(user.get, path, **options) for path in ("/b", "/a", "/c")]
            gevent.joinall(asking, raise_error=True)
            assert [one.value.text for one in asking] == ["hi"] * 3

        user.iterate(ask_three)
        assert not recorder.scenario_errors
    assert answered(recorder) == {"GET /a": (1, 0), "GET /b": (1, 0), "GET /c": (1, 0)}
    if transport == "wire":
        assert recorder.tally.data_sent == sum(map(len, server.requests))
        assert recorder.tally.data_received == 3 * len(OK)


@pytest.mark.parametrize("options", PATHS)
def test_of_requests_at_the_same_time_the_one_that_begins_first_is_charged_with_a_late_iteration(new_user, options):
    hour_ns = 3600 * 10**9
    with ScriptedServer({"/a": [OK], "/b": SLOW}) as server:
        user, recorder = new_user(server.url)

        def ask_both(user):
            gevent.joinall([gevent.spawn(user.get, path, **options) for path in ("/b", "/a")], raise_error=True)

        user.iterate(ask_both, hour_ns)
    assert recorder.tally.requests["GET /b"].ok.minimum >= hour_ns
    assert recorder.tally.requests["GET /a"].ok.maximum < hour_ns


def test_connections_of_requests_at_the_same_time_are_kept(new_user):
    with ScriptedServer({"/a": SLOW}) as server:
        user, _ = new_user(server.url)
        for _ in range(3):
            gevent.joinall([gevent.spawn(user.get, "/a") for _ in range(2)], raise_error=True)
        assert (len(server.requests), server.connections) == (6, 2)


class Login:
    """Asks for a token whenever a request wants one."""

    def __init__(self, user):
        self._user = user

    def __call__(self, request):
        request.headers["Authorization"] = self._user.post("/token").text
        return request


def test_a_request_within_a_request_is_counted_by_itself(new_user):
    with ScriptedServer({"/a": [OK], "/token": [OK]}) as server:
        user, recorder = new_user(server.url)
        user.iterate(lambda user: user.get("/a", auth=Login(user)))
        user.iterate(lambda user: user.get("/a", hooks={"response": lambda *_, **__: user.post("/token") and None}))
        assert not recorder.scenario_errors
        assert recorder.tally.data_sent == sum(map(len, server.requests))
    assert answered(recorder) == {"GET /a": (2, 0), "POST /token": (2, 0)}
    assert recorder.tally.data_received == 4 * len(OK)


def test_requests_that_wait_as_an_iteration_is_ended_by_force_have_timed_out_once(new_user):
    with ScriptedServer({"/a": [30.0], "/b": [30.0]}) as server:
        user, recorder = new_user(server.url)
        asking = []

        def ask_both(user):
            asking.append(gevent.spawn(user.get, "/a"))
            user.get("/b")

        playing = gevent.spawn(user.iterate, ask_both)
        while len(server.requests) < 2:
            gevent.sleep(0.01)
        assert recorder.waiting(0.0) == 2
        playing.kill()
        gevent.joinall(asking, timeout=10, raise_error=True)
        assert asking[0].dead, "it would go on into the next iteration"
    assert answered(recorder) == {"GET /a": (0, 1), "GET /b": (0, 1)}
    assert recorder.tally.requests["GET /a"].errors == {"timeout": 1}


def test_an_iteration_whose_thread_pool_waits_for_its_work_can_be_ended_by_force(new_user):
    with ScriptedServer({"/a": [30.0], "/b": [30.0], "/c": [OK]}) as server:
        user, recorder = new_user(server.url)

        def work(user, *paths):
            for path in paths:
                with suppress(gevent.GreenletExit):
                    user.get(path)

        def ask_all(user):
            asking = [gevent.spawn(work, user, path, "/c") for path in ("/a", "/b")]
            try:
                gevent.joinall(asking)
            finally:
                gevent.joinall(asking)

        playing = gevent.spawn(user.iterate, ask_all)
        while len(server.requests) < 2:
            gevent.sleep(0.01)
        user.break_off()
        playing.kill(timeout=10)
        assert playing.dead
        assert len(server.requests) == 2, "no more is sent"
        assert answered(recorder) == {"GET /a": (0, 1), "GET /b": (0, 1)}
        assert recorder.waiting(0.0) == 0
        assert recorder.tally.interrupted_iterations == 1
        user.iterate(lambda user: gevent.spawn(user.get, "/c").join())
    assert answered(recorder)["GET /c"] == (1, 0)


def test_a_request_that_the_scenario_itself_breaks_off_waits_no_more(new_user):
    with ScriptedServer({"/a": [30.0], "/b": [30.0]}) as server:
        user, recorder = new_user(server.url)

        def lose_patience(user):
            asking = gevent.spawn(user.get, "/a")
            with gevent.Timeout(0.05, False):
                user.get("/b")
            asking.kill()

        user.iterate(lose_patience)
    assert recorder.waiting(0.0) == 0
    assert recorder.tally.request_count == 0
    assert recorder.tally.iterations.count == 1
