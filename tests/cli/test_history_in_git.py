"""`perfgate history publish`, `setup-git`, `merge`, `prune` and `check`, and who reads the shared history in CI."""

import json
import shlex
import subprocess
import sys
from contextlib import closing

import pytest

from perfgate.cli.history.git import own_command
from perfgate.history.store import open_history
from perfgate.testing import seeded_run
from tests.support.command import BRIEF

CI = {"CI": "true", "GITHUB_REF_NAME": "main"}
PULL_REQUEST = {"CI": "true", "GITHUB_BASE_REF": "main", "GITHUB_HEAD_REF": "feature", "GITHUB_REF_NAME": "7/merge"}


def git(folder, *arguments):
    return subprocess.run(
        ["git", "-C", folder, "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", *arguments],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.fixture
def repository(folder):
    """The folder as a clone of a bare repository beside it."""
    remote = folder.parent / f"{folder.name}.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / ".gitignore").write_text("/.perfgate/\n__pycache__/\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "First")
    git(folder, "remote", "add", "origin", str(remote))
    git(folder, "push", "--quiet", "origin", "main")
    return folder


@pytest.fixture
def own_branch(repository):
    with (repository / "perfgate.toml").open("a") as file:
        file.write('[history]\nbranch = "perfgate-history"\n')
    return repository


def keep(folder, *numbers, path=".perfgate/local.db", **options):
    with closing(open_history(folder / path, create=True)) as history:
        for number in numbers:
            history.save_run(seeded_run(number=number, seed=number, **options))


def published(folder, branch="main"):
    return git(folder, "ls-remote", "origin", f"refs/heads/{branch}").split()[:1]


def test_publishing_says_what_landed_where_and_the_second_time_that_all_is_there(perfgate_process, repository):
    keep(repository, 0, 1)
    done = perfgate_process("history", "publish")
    assert done.code == 0, done.err
    assert "Published 2 runs of .perfgate/local.db to history/perfgate.db on origin/main as " in done.out
    before = published(repository)
    again = perfgate_process("history", "publish")
    assert "has every run" in again.out
    assert published(repository) == before
    assert git(repository, "status", "--porcelain") == ""


def test_publishing_outside_of_a_repository_says_so(perfgate, folder):
    keep(folder, 0)
    done = perfgate("history", "publish")
    assert done.code == 2
    assert "not a git repository" in done.err
    assert "Hint: Run it inside a clone" in done.err


@pytest.mark.parametrize("variables", [PULL_REQUEST, {**CI, "GITHUB_REF_NAME": "feature"}])
def test_in_ci_only_the_default_branch_publishes(perfgate, repository, variables):
    git(repository, "checkout", "--quiet", "--detach")
    keep(repository, 0, path="history/perfgate.db")
    before = published(repository)
    done = perfgate("history", "publish", **variables)
    assert (done.code, published(repository)) == (0, before)
    assert "Nothing is published" in done.out


@pytest.mark.parametrize("branch", ["main", "perfgate-history"])
def test_a_gate_on_the_default_branch_is_published_and_read_by_the_next_pull_request(perfgate, repository, branch):
    if branch != "main":
        with (repository / "perfgate.toml").open("a") as file:
            file.write(f'[history]\nbranch = "{branch}"\n')
    first = perfgate("gate", *BRIEF, "-q", **PULL_REQUEST)
    assert first.code == 0, first.err
    assert f"There is no history/perfgate.db on origin/{branch} yet: this is a first run." in first.err
    git(repository, "checkout", "--quiet", "--detach")
    assert perfgate("gate", *BRIEF, "-q", **CI).code == 0
    done = perfgate("history", "publish", **CI)
    assert f"Published 1 run of history/perfgate.db to history/perfgate.db on origin/{branch}" in done.out
    (repository / "history/perfgate.db").unlink()
    before = git(repository, "status", "--porcelain")
    request = perfgate("gate", *BRIEF, "--json", "-", "-q", **PULL_REQUEST)
    assert json.loads(request.out)["base"] is not None
    assert "first run" not in request.err
    assert git(repository, "status", "--porcelain") == before
    assert not (repository / "history/perfgate.db").exists()


def test_a_pull_request_is_compared_with_the_base_branch_and_not_with_its_own_copy(perfgate, repository):
    keep(repository, *range(8), path="history/perfgate.db")
    git(repository, "add", "history")
    git(repository, "commit", "--quiet", "--message", "Add the history")
    git(repository, "push", "--quiet", "origin", "main")
    (repository / "history/perfgate.db").unlink()
    keep(repository, *range(8), path="history/perfgate.db", change=1.5)
    keep(repository, 9, change=1.5)
    assert perfgate("compare").code == 0
    assert perfgate("compare", **PULL_REQUEST).code == 1


def test_a_remote_that_cannot_be_asked_is_said_and_the_checkout_read(perfgate, repository):
    keep(repository, *range(8), path="history/perfgate.db")
    keep(repository, 9, change=1.5)
    git(repository, "remote", "set-url", "origin", str(repository / "nowhere.git"))
    done = perfgate("compare", **PULL_REQUEST)
    assert done.code == 1
    assert "The shared history cannot be had" in done.err


def test_outside_of_ci_a_history_of_its_own_branch_is_read_as_it_was_last_fetched(perfgate, own_branch):
    keep(own_branch, *range(3), path="other.db")
    perfgate("history", "publish", "other.db")
    assert perfgate("history", "list").code == 2
    git(own_branch, "fetch", "--quiet", "origin")
    assert len(perfgate("history", "list").out.splitlines()) == 5


def test_setting_up_git_says_what_was_done_and_then_nothing(perfgate_process, repository):
    done = perfgate_process("history", "setup-git")
    assert done.code == 0, done.err
    attributes = (repository / ".gitattributes").read_text()
    assert "history/perfgate.db -filter -text diff=perfgate merge=perfgate" in attributes
    assert "merge.perfgate.driver" in done.out
    assert perfgate_process("history", "setup-git").out == "All is set up already.\n"


def test_histories_are_merged_by_the_command(perfgate_process, folder):
    keep(folder, 0, 1, path="a.db")
    keep(folder, 1, 2, path="b.db")
    done = perfgate_process("history", "merge", "a.db", "b.db", "-o", "c.db")
    assert (done.code, done.err) == (0, "c.db: 1 added (runs)\n")
    assert perfgate_process("history", "merge", "a.db", "b.db", "-o", "c.db").code == 2
    assert "every run already" in perfgate_process("history", "merge", "c.db", "a.db").err
    assert len(perfgate_process("history", "list", "--history", "c.db").out.splitlines()) == 5


def test_a_sound_history_is_said_to_be_and_a_damaged_one_lists_its_faults(perfgate_process, folder):
    keep(folder, *range(3))
    assert perfgate_process("history", "check").out == ".perfgate/local.db: sound\n"
    (folder / "bad.db").write_bytes((folder / ".perfgate/local.db").read_bytes())
    with (folder / "bad.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 20_000)
    done = perfgate_process("history", "check", "bad.db")
    assert done.code == 2
    assert "not sound" in done.err or "damaged" in done.err
    assert "Hint: Restore" in done.err
    assert len(done.err.splitlines()) < 24


def test_checking_where_there_is_nothing_to_check_is_an_error(perfgate):
    assert perfgate("history", "check").code == 2


def test_pruning_reports_what_it_saves(perfgate_process, folder):
    keep(folder, *range(6), path="history/perfgate.db")
    rehearsed = perfgate_process("history", "prune", "--keep", "2", "--dry-run")
    assert "4 of 6 runs and 0 histograms of other runs would go" in rehearsed.out
    done = perfgate_process("history", "prune", "--keep", "2")
    assert "4 of 6 runs" in done.out
    assert "saved" in done.out
    assert "nothing to prune" in perfgate_process("history", "prune", "--keep", "2").out


def test_pruning_leaves_the_run_of_the_pinned_release_and_those_next_to_it(perfgate, folder):
    keep(folder, *range(6), path="history/perfgate.db")
    first = seeded_run(number=0, seed=0)
    text = (folder / "perfgate.toml").read_text() if (folder / "perfgate.toml").exists() else ""
    (folder / "perfgate.toml").write_text(f'release = "{first.record.commit[:10]}"\n{text}')
    done = perfgate("history", "prune", "--keep", "2")
    assert "1 of 6 runs" in done.out
    assert f"The run of the release {first.record.commit[:10]}, and those next to it, stay in any case." in done.out
    with open_history(folder / "history/perfgate.db", create=False) as history:
        assert [run.record.seed for run in history.runs()] == [5, 4, 2, 1, 0]


def test_nothing_is_pruned_where_nobody_knows_which_run_is_that_of_the_release(perfgate, folder):
    keep(folder, *range(6), path="history/perfgate.db")
    (folder / "perfgate.toml").write_text('release = "v1.2.0"\n')
    done = perfgate("history", "prune", "--keep", "2")
    assert done.code == 2
    assert "neither git nor the history knows the release v1.2.0" in done.err
    assert "git fetch --tags" in done.err
    with open_history(folder / "history/perfgate.db", create=False) as history:
        assert len(history.runs()) == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--keep"),
        (["--older-than", "3d"], "nothing was said"),
        (["--keep", "1", "--older-than", "3d"], "--thin"),
        (["--since", "yesterday"], "2026-01-31"),
        (["--since", "999999999y"], "2026-01-31"),
        (["--keep", "0"], "--keep"),
    ],
)
def test_pruning_without_a_clear_word_prunes_nothing(perfgate, folder, arguments, said):
    keep(folder, 0, path="history/perfgate.db")
    before = (folder / "history/perfgate.db").read_bytes()
    done = perfgate("history", "prune", *arguments)
    assert done.code == 2
    assert said in done.err
    assert (folder / "history/perfgate.db").read_bytes() == before


def test_without_perfgate_on_the_path_git_calls_it_by_its_module(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert own_command() == f"{shlex.quote(sys.executable)} -m perfgate"
