"""The files of programs that processes run: what a build puts in their place is seen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from perfgate.service.processes.programs import State, programs_of, replaced


@contextmanager
def running(
    words: Sequence[str | Path], environment: Mapping[str, str] | None = None, executable: Path | None = None
) -> Iterator[int]:
    """The number of a process that runs and has said so."""
    called = list(map(str, words))
    with subprocess.Popen(
        called, executable=executable, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"it runs\n"
        yield process.pid
        process.communicate()


def seen(words: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> dict[str, State]:
    with running(words, environment) as number:
        return programs_of([number])


SAYS = "print('it runs', flush=True); input()"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "shop.py"
    path.write_text(SAYS.replace("input()", "import sys; sys.stdin.read()"))
    return path


def test_a_script_that_is_written_anew_is_another(script: Path) -> None:
    before = seen([sys.executable, script])
    assert replaced(before, seen([sys.executable, script])) == []
    text = script.read_text()
    script.unlink()
    script.write_text(text + "\n")
    assert replaced(before, seen([sys.executable, script])) == [str(script)]


def test_a_link_that_leads_elsewhere_is_another(script: Path) -> None:
    """As of `npm link`, and of a global installation of a folder."""
    link = script.with_name("command.py")
    link.symlink_to(script)
    before = seen([sys.executable, link])
    link.unlink()
    link.symlink_to(shutil.copy(script, script.with_name("other.py")))
    assert replaced(before, seen([sys.executable, link])) == [str(link)]


def test_a_binary_that_is_replaced_while_it_runs_is_another(tmp_path: Path) -> None:
    """As `go install` and `cargo install` do."""
    shell, binary = shutil.which("sh") or "", tmp_path / "shop"
    called = partial(running, ["shop", "-c", "echo 'it runs'; read -r _; :"], executable=binary)
    shutil.copy(shell, binary)
    with called() as number:
        before = programs_of([number])
        binary.unlink()
        shutil.copy(shell, binary)
        with called() as other:
            assert replaced(before, programs_of([other])) == [str(binary)]


def test_a_package_that_is_installed_anew_is_another_whatever_its_version(script: Path) -> None:
    """A virtual environment that both sides share. What only one of them needs is shared by neither."""
    environment = script.parent / "environment"
    packages = environment / "lib" / "python3.12" / "site-packages"
    (environment / "bin").mkdir(parents=True)
    (environment / "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix, 'bin')}\n")
    python = environment / "bin" / "python"
    python.symlink_to(os.path.realpath(sys.executable))
    for name in ("shop-1.0.dist-info", "pets-1.0.dist-info"):
        (packages / name).mkdir(parents=True)
    before = seen([python, script])
    (packages / "new-1.0.dist-info").mkdir()
    (packages / "__pycache__").mkdir()
    assert replaced(before, seen([python, script])) == []
    (packages / "shop-1.0.dist-info").rmdir()
    (packages / "shop-1.1.dist-info").mkdir()
    variables = {**os.environ, "PATH": f"{environment / 'bin'}:{os.environ['PATH']}"}
    assert replaced(before, seen(["python", script], variables)) == [str(packages / "shop")]


def test_data_that_a_command_names_are_no_programs(script: Path) -> None:
    data = script.with_name("shop.db")
    data.write_text("1")
    before = seen([sys.executable, script, data])
    data.write_text("2")
    assert str(data) not in before
    assert replaced(before, seen([sys.executable, script, data])) == []


def test_a_process_that_has_ended_runs_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert programs_of([process.pid]) == {}
