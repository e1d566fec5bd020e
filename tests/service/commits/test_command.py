"""`[service] command`: a commit's own code as a process, and all the ways in which that goes wrong."""

from __future__ import annotations

import ast
import os
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from perfgate.errors import ExitCode, PerfgateError, TargetError, UsageError
from perfgate.service.commits.refs import look_up, look_up_sides
from perfgate.service.kept_trees import KeptTrees
from perfgate.service.opening import open_target
from perfgate.service.own_service import OwnService
from perfgate.service.owner import this_process
from perfgate.service.processes.owned_processes import is_alive, owned_by
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import Commit, CommitTarget, parse_target
from tests.support.paths import QUOTED_PYTHON
from tests.support.pids import pid_of
from tests.support.repository import SERVE, Repository, own_folders

COMMAND = (sys.executable, "serve.py", "{port}")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A service in two versions."""
    repository = Repository(tmp_path / "shop", **{"serve.py": SERVE})
    repository.commit(**{"serve.py": SERVE.replace('"first"', '"second"')})
    return repository


class Opener:
    """Opens refs of a repository with settings, and says what is left of them."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.said: list[str] = []
        self.before = repository.state()

    def __call__(self, ref: str = "HEAD", cpus: tuple[int, ...] = (), **settings: Any) -> OwnService:
        standard: dict[str, Any] = {"command": COMMAND, "ready_timeout": 30.0}
        chosen = ServiceSettings(**(standard | settings))
        context = LaunchContext(chosen, cpus, self.repository.folder, self.repository.environment, self.said.append)
        service = open_target(parse_target(ref if ref == "worktree" else f"ref:{ref}"), context)
        assert isinstance(service, OwnService)
        return service

    def refused(self, kind: type[PerfgateError] = TargetError, **settings: Any) -> PerfgateError:
        with pytest.raises(kind) as caught:
            self(**settings)
        self.nothing_is_left()
        assert caught.value.hint
        return caught.value

    def nothing_is_left(self) -> None:
        assert not own_folders()
        assert not owned_by(f"perfgate-{this_process()}")
        assert self.repository.worktrees() == [str(self.repository.folder)]
        assert self.repository.state() == self.before


@pytest.fixture
def opener(repository: Repository) -> Opener:
    return Opener(repository)


def shell(script: str) -> tuple[str, ...]:
    return ("sh", "-c", script)


def answer(service: OwnService) -> tuple[str, str | None, str]:
    version, greeting, folder = ast.literal_eval(requests.get(service.instance.url, timeout=10).text)
    return version, greeting, folder


def test_two_commits_serve_side_by_side_and_nothing_is_left(opener: Opener) -> None:
    with opener("HEAD~1") as base, opener("HEAD") as head:
        assert (answer(base)[0], answer(head)[0]) == ("first", "second")
        assert base.instance.url != head.instance.url
        assert len(own_folders()) == 2
        assert answer(head)[2] != str(opener.repository.folder)
        usage = head.instance.usage()
        assert usage is not None
        assert usage.cpu_seconds > 0
    opener.nothing_is_left()
    assert not head.instance.alive()
    head.stop()


def test_what_is_not_committed_is_not_measured_and_that_is_said(opener: Opener) -> None:
    (opener.repository.folder / "serve.py").write_text("broken")
    opener.before = opener.repository.state()
    with opener("HEAD") as service:
        assert answer(service)[0] == "second"
    assert ["not committed" in line for line in opener.said] == [True]
    opener.said.clear()
    with opener("HEAD~1"):
        assert opener.said == []


@pytest.mark.parametrize(
    ("base", "head", "times"),
    [
        ("ref:HEAD", "ref:HEAD", 1),
        ("ref:main", "ref:HEAD", 2),
        ("ref:HEAD", "worktree", 0),
        ("ref:HEAD~1", "ref:HEAD", 1),
    ],
)
def test_what_both_sides_leave_out_is_said_once_and_not_where_the_other_measures_it(
    opener: Opener, base: str, head: str, times: int
) -> None:
    (opener.repository.folder / "serve.py").write_text("changed")
    said: list[str] = []
    context = LaunchContext(
        ServiceSettings(command=COMMAND),
        folder=opener.repository.folder,
        environment=opener.repository.environment,
        say=said.append,
    )
    found = look_up_sides({"base": parse_target(base), "head": parse_target(head)}, lambda _: context)
    assert {side: target.text for side, target in found.items()} == {"base": base, "head": head}
    assert ["what is not committed is not measured" in line for line in said] == [True] * times


def test_the_checkout_is_measured_as_it_stood_at_the_start(opener: Opener) -> None:
    (opener.repository.folder / "serve.py").write_text("from service import *\n")
    (opener.repository.folder / "service.py").write_text(SERVE.replace('"first"', '"not committed"'))
    opener.before = opener.repository.state()
    with opener("HEAD") as base, opener("worktree") as head:
        assert "the target worktree measures it" in opener.said.pop()
        assert (answer(base)[0], answer(head)[0]) == ("second", "not committed")
        (opener.repository.folder / "service.py").write_text("broken")
        head.renew()
        assert answer(head)[0] == "not committed"
        assert answer(head)[2] != str(opener.repository.folder)
        (opener.repository.folder / "service.py").write_bytes(opener.before["service.py"])
    opener.nothing_is_left()
    assert opener.said == []


def test_a_checkout_without_changes_is_its_commit(opener: Opener) -> None:
    context = LaunchContext(
        ServiceSettings(image="shop:{sha}"),
        folder=opener.repository.folder,
        environment=opener.repository.environment,
    )
    head = opener.repository.git("rev-parse", "HEAD")
    worktree = parse_target("worktree")
    assert look_up(worktree, context) == CommitTarget("worktree", Commit(head, "main", unsaved=False, tree=""))
    (opener.repository.folder / "serve.py").write_text("changed")
    with pytest.raises(UsageError, match="not committed, and image under"):
        look_up(worktree, context)
    changed = look_up(worktree, replace(context, settings=ServiceSettings(command=COMMAND)))
    assert isinstance(changed, CommitTarget)
    assert (changed.commit.sha, changed.commit.branch) == (head, "main")
    assert changed.commit.tree


def test_the_checkout_is_not_started_by_guessing(opener: Opener) -> None:
    error = opener.refused(UsageError, ref="worktree", command=())
    assert error.message == "worktree: nothing says how a commit of this repository is started"


def test_its_environment_is_ours_with_its_own_on_top(opener: Opener) -> None:
    opener.repository.environment |= {"GREETING": "ours", "GIT_DIR": ".git"}
    with opener() as service:
        assert answer(service)[1] == "ours"
        assert "GIT_DIR" not in psutil.Process(pid_of(service)).environ()
    with opener(env={"GREETING": "on {port}"}) as service:
        assert answer(service)[1] == f"on {service.instance.url.rpartition(':')[2]}"


def test_neither_it_nor_its_build_is_told_the_token_that_comments(opener: Opener) -> None:
    opener.repository.environment |= dict.fromkeys(
        ("GITHUB_TOKEN", "GH_TOKEN", "PERFGATE_TOKEN", "ACTIONS_RUNTIME_TOKEN"), "a-secret"
    )
    refuses = 'test -z "$GITHUB_TOKEN$GH_TOKEN$PERFGATE_TOKEN$ACTIONS_RUNTIME_TOKEN"'
    with opener(build_command=shell(refuses)) as service:
        assert "a-secret" not in psutil.Process(pid_of(service)).environ().values()
    with opener(env={"GITHUB_TOKEN": "its own"}) as service:
        assert psutil.Process(pid_of(service)).environ()["GITHUB_TOKEN"] == "its own"


def test_what_names_the_checkout_names_its_tree_for_the_service_the_build_and_the_seed(opener: Opener) -> None:
    checkout = str(opener.repository.folder)
    names = ["PWD", "OLDPWD", "GITHUB_WORKSPACE", "REPOSITORY"]
    opener.repository.environment |= dict.fromkeys(names, checkout)
    tell = (sys.executable, "-c", f"import os; print(*map(os.environ.get, {names}), file=open('told', 'a'))")
    with opener(build_command=tell, seed=tell) as service:
        tree = answer(service)[2]
        told = Path(tree, "told").read_text().splitlines()
        found = psutil.Process(pid_of(service)).environ()
    assert told == [f"{tree} None {tree} {checkout}"] * 2
    assert [found.get(name) for name in names] == [tree, None, tree, checkout]


def test_modules_that_the_checkout_has_on_the_path_are_the_commits_own(opener: Opener) -> None:
    opener.repository.environment["PYTHONPATH"] = str(opener.repository.folder)
    elsewhere = "import os, sys; os.chdir('/'); sys.path.remove(''); import serve"
    with opener("HEAD~1", command=(sys.executable, "-c", elsewhere, "{port}")) as service:
        assert answer(service)[0] == "first"


def test_its_port_is_in_its_environment_too(opener: Opener) -> None:
    with opener(command=shell(f'exec {QUOTED_PYTHON} serve.py "$PORT"')) as service:
        assert answer(service)[0] == "second"


def test_another_instance_stands_in_the_same_tree_and_is_not_built_again(opener: Opener, tmp_path: Path) -> None:
    built = tmp_path / "built"
    with opener(build_command=shell(f"echo built >> {built}")) as service:
        first, url, (version, _, folder) = pid_of(service), service.instance.url, answer(service)
        service.renew()
        assert answer(service) == (version, None, folder)
        assert (pid_of(service), service.instance.url) != (first, url)
        assert not is_alive(psutil.Process(first)) if psutil.pid_exists(first) else True
        assert service.instance.usage().cpu_seconds > 0
        assert len(own_folders()) == 1
    assert built.read_text() == "built\n"
    opener.nothing_is_left()


def test_one_that_does_not_start_again_leaves_nothing(opener: Opener, tmp_path: Path) -> None:
    once = f"mkdir {tmp_path}/once || {{ echo only once; exit 3; }}; exec {QUOTED_PYTHON} serve.py {{port}}"
    with opener(command=shell(once)) as service:
        with pytest.raises(TargetError, match="exit code 3") as caught:
            service.renew()
        assert "only once" in caught.value.message
        assert not service.instance.alive()
    opener.nothing_is_left()


def test_a_service_that_listens_on_localhost_is_found_whatever_that_is_here(opener: Opener) -> None:
    listens = f"import os; os.environ['HOST'] = {socket.getaddrinfo('localhost', 80)[-1][4][0]!r}; import serve"
    with opener(command=(sys.executable, "-c", listens, "{port}")) as service:
        assert answer(service)[0] == "second"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins nothing")
def test_it_runs_on_its_cpus_and_its_build_on_all(opener: Opener, tmp_path: Path) -> None:
    last = max(os.sched_getaffinity(0))
    tell = f"import os; open('{tmp_path}/cpus', 'w').write(str(sorted(os.sched_getaffinity(0))))"
    with opener(cpus=(last,), build_command=(sys.executable, "-c", tell)) as service:
        assert os.sched_getaffinity(pid_of(service)) == {last}
        assert service.instance.cpus == (last,)
    assert ast.literal_eval((tmp_path / "cpus").read_text()) == sorted(os.sched_getaffinity(0))


def test_a_build_command_comes_first_in_the_same_folder(opener: Opener) -> None:
    built = shell("sed s/second/built/ serve.py > built.py")
    with opener(build_command=built, command=(sys.executable, "built.py", "{port}")) as service:
        assert answer(service)[0] == "built"
    assert opener.said == ["ref:HEAD: sh -c 'sed s/second/built/ serve.py > built.py'"]
    opener.nothing_is_left()


def test_a_build_that_fails_shows_the_end_of_its_log(opener: Opener) -> None:
    error = opener.refused(build_command=shell("sleep 60 & seq 1 100; exit 3"))
    assert error.exit_code is ExitCode.NO_VERDICT
    assert error.message.startswith("ref:HEAD could not be built: sh -c 'sleep 60 & seq 1 100; exit 3': exit code 3")
    assert error.message.splitlines()[2:] == [str(number) for number in range(51, 101)]
    assert error.hint.endswith("what git ignores is not in it, nor, of a ref:, what is not committed")


def test_a_command_that_is_not_there_is_refused(opener: Opener) -> None:
    assert "no-such-server could not be started" in opener.refused(command=("no-such-server",)).message


def test_a_command_that_ends_at_once_says_how_and_shows_its_log(opener: Opener) -> None:
    error = opener.refused(command=shell("echo oops; exit 7"))
    assert "ref:HEAD ended before it was ready: exit code 7" in error.message
    assert error.message.endswith("oops")
    assert "signal 9" in opener.refused(command=shell("kill -9 $$")).message


def test_a_command_that_never_becomes_ready_says_what_it_was_told(opener: Opener) -> None:
    error = opener.refused(command=shell("echo waiting; sleep 60"), ready_timeout=2.0)
    assert "not ready within 2s" in error.message
    assert error.message.endswith("waiting")
    assert "{port} in its command" in error.hint


def test_a_port_that_is_taken_is_seen_in_its_log(opener: Opener) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        error = opener.refused(command=(sys.executable, "serve.py", port))
    assert "Address already in use" in error.message


def test_a_flood_of_output_neither_blocks_it_nor_fills_anything(opener: Opener) -> None:
    flood = "yes 'a line of thirty-two characters..' | head -c 100000000; echo"
    # Again and again: one that is written while the beginning is being dropped may be lost.
    end = "while :; do echo the end; sleep 0.1; done &"
    with opener(command=shell(f"{flood}; {end} exec {QUOTED_PYTHON} serve.py {{port}}")) as service:
        assert answer(service)[0] == "second"
        deadline = time.monotonic() + 60
        while service.instance.logs().splitlines()[-1] != "the end":
            assert time.monotonic() < deadline
            time.sleep(0.05)
    opener.nothing_is_left()


def test_one_that_died_shows_its_log(opener: Opener) -> None:
    with opener(command=shell(f"{QUOTED_PYTHON} serve.py {{port}} & wait; echo it broke; exit 1")) as service:
        for child in psutil.Process(pid_of(service)).children():
            child.kill()
        psutil.Process(pid_of(service)).wait(20)
        assert not service.instance.alive()
        assert service.instance.logs().splitlines()[-1] == "it broke"
    opener.nothing_is_left()


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("sleep 300 & setsid sleep 300 &", id="children"),
        pytest.param("setsid sh -c 'cd /; exec sleep 300' &", id="one that went to another folder"),
        pytest.param("setsid env --ignore-environment sleep 300 &", id="one that forgot its environment"),
    ],
)
def test_all_that_belongs_to_it_ends_with_it(opener: Opener, script: str) -> None:
    with opener(command=shell(f"{script} exec {QUOTED_PYTHON} serve.py {{port}}")) as service:
        assert answer(service)[0] == "second"
        owned = owned_by(f"perfgate-{this_process()}")
        assert len(owned) > 1
    assert not any(map(is_alive, owned))
    opener.nothing_is_left()


def test_without_a_way_to_start_it_the_hint_is_named(opener: Opener) -> None:
    error = opener.refused(UsageError, command=())
    assert "[service]" in error.hint


@pytest.mark.parametrize("ref", ["nowhere", "HEAD~9"])
def test_a_commit_that_is_not_there_starts_nothing(opener: Opener, ref: str) -> None:
    assert opener.refused(UsageError, ref=ref).exit_code is ExitCode.USAGE


@pytest.mark.parametrize(("target", "meaning"), [("ref:HEAD", "a commit"), ("worktree", "a checkout")])
def test_outside_of_a_repository_it_says_so(opener: Opener, tmp_path: Path, target: str, meaning: str) -> None:
    context = LaunchContext(ServiceSettings(command=COMMAND), (), tmp_path, opener.repository.environment)
    with pytest.raises(UsageError, match="not a git repository") as caught:
        open_target(parse_target(target), context)
    assert caught.value.message.startswith(f"{target} means {meaning} of this repository")
    assert "inside a clone" in caught.value.hint


class Opened:
    """A commit opened over and over with trees that are kept."""

    def __init__(self, repository: Repository, trees: KeptTrees, **settings: Any) -> None:
        self.said: list[str] = []
        chosen = ServiceSettings(**{"command": COMMAND, "ready_timeout": 30.0, **settings})
        self.context = LaunchContext(
            chosen, (), repository.folder, repository.environment, self.said.append, trees=trees
        )

    def __call__(self, ref: str = "HEAD", side: str = "") -> tuple[str, str | None, str]:
        with open_target(parse_target(f"ref:{ref}"), replace(self.context, side=side)) as service:
            assert isinstance(service, OwnService)
            return answer(service)


def test_a_kept_tree_is_built_once_and_gone_at_the_end(opener: Opener, repository: Repository) -> None:
    with KeptTrees() as trees:
        opened = Opened(repository, trees, build_command=shell("test ! -e built && touch built"))
        first = opened("HEAD")
        assert opened("HEAD~1")[0] == "first"
        assert opened("HEAD") == first
        assert len([line for line in opened.said if "touch built" in line]) == 2
        assert len(own_folders()) == 2
        assert not owned_by(f"perfgate-{this_process()}")
    opener.nothing_is_left()


def test_a_tree_that_was_built_for_another_side_is_not_taken(opener: Opener, repository: Repository) -> None:
    with KeptTrees() as trees:
        opened = Opened(repository, trees, build_command=("touch", "built-{side}"))
        opened("HEAD", "base")
        opened("HEAD", "head")
        assert [line.split()[-1] for line in opened.said] == ["built-base", "built-head"]
    opener.nothing_is_left()


def test_a_build_that_failed_is_not_kept(opener: Opener, repository: Repository) -> None:
    with KeptTrees() as trees:
        opened = Opened(repository, trees, build_command=shell("exit 3"))
        for _ in range(2):
            with pytest.raises(TargetError, match="could not be built"):
                opened()
        assert not own_folders()


def test_few_trees_are_kept(tmp_path: Path) -> None:
    removed: list[str] = []

    class Tree:
        folder = tmp_path

        def __init__(self, name: str) -> None:
            self.mark = name

        def remove(self) -> None:
            removed.append(self.mark)

    with KeptTrees() as trees:
        for number in range(10):
            trees.put_back(str(number), Tree(str(number)))
        assert removed == ["0", "1"]
        taken = trees.take("5")
        assert taken is not None
        assert trees.take("5") is None
    assert sorted(removed) == [str(number) for number in range(10) if number != 5]
