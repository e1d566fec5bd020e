"""Profilers beside real programs. Where the kernel of this machine forbids one to look, perfgate must say so."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from perfgate.explain.profile import Function
from perfgate.explain.profilers.choice import choose_profiler
from perfgate.explain.profilers.flight_recorder import FlightRecorder
from perfgate.explain.profilers.perf import Perf
from perfgate.explain.profilers.pprof import PprofPage
from perfgate.explain.profilers.profiler import Profiler, ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.explain.profilers.runtimes import Runtime, runtime_of
from perfgate.explain.profilers.v8_inspector import V8Inspector
from perfgate.explain.settings import ExplainSettings
from perfgate.service.probe import free_port
from tests.support.asking import until
from tests.support.busy_programs import CLUSTER, JAVA, NODE, build_go, running

CHOOSE = ExplainSettings()
HERE = ProfilerPlace(Path(), dict(os.environ))
GO_PATH = f"{os.environ['PATH']}:/usr/local/go/bin"

needs_go = pytest.mark.skipif(shutil.which("go", path=GO_PATH) is None, reason="Go is not installed")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
needs_java = pytest.mark.skipif(shutil.which("jfr") is None, reason="no JDK is installed")


@pytest.fixture(scope="module")
def go_program(tmp_path_factory) -> Path:
    return build_go(tmp_path_factory.mktemp("go"))


@pytest.fixture(scope="module")
def stripped_program(tmp_path_factory) -> Path:
    return build_go(tmp_path_factory.mktemp("stripped"), "-trimpath", "-ldflags=-s -w")


@pytest.fixture
def port() -> int:
    return free_port()


def chosen(pid: int, settings: ExplainSettings = CHOOSE, url: str = "") -> Profiler:
    return choose_profiler(settings, [(pid,), (pid,)], HERE, [url, url])


def seen(profiler: Profiler, pid: int, seconds: int = 1) -> Iterator[tuple[Function, int | None]]:
    """The functions that were seen most, the innermost ones first, with the lines where they begin."""
    for _ in range(10):  # a busy machine may let the program rest for all of a second
        with profiler.record([pid], seconds) as recording:
            time.sleep(seconds)
            profile = recording.profile()
        if profile.stacks:
            break
    stack = max(profile.stacks, key=lambda one: profile.stacks[one])
    return ((function, profile.lines.get(function)) for function in reversed(stack))


def by_perf(pid: int) -> list[tuple[Function, int | None]] | None:
    """What perf sees; None where it must not look here: then it says what would let it."""
    try:
        return list(seen(Perf(HERE), pid))
    except ProfilerError as error:
        refused = error
    assert any(word in refused.hint for word in ("PERFMON", "perf_event_paranoid", "linux-perf")), refused
    return None


@needs_go
def test_perf_sees_go_with_inlined_calls_files_and_lines(go_program, port):
    with running([go_program, port], go_program.parent) as process:
        functions = by_perf(process.pid)
    if functions is not None:
        lines = [(function.name, function.file, line) for function, line in functions[:3]]
        assert lines == [("main.inner", "main.go", 14), ("main.busy", "main.go", 21), ("main.main", "main.go", 29)]


@needs_go
def test_perf_sees_go_that_was_linked_without_symbols(stripped_program, port):
    with running([stripped_program, port], stripped_program.parent) as process:
        functions = by_perf(process.pid)
    if functions is not None:
        assert [function.name for function, _ in functions[:3]] == ["main.inner", "main.busy", "main.main"]


@needs_go
def test_go_is_for_perf(go_program, port):
    with running([go_program, port], go_program.parent) as process:
        assert runtime_of([process.pid]) is Runtime.GO
        if shutil.which("perf") and os.geteuid() == 0:
            assert isinstance(chosen(process.pid), Perf)


@needs_go
def test_a_page_of_pprof_tells_functions_with_files_and_lines(go_program, port):
    with running([go_program, port], go_program.parent) as process:
        profiler = chosen(process.pid, ExplainSettings(pprof="/debug/pprof/profile"), f"http://127.0.0.1:{port}/api")
        assert isinstance(profiler, PprofPage)
        functions = dict(seen(profiler, process.pid))
    assert functions[Function("main.busy", "main.go")] == 21


@needs_go
@pytest.mark.parametrize(
    ("page", "said"), [("/debug/pprof/none", "answered 404"), ("/debug/pprof/cmdline", "no profile")]
)
def test_a_page_that_is_none_of_pprof_is_named(go_program, port, page, said):
    with running([go_program, port], go_program.parent) as process:
        profiler = PprofPage(page, {process.pid: f"http://127.0.0.1:{port}"})
        with profiler.record([process.pid], 1) as recording, pytest.raises(ProfilerError, match=said) as refused:
            recording.profile()
    assert "/debug/pprof/profile" in refused.value.hint


def test_a_page_that_does_not_answer_is_named(port):
    profiler = PprofPage("/debug/pprof/profile", {os.getpid(): f"http://127.0.0.1:{port}"})
    with profiler.record([os.getpid()], 1) as recording, pytest.raises(ProfilerError, match="could not be read"):
        recording.profile()


@needs_node
def test_the_inspector_sees_node_and_is_closed_afterwards(tmp_path):
    (tmp_path / "busy.js").write_text(NODE)
    with running(["node", "busy.js"], tmp_path) as first, running(["node", "busy.js"], tmp_path) as second:
        profiler = chosen(first.pid)
        assert isinstance(profiler, V8Inspector)
        # One after the other, since both open theirs on the same port.
        for process in (first, second, first):
            assert next(seen(profiler, process.pid)) == (Function("busy", "busy.js"), 2)


@needs_node
def test_the_inspector_sees_all_workers_of_a_cluster(tmp_path):
    (tmp_path / "busy.js").write_text(NODE)
    (tmp_path / "cluster.js").write_text(CLUSTER)
    with running(["node", "cluster.js"], tmp_path) as process:
        workers = psutil.Process(process.pid).children()
        assert len(workers) == 2
        until(lambda: all(worker.cpu_times().user > 0.5 for worker in workers))  # both count as busy
        profiler = V8Inspector()
        # All of them want the same port; in later rounds, too.
        for _ in range(2):
            assert next(seen(profiler, process.pid)) == (Function("busy", "busy.js"), 2)
        until(lambda: not any(worker.net_connections("tcp") for worker in workers))


@needs_node
def test_node_that_answers_no_signal_is_not_ended_by_one(tmp_path, monkeypatch):
    (tmp_path / "busy.js").write_text(NODE)
    with running(["node", "busy.js"], tmp_path) as process:
        monkeypatch.setattr("perfgate.explain.profilers.v8_inspector._hears", lambda *_: False)
        with pytest.raises(ProfilerError, match="no inspector") as refused:
            seen(V8Inspector(), process.pid)
        assert "--perf-basic-prof" in refused.value.hint
        assert process.poll() is None


@needs_node
def test_perf_sees_node_that_writes_a_perf_map(tmp_path):
    (tmp_path / "busy.js").write_text(NODE)
    with running(["node", "busy.js"], tmp_path, NODE_OPTIONS="--perf-basic-prof") as process:
        if os.geteuid() == 0 and shutil.which("perf"):
            assert isinstance(chosen(process.pid), Perf)
        functions = by_perf(process.pid)
    if functions is not None:
        assert Function("busy", "busy.js") in dict(functions)


@needs_java
def test_the_flight_recorder_sees_a_jvm(tmp_path):
    (tmp_path / "Busy.java").write_text(JAVA)
    with running(["java", "Busy.java"], tmp_path) as process:
        profiler = chosen(process.pid)
        assert isinstance(profiler, FlightRecorder)
        # Recorded twice: it can be started again once it was stopped.
        for _ in range(2):
            function, line = next(seen(profiler, process.pid))
            assert function == Function("Busy.busy", "Busy.java")
            assert 5 <= line <= 9
    assert not list(Path("/tmp").glob("perfgate-*/samples.jfr"))
