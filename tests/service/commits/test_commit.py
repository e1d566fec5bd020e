"""Which commit a ref means, and what is said where it means none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from perfgate.errors import ExitCode, UsageError
from perfgate.git import checkout_of
from perfgate.service.commits.commit import find_commit
from tests.support.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "service")


def refused(repository: Repository, ref: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        find_commit(repository.checkout, ref)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


def test_branches_tags_hashes_and_head_mean_their_commits(repository: Repository) -> None:
    repository.git("tag", "--annotate", "--message", "A release", "v1")
    second = repository.commit(name="second")
    found = {ref: find_commit(repository.checkout, ref) for ref in ("main", "HEAD", "HEAD~1", "v1", second[:10], "@^")}
    assert {ref: commit.sha for ref, commit in found.items()} == {
        "main": second,
        "HEAD": second,
        "HEAD~1": repository.first,
        "v1": repository.first,
        second[:10]: second,
        "@^": repository.first,
    }
    assert [found[ref].branch for ref in ("main", "HEAD", "HEAD~1", "@^", "v1", second[:10])] == ["main"] * 4 + [""] * 2


def test_a_detached_head_is_on_no_branch(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--detach")
    assert find_commit(repository.checkout, "HEAD").branch == ""


def test_a_branch_that_only_the_remote_has_is_found_by_its_name(repository: Repository, tmp_path: Path) -> None:
    second = repository.commit(name="second")
    repository.git("branch", "feature/faster")
    clone = Repository(tmp_path / "clone")
    clone.git("remote", "add", "origin", str(repository.folder))
    clone.git("fetch", "--quiet", "origin")
    for ref, sha in (("feature/faster", second), ("feature/faster~1", repository.first), ("origin/main", second)):
        found = find_commit(clone.checkout, ref)
        assert (found.sha, found.branch) == (sha, "main" if "main" in ref else "feature/faster")
    assert find_commit(clone.checkout, "main").sha == clone.first


def test_changes_that_are_not_committed_are_noticed_where_they_would_be_expected(repository: Repository) -> None:
    second = repository.commit(name="second")
    assert not find_commit(repository.checkout, "HEAD").unsaved
    (repository.folder / "name").write_text("third")
    assert find_commit(repository.checkout, "HEAD").unsaved
    assert find_commit(repository.checkout, second).unsaved
    assert not find_commit(repository.checkout, "HEAD~1").unsaved


def test_looking_writes_nothing_into_the_repository(repository: Repository) -> None:
    # A file with another time and the same content makes `git status` refresh the index, where it may.
    os.utime(repository.folder / "name", (1, 1))
    before = repository.state()
    find_commit(repository.checkout, "HEAD")
    assert repository.state() == before


def test_a_ref_that_does_not_exist_is_refused_with_what_was_meant(repository: Repository) -> None:
    repository.git("branch", "develop")
    error = refused(repository, "develp")
    assert (error.message, error.hint) == ("this repository has no commit develp", "did you mean ref:develop?")
    assert refused(repository, "mian~2").hint == "did you mean ref:main~2?"
    assert "git branch --all" in refused(repository, "xyzzy").hint
    assert "not that long" in refused(repository, "HEAD~7").hint
    assert "no commit main:name" in refused(repository, "main:name").message


def test_a_repository_without_a_commit_says_so(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path / "empty", env=repository.environment, check=True)
    with pytest.raises(UsageError, match="has none yet"):
        find_commit(checkout_of(tmp_path / "empty", repository.environment), "HEAD")


@pytest.mark.parametrize("ref", ["base", "v1", "HEAD~1", "SHA"])
def test_a_shallow_clone_says_the_command_that_helps(repository: Repository, tmp_path: Path, ref: str) -> None:
    repository.git("tag", "v1")
    repository.git("branch", "base")
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repository.commit(name="second")
    origin = repository.folder.as_uri()
    repository.git("clone", "--quiet", "--depth=1", "--no-tags", origin, str(tmp_path / "shallow"))
    shallow = checkout_of(tmp_path / "shallow", repository.environment)
    ref = repository.first if ref == "SHA" else ref
    with pytest.raises(UsageError, match="shallow") as caught:
        find_commit(shallow, ref)
    command = caught.value.hint.split("`")[1]
    subprocess.run(command.split(), cwd=shallow.folder, env=repository.environment, check=True, capture_output=True)
    assert find_commit(shallow, ref).sha == repository.first
