"""What a killed perfgate left is restored, whoever else is at it; with real containers in tests/containers."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from perfgate.service import overrides
from perfgate.service.containers import cpuset_override
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


class Engine:
    """A Docker Engine with one container."""

    def __init__(self):
        self.id = "container"
        self.attrs = {"HostConfig": {"CpusetCpus": ""}}
        self.api = self

    def info(self):
        return {"NCPU": 4}

    def reload(self):
        """The attributes are always those of now."""

    def update(self, cpuset_cpus):
        self.update_container(self.id, cpuset_cpus)

    def update_container(self, container, cpuset_cpus):
        self.attrs = {"HostConfig": {"CpusetCpus": cpuset_cpus}}

    @property
    def cpus(self):
        return self.attrs["HostConfig"]["CpusetCpus"]


@pytest.fixture
def override(tmp_path, monkeypatch):
    """override(engine, cpus, started): as by the perfgate that started then."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def by(engine, cpus, started):
        with monkeypatch.context() as patched:
            patched.setattr(overrides, "this_process", lambda: replace(this_process(), started=started))
            return cpuset_override.CpusetOverride(engine, engine, cpus)

    return by


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_whoever_goes_first_the_set_is_that_of_the_latest_who_stays_and_in_the_end_as_it_was(override, tmp_path, order):
    engine = Engine()
    staying = {number: override(engine, (number,), started=number + 1) for number in range(3)}
    for number in order:
        staying.pop(number).restore()
        assert engine.cpus == (str(max(staying)) if staying else "0-3")
    assert not list(tmp_path.glob("perfgate-cpus-*"))


def test_what_killed_ones_left_is_restored_in_the_right_order(override, tmp_path):
    engine = Engine()
    override(engine, (1,), started=1)
    override(engine, (2,), started=2)
    restore_abandoned(engine)
    assert engine.cpus == "0-3"
    assert not list(tmp_path.glob("perfgate-cpus-*"))


def test_what_a_killed_one_left_is_no_matter_of_the_container_while_a_later_one_measures(override):
    engine = Engine()
    override(engine, (1,), started=1)
    later = override(engine, (2,), started=this_process().started)
    restore_abandoned(engine)
    assert engine.cpus == "2"
    later.restore()
    assert engine.cpus == "0-3"
