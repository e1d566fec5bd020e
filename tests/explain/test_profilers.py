"""Profilers: which one serves, what is missing, and what they write. The programs are small ones of the test."""

from __future__ import annotations

import mmap
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from perfgate.explain.profile import Function
from perfgate.explain.profilers.choice import choose_profiler, choose_waiting_profiler
from perfgate.explain.profilers.flight_recorder import FlightRecorder
from perfgate.explain.profilers.gathering import Gathering
from perfgate.explain.profilers.images import Memory
from perfgate.explain.profilers.processes import folder_here, folder_of, python_processes
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.explain.settings import ExplainSettings

HERE = ProfilerPlace(Path(), dict(os.environ))
OWN = (os.getpid(),)


def command(*words):
    return choose_profiler(ExplainSettings(command=words), [OWN, OWN], HERE)


def script(text):
    """The words of a command that runs these lines of Python."""
    return (sys.executable, "-c", text, "{pid}", "{seconds}")


def seen(profiler, seconds=3):
    """The stacks, by the names of their functions."""
    with profiler.record(OWN, seconds) as recording:
        stacks = recording.profile().stacks
    return {";".join(function.name for function in stack): count for stack, count in stacks.items()}


def test_a_command_is_told_the_process_and_the_seconds_and_what_it_prints_are_the_stacks():
    profiler = command(*script("import sys; print('main;process', sys.argv[1]); print('main;seconds', sys.argv[2])"))
    assert seen(profiler) == {"main;process": os.getpid(), "main;seconds": 3}


def test_a_command_that_fails_is_named_with_what_it_said():
    with pytest.raises(ProfilerError, match="exit code 4: no such event"):
        seen(command(*script("import sys; print('no such event', file=sys.stderr); sys.exit(4)")))


def test_a_command_that_does_not_exist_is_named():
    with pytest.raises(ProfilerError, match="no-such-profiler could not be started"):
        seen(command("no-such-profiler", "{pid}"))


def test_an_interruption_leaves_no_profiler(tmp_path):
    note = tmp_path / "pid"
    lines = f"import os, pathlib, time; pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(600)"
    with suppress(KeyboardInterrupt), command(*script(lines)).record(OWN, 1):
        while not note.exists() or not note.read_text():
            time.sleep(0.01)
        raise KeyboardInterrupt
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_processes_that_nobody_knows_cannot_be_profiled():
    with pytest.raises(ProfilerError, match="not known"):
        choose_profiler(ExplainSettings(), [OWN, ()], HERE)


@pytest.fixture
def sleeping():
    """The number of a process that is neither Python nor anything else that is known."""
    process = subprocess.Popen(["sleep", "600"])
    yield process.pid
    process.kill()
    process.wait()


def programs(folder, **scripts):
    """A place whose only programs are these scripts."""
    for name, lines in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{lines}\n")
        (folder / name).chmod(0o755)
    return ProfilerPlace(folder, {"PATH": str(folder)})


def wait_for(file, word):
    """Until a program has written that word there."""
    deadline = time.monotonic() + 30
    while not (file.exists() and word in file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)


def as_user(monkeypatch, paranoid):
    """Perfgate is run by an ordinary user, where the kernel's setting is this one."""
    setting = Path(paranoid)
    monkeypatch.setattr("perfgate.explain.profilers.perf._PARANOID", setting)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def test_without_perf_its_packages_are_named(monkeypatch, tmp_path, sleeping):
    monkeypatch.setattr("perfgate.explain.profilers.perf._UBUNTU", ())
    with pytest.raises(ProfilerError, match="needs perf") as refused:
        choose_profiler(ExplainSettings(), [(sleeping,), (sleeping,)], programs(tmp_path))
    assert "linux-perf" in refused.value.hint


def test_ubuntus_perf_that_misses_its_kernel_is_passed_over(monkeypatch, tmp_path, sleeping):
    (tmp_path / "tools" / "6.8.0").mkdir(parents=True)
    real = tmp_path / "tools" / "6.8.0" / "perf"
    place = programs(tmp_path, perf="echo 'WARNING: perf not found for kernel 6.11' >&2; exit 2")
    monkeypatch.setattr("perfgate.explain.profilers.perf._UBUNTU", (str(tmp_path / "tools"),))
    with pytest.raises(ProfilerError, match="needs perf"):
        choose_profiler(ExplainSettings(), [(sleeping,), (sleeping,)], place)
    real.write_text("#!/bin/sh\necho perf version 6.8\n")
    real.chmod(0o755)
    assert choose_profiler(ExplainSettings(), [(sleeping,), (sleeping,)], place).name == "perf"


@pytest.mark.parametrize(("paranoid", "event"), [("1", "cpu-clock"), ("2", "cpu-clock:u")])
def test_an_ordinary_user_sees_what_the_kernel_allows(monkeypatch, tmp_path, sleeping, paranoid, event):
    (tmp_path / "paranoid").write_text(paranoid)
    as_user(monkeypatch, tmp_path / "paranoid")
    place = programs(tmp_path, perf='echo "$@" > asked; echo perf version 6.1')
    profiler = choose_profiler(ExplainSettings(), [(sleeping,), (sleeping,)], place)
    with profiler.record([sleeping], 1) as recording:
        wait_for(tmp_path / "asked", "record")
        with pytest.raises(ProfilerError, match="perf failed"):
            recording.profile()
    assert f"--event {event} " in (tmp_path / "asked").read_text()


def test_where_the_kernel_forbids_perf_the_setting_is_named(monkeypatch, tmp_path, sleeping):
    (tmp_path / "paranoid").write_text("4")
    as_user(monkeypatch, tmp_path / "paranoid")
    place = programs(tmp_path, perf="echo perf version 6.1")
    with pytest.raises(ProfilerError, match="perf_event_paranoid is 4") as refused:
        choose_profiler(ExplainSettings(), [(sleeping,), (sleeping,)], place)
    assert refused.value.hint == "sudo sysctl kernel.perf_event_paranoid=2"


def test_in_a_container_that_forbids_perf_the_capability_is_named(monkeypatch, tmp_path, sleeping):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    lines = "test $1 = --version || echo 'Error: Operation not permitted' >&2; echo $1 > asked; test $1 = --version"
    profiler = choose_profiler(ExplainSettings(), [(sleeping,), (sleeping,)], programs(tmp_path, perf=lines))
    with profiler.record([sleeping], 1) as recording:
        wait_for(tmp_path / "asked", "record")
        with pytest.raises(ProfilerError, match="not allowed") as refused:
            recording.profile()
    assert "PERFMON" in refused.value.hint


@pytest.fixture
def interpreter(tmp_path):
    """The number of a process whose program is called like an interpreter."""
    program = tmp_path / "php-fpm8.2"
    shutil.copy(shutil.which("sleep"), program)
    process = subprocess.Popen([program, "600"])
    yield process.pid
    process.kill()
    process.wait()


def test_an_interpreter_needs_a_profiler_of_its_own(interpreter):
    with pytest.raises(ProfilerError, match="none of the service") as refused:
        choose_profiler(ExplainSettings(), [(interpreter,), (interpreter,)], HERE)
    assert "a command under [explain]" in refused.value.hint


def test_an_interpreter_that_writes_a_perf_map_is_for_perf(tmp_path, interpreter, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    written = Path(f"/tmp/perf-{interpreter}.map")
    written.touch()
    try:
        place = programs(tmp_path, perf="echo perf version 6.1")
        assert choose_profiler(ExplainSettings(), [(interpreter,), (interpreter,)], place).name == "perf"
    finally:
        written.unlink()


def test_what_code_was_loaded_is_known_by_the_names_of_files(tmp_path):
    (tmp_path / "libruby-3.3.so.3.3").write_bytes(bytes(mmap.PAGESIZE))
    with (tmp_path / "libruby-3.3.so.3.3").open("rb") as file:
        with mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC):
            assert Memory(OWN[0]).has_named(re.compile(r"libruby"))
        assert not Memory(OWN[0]).has_named(re.compile(r"libruby"))


def test_two_sides_that_run_different_things_have_no_function_in_common(sleeping):
    with pytest.raises(ProfilerError, match="different things, Python and a native program"):
        choose_profiler(ExplainSettings(), [OWN, (sleeping,)], HERE)


def test_without_py_spy_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ProfilerError, match="needs py-spy") as refused:
        choose_profiler(ExplainSettings(), [OWN, OWN], ProfilerPlace(tmp_path, {"PATH": str(tmp_path)}))
    assert refused.value.hint == "pip install 'perfgate[explain]'"


def test_where_the_kernel_forbids_it_the_setting_is_named(monkeypatch, tmp_path):
    scope = tmp_path / "ptrace_scope"
    scope.write_text("1\n")
    (tmp_path / "py-spy").write_text("")
    (tmp_path / "py-spy").chmod(0o755)
    monkeypatch.setattr("perfgate.explain.profilers.py_spy._PTRACE_SCOPE", scope)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    place = ProfilerPlace(tmp_path, {"PATH": str(tmp_path)})
    with pytest.raises(ProfilerError, match="ptrace_scope") as refused:
        choose_profiler(ExplainSettings(), [OWN, OWN], place)
    assert "kernel.yama.ptrace_scope=0" in refused.value.hint
    scope.write_text("0\n")
    assert choose_profiler(ExplainSettings(), [OWN, OWN], place).name == "py-spy"


def test_python_is_found_behind_a_shell_and_its_workers_belong_to_it():
    lines = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    shell = subprocess.Popen(["sh", "-c", f'{sys.executable} -c "{lines}"; true'], stdin=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 30
        while not python_processes([shell.pid]) and time.monotonic() < deadline:
            time.sleep(0.02)
        (found,) = python_processes([shell.pid])
        assert found != shell.pid
    finally:
        shell.communicate(b"\n")


def test_the_folder_of_a_service_and_of_one_that_is_gone():
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert folder_of(OWN) == os.getcwd()
    assert folder_of([ended.pid]) == ""
    assert folder_of([]) == ""


def test_the_folder_of_a_service_is_one_of_this_machine_where_it_can_be_entered_here(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    assert folder_here(OWN) == os.getcwd()
    with subprocess.Popen(["cat"], cwd=gone, stdin=subprocess.PIPE) as process:
        assert folder_here([process.pid]) == str(gone)
        gone.rmdir()
        assert folder_here([process.pid]) == ""
    assert folder_here([]) == ""


JFR = """#!/bin/sh
echo "  stackTrace = ["
echo "    shop.Prices.discount(int) line: 12"
echo "  ]"
"""


@pytest.fixture
def recorder(tmp_path):
    """A flight recorder that runs in a checkout with a source, and whose jfr prints a sample of it."""
    (tmp_path / "jfr").write_text(JFR)
    (tmp_path / "jfr").chmod(0o755)
    for folder in ("checkout/src/shop", "service/app/shop", "empty"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "checkout/src/shop/Prices.java").touch()
    (tmp_path / "service/app/shop/Prices.java").touch()
    place = ProfilerPlace(tmp_path / "checkout", {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    return FlightRecorder(place, OWN)


def files_seen(recorder, folder):
    gathering = Gathering("")
    recorder.read(Path("samples.jfr"), folder, gathering)
    return [function.file for stack in gathering.profile().stacks for function in stack]


@pytest.mark.parametrize(
    ("folder", "file"),
    [("service", "app/shop/Prices.java"), ("empty", "src/shop/Prices.java"), ("", "src/shop/Prices.java")],
)
def test_sources_of_a_jvm_lie_in_its_folder_or_else_in_the_checkout(recorder, tmp_path, folder, file):
    assert files_seen(recorder, str(tmp_path / folder) if folder else "") == [file]


def test_all_of_this_machine_is_not_looked_through_for_sources(recorder):
    assert files_seen(recorder, "/") == ["src/shop/Prices.java"]


def test_sources_of_a_jvm_are_looked_for_once(recorder, tmp_path):
    folder = str(tmp_path / "service")
    assert files_seen(recorder, folder) == ["app/shop/Prices.java"]
    (tmp_path / "service/app/shop/Prices.java").unlink()
    assert files_seen(recorder, folder) == ["app/shop/Prices.java"]


BUSY = """
def busy():
    return sum(number * number for number in range(1000))

print("ready", flush=True)
while True:
    busy()
"""


@pytest.fixture
def busy(tmp_path):
    """A Python process in which one function takes all of the CPU."""
    (tmp_path / "busy.py").write_text(BUSY)
    process = subprocess.Popen([sys.executable, "busy.py"], cwd=tmp_path, stdout=subprocess.PIPE)
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_py_spy_sees_the_functions_of_a_process(busy):
    profiler = choose_profiler(ExplainSettings(), [(busy.pid,), (busy.pid,)], HERE)
    with profiler.record([busy.pid], 1) as recording:
        time.sleep(1)
        profile = recording.profile()
    assert profile.sample_seconds is None
    assert any(Function("busy", "busy.py") in stack for stack in profile.stacks)
    assert profile.lines[Function("busy", "busy.py")] == 2


SLEEPY = """
import time

def nap():
    time.sleep(0.01)

print("ready", flush=True)
while True:
    nap()
"""


def test_where_a_process_waits_is_seen_by_the_profiler_of_waiting(tmp_path):
    (tmp_path / "sleepy.py").write_text(SLEEPY)
    process = subprocess.Popen([sys.executable, "sleepy.py"], cwd=tmp_path, stdout=subprocess.PIPE)
    process.stdout.readline()
    try:
        profiler = choose_waiting_profiler([(process.pid,), (process.pid,)], HERE)
        with profiler.record([process.pid], 1) as recording:
            time.sleep(1)
            profile = recording.profile()
    finally:
        process.kill()
        process.communicate()
    assert profile.sample_seconds > 0
    assert any(Function("nap", "sleepy.py") in stack for stack in profile.stacks)


def test_a_process_that_has_ended_has_no_stacks(busy):
    profiler = choose_profiler(ExplainSettings(), [(busy.pid,), (busy.pid,)], HERE)
    busy.kill()
    busy.wait()
    with profiler.record([busy.pid], 1) as recording:
        assert not recording.profile().stacks
