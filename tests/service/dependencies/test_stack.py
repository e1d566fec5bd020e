"""Stacks: every instance of a service with dependencies of its own, seeded before, torn down after."""

from __future__ import annotations

import ast
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import requests

from perfgate.errors import PerfgateError, TargetError
from perfgate.service.dependencies import teardowns
from perfgate.service.dependencies.command_dependency import _copy
from perfgate.service.dependencies.commands import CommandEnd, run_to_its_end
from perfgate.service.dependencies.images import needs_folder
from perfgate.service.dependencies.stack_instance import StackInstance
from perfgate.service.dependencies.teardowns import run_abandoned
from perfgate.service.ending import first_ended
from perfgate.service.opening import open_target
from perfgate.service.own_service import OwnService
from perfgate.service.owner import owner_in, this_process
from perfgate.service.processes.owned_processes import MARK, owned_by
from perfgate.service.resetting import prepare_round
from perfgate.service.settings import DependencySettings, HttpCall, LaunchContext, ServiceSettings
from perfgate.service.target import parse_target
from tests.support.paths import QUOTED_PYTHON
from tests.support.repository import Repository, own_folders
from tests.support.stacks import FILES

PYTHON = sys.executable
DB = DependencySettings(name="db", command=(PYTHON, "database.py", "{port}", "{data}"))
SEED = (PYTHON, "seed.py", "{db.url}", "{side}", "seeded")
TARGET = parse_target("ref:HEAD")


class Stacks:
    """Opens a service with its stack, and says what is left of it."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder / "shop", **FILES)
        self.said: list[str] = []
        self.log = folder / "torn down"

    def context(self, side: str = "head", **settings: Any) -> LaunchContext:
        standard: dict[str, Any] = {
            "command": (PYTHON, "service.py", "{port}"),
            "env": {"DB": "{db.url}", "NAME": "{side}"},
            "dependencies": (DB,),
        }
        chosen = ServiceSettings(**(standard | settings))
        repository = self.repository
        return LaunchContext(chosen, (), repository.folder, repository.environment, self.said.append, side)

    def open(self, side: str = "head", **settings: Any) -> OwnService:
        service = open_target(TARGET, self.context(side, **settings))
        assert isinstance(service, OwnService)
        return service

    def refused(self, **settings: Any) -> PerfgateError:
        with pytest.raises(TargetError) as caught:
            self.open(**settings)
        self.nothing_is_left()
        assert caught.value.hint
        return caught.value

    def noting(self, *words: str) -> tuple[str, ...]:
        """A command that adds a line to a file."""
        return ("sh", "-c", f"echo {' '.join(words)} >> '{self.log}'")

    @property
    def noted(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def nothing_is_left(self) -> None:
        assert not own_folders()
        assert not owned_by(f"perfgate-{this_process()}")
        assert not list(Path(tempfile.gettempdir()).glob(f"perfgate-data-{this_process()}-*"))
        assert self.repository.worktrees() == [str(self.repository.folder)]
        assert not self.notes()

    def notes(self) -> list[Path]:
        return list((self.repository.folder / ".perfgate").glob("teardown-*"))


@pytest.fixture
def stacks(tmp_path: Path) -> Stacks:
    return Stacks(tmp_path)


def seen(service: OwnService) -> dict[str, Any]:
    """What the service sees of its database and its variables."""
    return ast.literal_eval(requests.get(service.instance.url, timeout=10).text)


def add(service: OwnService, row: str) -> None:
    (database,) = service.instance.dependencies
    assert isinstance(service.instance, StackInstance)
    requests.put(f"{service.instance.values['db.url']}/{row}", timeout=10).raise_for_status()
    assert database.alive()


def test_the_dependencies_run_before_the_service_and_end_after_it(stacks: Stacks) -> None:
    with stacks.open() as service:
        assert seen(service)["rows"] == []
        assert [one.name for one in service.instance.dependencies] == ["db"]
    stacks.nothing_is_left()


def test_each_side_and_each_instance_has_a_dependency_of_its_own(stacks: Stacks) -> None:
    with stacks.open("base") as base, stacks.open("head") as head:
        add(base, "row")
        assert (seen(base)["rows"], seen(head)["rows"]) == (["row"], [])
        assert (seen(base)["name"], seen(head)["name"]) == ("base", "head")
        first = seen(base)["database"]
        base.renew()
        assert seen(base)["rows"] == []
        assert seen(base)["database"] != first
        assert not psutil.pid_exists(first)
    stacks.nothing_is_left()


def test_use_of_cpu_and_memory_is_read_by_name(stacks: Stacks) -> None:
    with stacks.open() as service:
        (database,) = service.instance.dependencies
        assert database.pid == seen(service)["database"]
        usage = database.usage()
        assert usage is not None
        assert usage.cpu_seconds > 0
        assert usage.memory_bytes > 2**20
        database.reset_peak()


def test_a_dependency_runs_on_the_cpus_of_the_service(stacks: Stacks) -> None:
    cpu = min(os.sched_getaffinity(0))
    with open_target(TARGET, replace(stacks.context(), cpus=(cpu,))) as service:
        (database,) = service.instance.dependencies
        assert os.sched_getaffinity(database.pid or 0) == {cpu}


def test_the_seed_fills_it_before_the_service_starts_once_for_each_instance(stacks: Stacks) -> None:
    with stacks.open(seed=SEED) as service:
        assert seen(service)["rows"] == ["head", "seeded"]
        service.renew()
        assert seen(service)["rows"] == ["head", "seeded"]


def test_the_seed_is_that_of_its_side(stacks: Stacks) -> None:
    first = stacks.repository.first
    stacks.repository.commit(**{"seed.py": FILES["seed.py"].replace("sys.argv[2:]", '["migrated"]')})
    with open_target(parse_target(f"ref:{first}"), stacks.context(seed=SEED)) as base, stacks.open(seed=SEED) as head:
        assert isinstance(base, OwnService)
        assert seen(base)["rows"] == ["head", "seeded"]
        assert seen(head)["rows"] == ["migrated"]


def test_a_seed_that_asks_for_the_service_runs_when_it_is_ready(stacks: Stacks) -> None:
    seed = (
        "sh",
        "-c",
        f"{QUOTED_PYTHON} -c 'import urllib.request as r; r.urlopen(\"{{url}}\")' && echo {{port}} > port",
    )
    with stacks.open(seed=seed) as service:
        assert isinstance(service.instance, StackInstance)
        assert service.instance.url.endswith(service.instance.values["port"])
        assert service.instance.alive()
        assert seen(service)["rows"] == []


def test_it_has_the_variables_of_the_service(stacks: Stacks) -> None:
    with stacks.open(seed=("sh", "-c", f'{QUOTED_PYTHON} seed.py "$DB" "$NAME-$PORT"')) as service:
        assert re.fullmatch(r"head-\d+", *seen(service)["rows"])


def test_a_seed_that_fails_is_shown_with_its_end(stacks: Stacks) -> None:
    error = stacks.refused(seed=("sh", "-c", "echo relation missing >&2; exit 4"), teardown=stacks.noting("{side}"))
    assert "ref:HEAD could not be seeded" in error.message
    assert "exit code 4" in error.message
    assert "relation missing" in error.message
    assert stacks.noted == ["head"]


def test_the_teardown_follows_every_instance(stacks: Stacks) -> None:
    with stacks.open("base", teardown=stacks.noting("{side}", "{db.port}")) as service:
        assert not stacks.noted
        service.renew()
        assert len(stacks.noted) == 1
    assert len(stacks.noted) == 2
    assert all(re.fullmatch(r"base \d+", line) for line in stacks.noted)
    stacks.nothing_is_left()


def test_the_teardown_finds_the_dependencies_running_and_the_service_gone(stacks: Stacks) -> None:
    look = f"import urllib.request as r, os; print(r.urlopen(os.environ['DB']).status, file=open('{stacks.log}', 'a'))"
    with stacks.open(teardown=(PYTHON, "-c", look)) as service:
        url = service.instance.url
    assert stacks.noted == ["200"]
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=1)


def test_seed_and_teardown_have_the_variables_of_the_service(stacks: Stacks) -> None:
    tell = stacks.noting("$NAME", "$PORT")
    with stacks.open(seed=tell, teardown=tell) as service:
        port = service.instance.url.rpartition(":")[2]
    assert stacks.noted == [f"head {port}"] * 2


def test_a_teardown_that_fails_is_said_and_changes_nothing_else(stacks: Stacks) -> None:
    with stacks.open(teardown=("sh", "-c", "echo in use; exit 3")):
        pass
    (said,) = [line for line in stacks.said if "teardown" in line]
    assert "may have left something behind" in said
    assert "exit code 3" in said
    assert "in use" in said
    stacks.nothing_is_left()


def test_the_teardown_follows_an_interruption(stacks: Stacks) -> None:
    def interrupted(line: str) -> None:
        raise KeyboardInterrupt

    context = replace(stacks.context(seed=SEED, teardown=stacks.noting("torn")), say=interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_target(TARGET, context)
    assert stacks.noted == ["torn"]
    stacks.nothing_is_left()


def test_a_shared_server_keeps_sides_apart_by_names(stacks: Stacks, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        shared = DependencySettings(name="pg", url=f"postgresql://shop:secret@localhost:{port}/shop_{{side}}")
        env = {"DB": "{db.url}", "NAME": "{pg.url} {pg.host} {pg.port}"}
        settings: dict[str, Any] = {"dependencies": (DB, shared), "env": env}
        settings |= {"seed": stacks.noting("made", "{side}"), "teardown": stacks.noting("dropped", "{side}")}
        with stacks.open("base", **settings) as base, stacks.open("head", **settings) as head:
            assert seen(base)["name"] == f"postgresql://shop:secret@localhost:{port}/shop_base localhost {port}"
            assert seen(head)["name"].split()[0].endswith("/shop_head")
            assert base.instance.dependencies[1].pid == os.getpid()
            assert base.instance.dependencies[1].shared_place == f"localhost:{port}"
    assert stacks.noted == ["made base", "made head", "dropped head", "dropped base"]
    assert not [line for line in stacks.said if "secret" in line]


def test_a_shared_server_that_is_not_there_is_named(stacks: Stacks) -> None:
    shared = DependencySettings(name="pg", url="postgresql://shop:secret@localhost:1/shop", ready_timeout=0.2)
    error = stacks.refused(dependencies=(shared,))
    assert "the dependency pg was not ready within 200ms" in error.message
    assert "secret" not in error.message + error.hint


def test_beside_a_service_that_runs_already_what_is_shared_is_read(stacks: Stacks) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        shared = DependencySettings(name="pg", url=url)
        elsewhere = DependencySettings(name="gone", url="redis://localhost:1")
        context = stacks.context(dependencies=(DB, shared, elsewhere), ready="tcp")
        with open_target(parse_target(url), context) as service:
            (found,) = service.instance.dependencies
            assert (found.name, found.pid) == ("pg", os.getpid())
            assert found.usage() is not None


@pytest.mark.parametrize("ready", ["tcp", "/health", (PYTHON, "seed.py", "{db.url}", "{side}-ready"), None])
def test_each_kind_of_readiness_is_waited_for(stacks: Stacks, ready: Any) -> None:
    slow = replace(DB, ready=ready, env={"DELAY": "0.7"})
    with stacks.open(dependencies=(slow,)) as service:
        assert seen(service)["rows"] == (["head-ready"] if isinstance(ready, tuple) else [])


@pytest.mark.parametrize(("ready", "why"), [("sleep 600", "sleep: no end after 1s"), ("false", "false: exit code 1")])
def test_a_command_that_never_says_ready_is_named(stacks: Stacks, ready: str, why: str) -> None:
    error = stacks.refused(dependencies=(replace(DB, ready=tuple(ready.split()), ready_timeout=0.5),))
    assert f"the dependency db was not ready within 500ms: {why}" in error.message


def test_what_a_dependency_started_in_another_session_outlives_the_question_whether_it_is_ready(stacks: Stacks) -> None:
    start = "import subprocess as s, sys; p = s.Popen(sys.argv[1:], start_new_session=True); print(p.pid); p.wait()"
    behind = replace(DB, command=(PYTHON, "-uc", start, *DB.command), ready=(PYTHON, "seed.py", "{db.url}", "ready"))
    with stacks.open(dependencies=(behind,)) as service:
        assert seen(service)["rows"] == ["ready"]
    stacks.nothing_is_left()


def test_a_dependency_that_never_gets_ready_shows_its_log(stacks: Stacks) -> None:
    error = stacks.refused(dependencies=(replace(DB, env={"DELAY": "60"}, ready_timeout=0.5),))
    assert "the dependency db was not ready within 500ms" in error.message
    assert "the database begins" in error.message
    assert "[[dependencies]] db" in error.hint


def test_a_dependency_that_ends_before_it_is_ready_shows_its_log(stacks: Stacks) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        taken = str(server.getsockname()[1])
        error = stacks.refused(dependencies=(replace(DB, command=(PYTHON, "database.py", taken, "{data}")),))
    assert re.match("the dependency db (ended at once|ended before|has ended)", error.message)
    assert "Address already in use" in error.message


def test_a_command_that_is_not_there_is_said(stacks: Stacks) -> None:
    error = stacks.refused(dependencies=(replace(DB, command=("no-such-program",)),))
    assert "no-such-program could not be started" in error.message


def test_a_dependency_that_dies_is_named_with_its_last_words(stacks: Stacks) -> None:
    with stacks.open() as service:
        assert first_ended(TARGET, service.instance) is None
        psutil.Process(seen(service)["database"]).kill()
        _until(lambda: first_ended(TARGET, service.instance) is not None)
        with pytest.raises(TargetError, match=r"the dependency db of ref:HEAD is gone.*the database begins"):
            prepare_round(TARGET, service, stacks.context())
    stacks.nothing_is_left()


def test_a_snapshot_spares_later_instances_the_seed(stacks: Stacks) -> None:
    seed = ("sh", "-c", f"echo seeded >> '{stacks.log}' && {QUOTED_PYTHON} seed.py {{db.url}} from-the-seed")
    with stacks.open(dependencies=(replace(DB, snapshot=True),), seed=seed) as service:
        assert seen(service)["rows"] == ["from-the-seed"]
        add(service, "trace")
        service.renew()
        assert seen(service)["rows"] == ["from-the-seed"]
    assert stacks.noted == ["seeded"]
    stacks.nothing_is_left()


def test_a_dependency_that_makes_its_files_anew_does_not_start_from_its_snapshot(stacks: Stacks) -> None:
    anew = ("sh", "-c", f"mkdir {{data}}/files && exec {QUOTED_PYTHON} database.py {{port}} {{data}}")
    error = stacks.refused(dependencies=(replace(DB, command=anew, snapshot=True),), seed=SEED)
    assert error.message.startswith("db does not start from its snapshot: the dependency db ended before")
    assert "File exists" in error.message
    assert error.hint.startswith("its command found {data} filled with what was kept")


def test_a_snapshot_is_no_one_elses_to_read(stacks: Stacks) -> None:
    with stacks.open(seed=SEED, dependencies=(replace(DB, snapshot=True),)):
        kept = list(Path(tempfile.gettempdir()).glob(f"perfgate-data-{this_process()}-*/db"))
        assert [place.parent.stat().st_mode & 0o077 for place in kept] == [0]


@pytest.mark.parametrize("system", ["Linux", "Darwin"])
def test_a_snapshot_that_cannot_be_copied_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(sysname=system))
    with pytest.raises(TargetError, match=r"a snapshot could not be copied: .*nowhere"):
        _copy(tmp_path / "nowhere", tmp_path / "copy")


def test_each_side_has_a_snapshot_of_its_own(stacks: Stacks) -> None:
    settings: dict[str, Any] = {"dependencies": (replace(DB, snapshot=True),), "seed": SEED}
    with stacks.open("base", **settings) as base, stacks.open("head", **settings) as head:
        base.renew()
        head.renew()
        assert seen(base)["rows"] == ["base", "seeded"]
        assert seen(head)["rows"] == ["head", "seeded"]


def test_a_reset_starts_from_the_snapshot_at_the_same_address(stacks: Stacks) -> None:
    settings: dict[str, Any] = {"dependencies": (replace(DB, snapshot=True),), "seed": SEED}
    settings |= {"reset": HttpCall("POST", "/"), "teardown": stacks.noting("torn")}
    with stacks.open(**settings) as service:
        url = service.instance.url
        add(service, "trace")
        prepare_round(TARGET, service, stacks.context(**settings))
        assert seen(service)["rows"] == ["head", "seeded"]
        assert service.instance.url == url
        assert not stacks.noted
    assert stacks.noted == ["torn"]
    stacks.nothing_is_left()


def test_placeholders_of_a_reset_are_those_of_the_instance(stacks: Stacks) -> None:
    reset = stacks.noting("{side}", "{db.port}", "{port}", "{url}")
    with stacks.open(reset=reset) as service:
        prepare_round(TARGET, service, stacks.context(reset=reset))
        assert isinstance(service.instance, StackInstance)
        values = service.instance.values
        assert stacks.noted == [f"head {values['db.port']} {values['port']} {service.instance.url}"]


def test_a_reset_is_run_in_the_sides_tree_with_the_variables_of_the_service(stacks: Stacks) -> None:
    stacks.repository.commit(version="old")
    stacks.repository.commit(version="new")
    target = parse_target("ref:HEAD~1")
    context = stacks.context("base", reset=stacks.noting("$(cat version)", "$NAME", "$PORT"))
    with open_target(target, context) as service:
        prepare_round(target, service, context)
        assert stacks.noted == [f"old base {service.instance.url.rpartition(':')[2]}"]


def test_a_reset_that_fails_is_shown_with_its_end(stacks: Stacks) -> None:
    reset = ("sh", "-c", "echo no table of {side} >&2; exit 4")
    with stacks.open(reset=reset) as service, pytest.raises(TargetError) as caught:
        prepare_round(TARGET, service, stacks.context(reset=reset))
    assert "exit code 4\nThe last lines of its log:\nno table of head" in caught.value.message
    assert "mend reset" in caught.value.hint


@pytest.mark.parametrize(("reset", "needed"), [(("make", "reset"), True), (HttpCall("POST", "/"), False)])
def test_an_image_has_a_tree_beside_it_where_a_command_is_run_there(
    reset: tuple[str, ...] | HttpCall, needed: bool
) -> None:
    assert needs_folder(ServiceSettings(image="shop:{sha}", reset=reset)) is needed


def test_the_commit_has_its_placeholder(stacks: Stacks) -> None:
    env = {"DB": "{db.url}", "NAME": "{sha}"}
    with stacks.open(env=env, build_command=("sh", "-c", "echo {sha} > built")) as service:
        assert seen(service)["name"] == stacks.repository.first


def _open_and_be_killed(stacks: Stacks, **settings: Any) -> None:
    """Open the stack of base in a process that ends at once, as with kill -9, and leaves all of it running."""
    child = os.fork()
    if child == 0:
        try:
            stacks.open("base", **settings)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_the_next_start_ends_and_tears_down_what_a_killed_one_left(stacks: Stacks) -> None:
    teardown = stacks.noting("torn", "{side}", "{db.port}")
    settings: dict[str, Any] = {"dependencies": (replace(DB, snapshot=True),), "seed": SEED, "teardown": teardown}
    _open_and_be_killed(stacks, **settings)
    assert len(stacks.notes()) == 1
    assert _left_by_the_dead()
    assert not stacks.noted
    with stacks.open(teardown=teardown):
        (torn,) = stacks.noted
        assert re.fullmatch(r"torn base \d+", torn)
        assert "was killed" in "\n".join(stacks.said)
        assert not _left_by_the_dead()
    stacks.nothing_is_left()


def test_two_starts_at_once_run_what_is_left_once(stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> None:
    teardown = stacks.noting("torn")
    _open_and_be_killed(stacks, teardown=teardown)
    context = stacks.context(teardown=teardown)
    listed = stacks.notes()

    def with_another(*arguments: Any) -> CommandEnd:
        run_abandoned(context)
        with monkeypatch.context() as late:
            late.setattr(Path, "glob", lambda *_: listed)
            run_abandoned(context)
        return run_to_its_end(*arguments)

    monkeypatch.setattr(teardowns, "run_to_its_end", with_another)
    run_abandoned(context)
    assert stacks.noted == ["torn"]
    assert not stacks.notes()


def _left_by_the_dead() -> list[object]:
    """Folders and processes of owners that have ended."""
    folders = [folder for folder in Path(tempfile.gettempdir()).glob("perfgate-*") if _gone(folder.name)]
    return [*folders, *(process for process in owned_by("perfgate-") if _gone(_mark_of(process)))]


def _mark_of(process: psutil.Process) -> str:
    """The mark of its owner; "" of one that has ended."""
    try:
        return str(process.environ().get(MARK, ""))
    except psutil.Error:
        return ""


def _gone(text: str) -> bool:
    owner = owner_in(text)
    return owner is not None and owner.gone()


def test_a_note_of_a_teardown_holds_no_secret(stacks: Stacks) -> None:
    env = {"DB": "{db.url}", "NAME": "secret"}
    with stacks.open(env=env, teardown=("drop", "--password=secret")):
        (note,) = stacks.notes()
        assert "secret" not in note.read_text()


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
