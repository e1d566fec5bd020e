"""application/separation: who starts two sides in a duet is told of what both may share."""

import subprocess
import sys
from contextlib import contextmanager

import pytest

from perfgate.application.separation import BuildsApart, sharing_named
from perfgate.errors import TargetError
from perfgate.service.settings import DependencySettings, LaunchContext, ServiceSettings
from perfgate.service.target import Commit, CommitTarget, parse_target

COMMIT = CommitTarget("ref:main", Commit("1" * 40, "main", unsaved=False, tree=""))
SHARED = ServiceSettings(command=("serve",), env={"DATABASE": "postgresql://localhost/shop"})


def hint(settings=SHARED, target=COMMIT, side="base"):
    with pytest.raises(TargetError) as caught, sharing_named(target, LaunchContext(settings, side=side)):
        raise TargetError("it ended", "see why")
    return caught.value.hint


def test_what_both_sides_may_share_is_named():
    assert hint().startswith("see why; where base and head share a database")
    assert "[[dependencies]]" in hint()
    assert "{side}" in hint()


@pytest.mark.parametrize(
    "settings",
    [
        ServiceSettings(command=("serve",), env={"DATABASE": "shop_{side}"}),
        ServiceSettings(command=("serve",), env={"DATABASE": "shop_{port}"}),
        ServiceSettings(command=("serve",), seed=("migrate",)),
        ServiceSettings(command=("serve",), dependencies=(DependencySettings("db", image="postgres"),)),
    ],
)
def test_sides_that_have_their_own_are_not_told(settings):
    assert hint(settings) == "see why"


def test_neither_a_run_nor_what_is_no_commit_is_told():
    assert hint(side="") == "see why"
    assert hint(target=parse_target("image:shop")) == "see why"


@contextmanager
def running(program):
    """The numbers of the processes of a side whose program is this file."""
    with subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE) as process:
        yield (process.pid,)
        process.communicate()


BUILT = ServiceSettings(command=("serve",), build_command=("pip", "install", "."))


def test_a_build_over_what_the_other_side_runs_is_refused(tmp_path):
    program, builds = tmp_path / "shop.py", BuildsApart()
    program.write_text("import sys; sys.stdin.read()")
    with running(program) as base:
        builds.confirm(COMMIT, base, BUILT)
        program.unlink()
        program.write_text("import sys; sys.stdin.read(1)")
        with running(program) as head, pytest.raises(TargetError) as caught:
            builds.confirm(COMMIT, head, BUILT)
    assert f"the build of ref:main has replaced {program}, which the other side runs, too" in caught.value.message
    assert "python -m venv .venv" in caught.value.hint


def test_sides_that_run_the_same_files_are_not_refused_where_no_build_has_replaced_them(tmp_path):
    program, builds = tmp_path / "shop.py", BuildsApart()
    program.write_text("import sys; sys.stdin.read()")
    with running(program) as base, running(program) as head:
        builds.confirm(COMMIT, base, BUILT)
        builds.confirm(COMMIT, head, BUILT)
        program.write_text("import sys; sys.stdin.read(1)")
        builds.confirm(COMMIT, head, ServiceSettings(command=("serve",)))
