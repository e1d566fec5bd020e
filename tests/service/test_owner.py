"""Whose something is, and whether they are still there."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from perfgate.service.owner import owner_in, this_process

TELL = "from perfgate.service.owner import this_process; print(this_process(), flush=True); input()"


def test_a_mark_is_read_back_from_any_text() -> None:
    owner = this_process()
    assert owner_in(f"perfgate-{owner}-x7q") == owner
    assert owner_in("perfgate-of-nobody-1") is None


def test_this_process_is_not_gone() -> None:
    assert not this_process().gone()


def test_an_owner_is_gone_once_its_process_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        owner = owner_in(process.stdout.readline().decode())
        assert owner is not None
        assert not owner.gone()
        process.kill()
        process.communicate()
        assert owner.gone()


def test_a_process_that_nobody_has_buried_yet_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        owner = owner_in(process.stdout.readline().decode())
        assert owner is not None
        process.kill()
        while process.stdout.read(1):
            pass
        while not owner.gone():
            pass
        assert process.returncode is None


def test_another_process_with_the_same_number_is_not_the_owner() -> None:
    assert replace(this_process(), started=1).gone()


def test_of_an_owner_elsewhere_nothing_is_known() -> None:
    assert not replace(this_process(), place="00000000", started=1).gone()


def test_an_owner_that_may_not_be_looked_at_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where /proc is mounted with hidepid=1, and the owner is another user."""

    def refuse(process: psutil.Process) -> str:
        raise psutil.AccessDenied(process.pid)

    other = replace(this_process(), started=1)
    monkeypatch.setattr(psutil.Process, "status", refuse)
    assert not other.gone()
