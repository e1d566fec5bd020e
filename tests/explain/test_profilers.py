"""Profilers: which one serves, what is missing, and what they write. The programs are small ones of the test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from perfgate.explain.profile import Function
from perfgate.explain.profilers.choice import choose_profiler, choose_waiting_profiler
from perfgate.explain.profilers.processes import folder_of, python_processes
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


def test_a_service_that_is_no_python_needs_a_command():
    sleeping = subprocess.Popen(["sleep", "600"])
    try:
        with pytest.raises(ProfilerError, match="no Python program") as refused:
            choose_profiler(ExplainSettings(), [(sleeping.pid,), (sleeping.pid,)], HERE)
    finally:
        sleeping.kill()
        sleeping.wait()
    assert "command under [explain]" in refused.value.hint


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
