"""`perfgate run` and `history publish` in jobs of GitLab and Jenkins, and at home: real clones of a real repository."""

from contextlib import closing
from dataclasses import replace

import pytest

from perfgate.history.store import open_history
from perfgate.testing import seeded_run
from tests.cli.test_history_in_git import git, keep, published
from tests.support.command import BRIEF

GITLAB = {"CI": "true", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main"}
MERGE_REQUEST = {
    "CI": "true",
    "CI_COMMIT_REF_NAME": "main",  # of a fork that calls its branch so
    "CI_MERGE_REQUEST_IID": "7",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "main",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
}
JENKINS = {"JENKINS_URL": "http://ci.example.com/", "GIT_BRANCH": "origin/main"}
UNNAMED = {"CI": "true"}


@pytest.fixture
def repository(folder):
    """The folder as a clone of a bare repository, on main, with a configuration that is committed."""
    remote = folder.parent / f"{folder.name}.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / ".gitignore").write_text(".perfgate/\n__pycache__/\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "First")
    git(folder, "remote", "add", "origin", str(remote))
    git(folder, "push", "--quiet", "origin", "main")
    return folder


def keep_with(folder, number, **facts):
    """Keep a run with these facts in its record."""
    run = seeded_run(number=number, seed=number)
    with closing(open_history(folder / ".perfgate/local.db", create=True)) as history:
        history.save_run(replace(run, record=replace(run.record, **facts)))


def branches(path):
    with closing(open_history(path, create=False)) as history:
        return [run.record.branch for run in history.runs()]


@pytest.mark.parametrize("variables", [GITLAB, JENKINS])
def test_a_run_on_the_default_branch_is_published_though_head_is_detached(perfgate, repository, variables):
    git(repository, "checkout", "--quiet", "--detach")
    assert perfgate("run", *BRIEF, "-q", **variables).code == 0
    assert branches(repository / "history/perfgate.db") == ["main"]
    done = perfgate("history", "publish", **variables)
    assert "Published 1 run of history/perfgate.db to history/perfgate.db on origin/main" in done.out
    git(repository, "checkout", "--quiet", "main")
    (repository / "history/perfgate.db").unlink()
    git(repository, "pull", "--quiet", "origin", "main")
    assert branches(repository / "history/perfgate.db") == ["main"]


def test_a_run_in_ci_is_read_there_though_the_history_has_a_branch_of_its_own(perfgate, repository):
    with (repository / "perfgate.toml").open("a") as file:
        file.write('[history]\nbranch = "perfgate-history"\n')
    keep(repository, 0, path="history/perfgate.db")
    assert "create_pet" in perfgate("history", "show", "latest", **UNNAMED).out


def test_a_run_in_ci_on_the_branch_itself_goes_where_publish_looks(perfgate, repository):
    assert perfgate("run", *BRIEF, "-q", **UNNAMED).code == 0
    assert "Published 1 run of history/perfgate.db" in perfgate("history", "publish", **UNNAMED).out


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        (MERGE_REQUEST, "this job is for a pull request"),
        ({**GITLAB, "CI_COMMIT_BRANCH": "feature"}, "in CI only runs of main are, and this is feature"),
        (UNNAMED, "in CI only runs of main are, and neither git nor CI says which branch this is; `git switch main`"),
    ],
)
def test_what_is_not_of_the_default_branch_is_not_published_and_says_why(perfgate, repository, variables, why):
    git(repository, "checkout", "--quiet", "--detach")
    keep(repository, 0, path="history/perfgate.db")
    before = published(repository)
    done = perfgate("history", "publish", **variables)
    assert (done.code, published(repository)) == (0, before)
    assert f"Nothing is published: {why}" in " ".join(done.out.split())


def test_a_merge_request_keeps_its_runs_to_itself_and_reads_those_of_its_target(perfgate, repository):
    keep(repository, 0, 1)
    assert perfgate("history", "publish").code == 0
    git(repository, "checkout", "--quiet", "--detach")
    listed = perfgate("history", "list", **MERGE_REQUEST)
    assert listed.out.count("main") == 2
    assert not (repository / "history/perfgate.db").exists()


def test_a_job_that_measured_nothing_is_warned(perfgate, repository):
    missing = perfgate("history", "publish", **GITLAB)
    assert missing.code == 2
    assert "nothing was measured into it" in missing.err
    assert "--history" not in missing.err
    keep(repository, 0)
    assert perfgate("history", "publish").code == 0
    git(repository, "pull", "--quiet", "origin", "main")
    git(repository, "checkout", "--quiet", "--detach")
    done = perfgate("history", "publish", **GITLAB)
    assert done.code == 0
    assert "Warning: nothing was measured into history/perfgate.db since it was checked out" in done.err


def test_runs_without_a_branch_are_published_with_a_warning(perfgate, repository):
    keep_with(repository, 0, branch="")
    done = perfgate("history", "publish")
    assert "Published 1 run" in done.out
    assert "Warning: the newest run of .perfgate/local.db is of no branch" in done.err
    assert "`git switch main` before measuring" in done.err
    keep(repository, 1)
    assert "of no branch" not in perfgate("history", "publish").err


def test_what_was_measured_with_uncommitted_changes_stays_here_unless_the_file_is_named(perfgate, repository):
    keep(repository, 0)
    keep_with(repository, 1, dirty=True)
    done = perfgate("history", "publish")
    assert "Published 1 run of" in done.out
    assert "`git pull` brings the history here" in done.out
    assert "1 run with uncommitted changes stayed here; `perfgate history publish .perfgate/local.db`" in done.err
    again = perfgate("history", "publish")
    assert "has every other run of .perfgate/local.db already" in again.out
    assert "Published 1 run of" in perfgate("history", "publish", ".perfgate/local.db").out


def test_publishing_before_anything_was_measured_says_what_makes_a_run(perfgate, repository):
    done = perfgate("history", "publish")
    assert done.code == 2
    assert "nothing was measured in this checkout yet" in done.err
    assert "--history" not in done.err


def test_merging_what_is_published_and_not_pulled_says_so(perfgate, repository):
    keep(repository, 0)
    assert perfgate("history", "publish").code == 0
    merge = ("history", "merge", "history/perfgate.db", ".perfgate/local.db", "-o", "both.db")
    done = perfgate(*merge)
    assert done.code == 2
    assert "history/perfgate.db: is not there" in done.err
    assert "`git pull` brings it" in done.err
    assert "--history" not in done.err
    git(repository, "pull", "--quiet", "origin", "main")
    assert perfgate(*merge).code == 0


def test_each_service_of_a_monorepo_keeps_its_runs_beside_its_configuration(perfgate, repository):
    configuration = (repository / "perfgate.toml").read_text()
    for service in ("shop", "billing"):
        (repository / service).mkdir()
        (repository / service / "perfgate.toml").write_text(
            f'{configuration}\n[history]\nfile = "{service}/history/perfgate.db"\n'
        )
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Two services")
    git(repository, "push", "--quiet", "origin", "main")
    assert perfgate("run", *BRIEF, "-q", "--config", "shop/perfgate.toml").code == 0
    assert branches(repository / "shop/.perfgate/local.db") == ["main"]
    assert not (repository / ".perfgate/local.db").exists()
    other = perfgate("history", "publish", "--config", "billing/perfgate.toml")
    assert other.code == 2
    assert "billing/.perfgate/local.db: nothing was measured" in other.err
    done = perfgate("history", "publish", "--config", "shop/perfgate.toml")
    assert "to shop/history/perfgate.db on origin/main" in done.out
    assert perfgate("history", "list", "--config", "billing/perfgate.toml").code == 2
    assert "create_pet" in perfgate("history", "list", "--config", "shop/perfgate.toml").out
