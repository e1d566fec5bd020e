"""What a killed perfgate left is restored, whoever else is at it; with real containers in tests/containers."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from perfgate.service.containers.cpuset_override import restore_abandoned
from perfgate.service.owner import this_process


def test_a_note_that_goes_while_it_is_looked_at_is_nobodys_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    note = tmp_path / f"perfgate-cpus-{replace(this_process(), started=1)}-container"
    note.symlink_to(tmp_path / "gone")  # listed, and not there when it is opened
    with closing(docker.DockerClient("unix:///no.sock", version="1.41")) as client:
        restore_abandoned(client)
