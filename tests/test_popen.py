"""Children that can be waited for, and that are never lost, whatever a signal did."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from perfgate.popen import Popen, interrupts_held

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_a_signal_between_taking_the_lock_and_letting_it_go_locks_nothing_up() -> None:
    with Popen(SLEEP) as process:
        lock = vars(process)["_waitpid_lock"]
        assert lock.acquire(blocking=False), "as an exception at that moment leaves it"
        assert process.poll() is None
        process.kill()
        assert process.wait(20) == -signal.SIGKILL
        assert process.poll() == process.wait() == -signal.SIGKILL


def test_an_end_that_was_seen_and_not_noted_is_an_end() -> None:
    with Popen(SLEEP) as process:
        process.kill()
        os.waitpid(process.pid, 0)
        assert process.wait() == 0


def test_waiting_has_the_end_that_it_is_given() -> None:
    with Popen(SLEEP) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        process.terminate()


@pytest.mark.parametrize("code", [0, 7])
def test_what_it_says_and_how_it_ends_is_known(code: int) -> None:
    child = [sys.executable, "-c", f"import sys; print(sys.stdin.read()); sys.exit({code})"]
    with Popen(child, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.communicate(b"hello", timeout=20) == (b"hello\n", None)
    assert process.returncode == code


def test_an_interrupt_waits_for_the_end_of_the_outermost_block() -> None:
    done = []

    def work() -> None:
        with interrupts_held():
            with interrupts_held():
                signal.raise_signal(signal.SIGINT)
                done.append("inner")
            done.append("outer")
        done.append("never")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["inner", "outer"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_during_the_start_leaves_no_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = tmp_path / "pid"
    start = subprocess.Popen.__init__

    def interrupted(process: subprocess.Popen[bytes], *arguments: Any, **options: Any) -> None:
        start(process, *arguments, **options)
        written.write_text(str(process.pid))
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(subprocess.Popen, "__init__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Popen(SLEEP, start_new_session=True)
    assert not psutil.pid_exists(int(written.read_text()))


def test_a_child_finds_the_folder_that_it_is_started_in_by_the_variable_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tree").mkdir()
    monkeypatch.chdir(tmp_path)
    child = [sys.executable, "-c", "import os; print(os.environ['PWD'], os.environ.get('OLDPWD'), os.environ['A'])"]
    variables = {"PWD": "/checkout", "OLDPWD": "/", "A": "b"}
    for folder in (tmp_path / "tree", Path("tree")):
        with Popen(child, cwd=folder, env=variables, stdout=subprocess.PIPE) as process:
            assert process.communicate(timeout=20)[0].decode() == f"{tmp_path}/tree None b\n"
    with Popen(child, env=variables, stdout=subprocess.PIPE) as process:
        assert process.communicate(timeout=20)[0] == b"/checkout / b\n"
