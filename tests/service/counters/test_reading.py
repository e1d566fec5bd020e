"""Counters of a service: pages and commands, and what is said where they cannot be read."""

import itertools
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from perfgate.errors import TargetError
from perfgate.service.counters import source
from perfgate.service.counters.page import Counted
from perfgate.service.counters.reading import CounterReader
from perfgate.service.settings import CounterSettings, DependencySettings, LaunchContext, ServiceSettings

PAGE = CounterSettings(url="/metrics", names=("queries_total",))


@contextmanager
def metrics(body=b"# TYPE queries_total counter\nqueries_total 7\n", status=200):
    """A service with a page of metrics; what it was asked with. body: a list is of one page after the other."""
    asked = []
    pages = iter(body if isinstance(body, list) else itertools.repeat(body))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(next(pages))

        def log_message(self, *_):
            """Requests are not logged."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def reader(url, *counters, side="head", dependencies=(), said=None, **environment):
    instance = SimpleNamespace(url=url)
    settings = ServiceSettings(counters=counters, dependencies=dependencies, env={"PGDATABASE": "shop_{side}"})
    say = print if said is None else said.append
    context = LaunchContext(settings, folder=Path(), environment=environment, say=say, side=side)
    return CounterReader(SimpleNamespace(instance=instance), context)


def test_a_page_of_the_service():
    with metrics() as (url, asked):
        found = reader(f"{url}/api", PAGE)
        found.check()
        assert found.read().values == {"queries_total": Counted(7.0, False)}
        assert asked[0][0] == "/metrics"


def test_a_page_of_a_dependency_with_headers_and_a_name():
    with metrics() as (url, asked):
        page = CounterSettings(
            name="queries",
            url="{db.url}/of/{side}",
            names=("queries_total",),
            headers={"Authorization": "Bearer ${TOKEN}"},
        )
        found = reader("http://elsewhere", page, dependencies=(DependencySettings("db", url=url),), TOKEN="abc")
        assert found.read().values == {"queries": Counted(7.0, False)}
        assert asked[0][0] == "/of/head"
        assert asked[0][1]["Authorization"] == "Bearer abc"


def test_perfgate_toml_may_say_what_is_a_gauge():
    with metrics() as (url, _):
        gauge = CounterSettings(url="/metrics", names=("queries_total",), gauge=True)
        assert reader(url, gauge).read().values == {"queries_total": Counted(7.0, True)}


@pytest.mark.parametrize(
    ("settings", "page", "why"),
    [
        (PAGE, {"status": 404}, "the counters of /metrics cannot be read: it answered 404"),
        (
            CounterSettings(url="http://127.0.0.1:1/", names=("a",)),
            {},
            "the counters of http://127.0.0.1:1/ cannot be read: Connection refused",
        ),
        (CounterSettings(url="ftp://x/", names=("a",)), {}, "it is no URL that can be asked"),
        (CounterSettings(url="/", names=("a",), headers={"X": "${NONE}"}), {}, "the variable NONE of its headers"),
        (CounterSettings(name="n", command=("false",)), {}, "the counters of n cannot be read: its command ended with"),
        (CounterSettings(name="n", command=("echo", "many")), {}, "its command printed 'many' and not one number"),
        (CounterSettings(name="n", command=("echo", "nan")), {}, "its command printed 'nan' and not one number"),
        (
            CounterSettings(name="n", command=("true",)),
            {},
            "the counters of n cannot be read: its command printed nothing",
        ),
        (CounterSettings(name="n", command=("printf", r"3\n4")), {}, "its command printed '3 4' and not one number"),
        (PAGE, {"body": b"\n<!doctype html>\n<p>queries_total 7"}, "it begins with '<!doctype html>'"),
        (PAGE, {"body": b'{"queries_total": 7}'}, "it is no page in Prometheus' text format"),
        (CounterSettings(name="n", command=("no-such-program",)), {}, "no-such-program could not be started"),
        (CounterSettings(name="n", command=("yes",)), {}, "its command ended with exit code"),
        (CounterSettings(url="/", names=("*",)), {"body": b"".join(b"a%d 1\n" % i for i in range(101))}, "101 names"),
    ],
)
def test_what_cannot_be_read_is_said_before_there_is_load(settings, page, why):
    with metrics(**page) as (url, _):
        with pytest.raises(TargetError) as raised:
            reader(url, settings).check()
        assert why in raised.value.message
        assert raised.value.hint == "mend [[counter]] in perfgate.toml"


def test_a_page_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(source, "MOST_BYTES", 10)
    with metrics() as (url, _):
        assert "it has more than" in reader(url, PAGE).read().trouble


def test_a_name_that_is_missing_makes_the_round_invalid():
    page = CounterSettings(url="/metrics", names=("querys_total", "other*"))
    with metrics() as (url, _):
        found = reader(url, page)
        found.check()  # it may come with the first request
        assert found.read().trouble == (
            "the counters of /metrics could not be read: it has no querys_total; did you mean queries_total?"
        )


def test_a_name_that_is_missing_after_the_warm_up_ends_the_measurement():
    with metrics() as (url, _):
        found = reader(url, CounterSettings(url="/metrics", names=("nothing_total",)))
        found.check()
        with pytest.raises(TargetError) as raised:
            found.confirm()
        assert raised.value.message == (
            "the counters of /metrics cannot be read, and the warm-up is over: it has no nothing_total; "
            "there are queries_total"
        )
        assert "mend names under [[counter]]" in raised.value.hint
        assert raised.value.hint.endswith("nothing_total*")


def test_a_name_with_other_labels_is_told():
    page = CounterSettings(url="/metrics", names=("calls_total",), labels={"job": "shop", "zone": "a"})
    said = "it has calls_total, and none with job=shop and zone=a"
    with metrics(b'calls_total{job="other"} 7\n') as (url, _), pytest.raises(TargetError, match=said):
        reader(url, page).confirm()


def test_labels_follow_the_placeholders_of_each_instance():
    page = CounterSettings(url="/metrics", names=("calls_total",), labels={"at": "{url}"})
    pages = []
    with metrics(pages) as (url, _):
        found = reader(url, page)
        for path, calls in (("/first", 7), ("/second", 8)):
            found._service.instance.url = url + path
            pages.append(b'calls_total{at="%s"} %d\n' % ((url + path).encode(), calls))
            assert found.read().values == {"calls_total": Counted(calls, False)}
        pages.append(b'calls_total{at="elsewhere"} 9\n')
        assert found.read().trouble.endswith(f"it has calls_total, and none with at={url}/second")


@pytest.mark.parametrize("password", ["s3cret", "s3/cr@t"])
def test_user_info_of_a_page_is_never_shown(password):
    with metrics() as (url, _):
        place = url.removeprefix("http://")
        page = CounterSettings(url=f"http://admin:{password}@{place}/metrics", names=("gone_total",))
        trouble = reader(url, page).read().trouble
        assert trouble.startswith(f"the counters of http://{place}/metrics could not be read: ")
        assert "cr" not in trouble


def test_a_name_that_came_with_the_warm_up_may_be_missing_before():
    pages = [b"", b"queries_total 3\n", b"", b""]
    with metrics(pages) as (url, _):
        found = reader(url, PAGE)
        found.check()
        found.confirm()
        found.confirm()  # after the warm-up of another scenario it is known
        assert "it has no queries_total" in found.read().trouble


def test_patterns_that_fit_nothing_are_said_and_end_nothing():
    said = []
    with metrics() as (url, _):
        reader(url, CounterSettings(url="/metrics", names=("queries_*", "cache_?")), said=said).confirm()
    assert said == ["Nothing on /metrics fits cache_? so far, so it has no row."]


def test_a_page_that_is_gone_after_the_warm_up_is_the_next_rounds_reason():
    with metrics(status=503) as (url, _):
        found = reader(url, PAGE)
        found.confirm()
        assert found.read().trouble == "the counters of /metrics could not be read: it answered 503"


@pytest.mark.parametrize("second", [PAGE, CounterSettings(name="queries_total", command=("echo", "3"))])
def test_a_name_that_is_read_twice_is_refused(second):
    with metrics() as (url, _), pytest.raises(TargetError, match="queries_total is read of /metrics already"):
        reader(url, PAGE, second).check()


def test_what_base_does_not_have_yet_is_new_on_head():
    page = CounterSettings(url="/metrics", names=("new_total", "queries_total"))
    with metrics() as (url, _):
        base = reader(url, page, side="base")
        base.check()
        base.confirm()
        assert set(base.read().values) == {"queries_total"}


def test_a_page_that_base_does_not_have_yet_is_said_and_left_alone():
    with metrics(status=404) as (url, asked):
        said = []
        found = reader(url, PAGE, side="base", said=said)
        found.check()
        assert found.read().values == {}
        assert found.read().trouble == ""
        assert len(asked) == 1
        assert "On base the counters of /metrics cannot be read: it answered 404" in said[0]


def test_a_command_prints_one_number():
    command = CounterSettings(name="calls", command=(sys.executable, "-c", "print(' 12.5 ')"))
    assert reader("http://elsewhere", command).read().values == {"calls": Counted(12.5, False)}


def test_a_command_gets_its_placeholders():
    command = CounterSettings(name="calls", command=("sh", "-c", "test {side} = head && echo 3"))
    assert reader("http://elsewhere", command).read().values == {"calls": Counted(3.0, False)}


def test_a_command_gets_the_variables_of_the_service():
    command = CounterSettings(name="calls", command=("sh", "-c", 'test "$PGDATABASE" = shop_head && echo 3'))
    assert reader("http://elsewhere", command).read().values == {"calls": Counted(3.0, False)}


def test_a_command_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(source, "_SECONDS", 0.2)
    command = CounterSettings(name="calls", command=("sh", "-c", "sleep 100 & sleep 100"))
    assert "took longer than" in reader("http://elsewhere", command).read().trouble
