"""commits/snapshot: the checkout as it stands, as git would commit it, with nothing of the person's own touched."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from perfgate.git import GitError
from perfgate.service.commits.snapshot import snapshot
from perfgate.service.commits.worktree import Worktree
from tests.support.repository import Repository, own_folders


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """One where every hook that could run leaves a file."""
    repository = Repository(tmp_path / "service", name="first", old="old", **{".gitignore": "ignored\n"})
    for hook in ("pre-commit", "post-checkout", "post-index-change", "reference-transaction"):
        place = repository.folder / ".git/hooks" / hook
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\ntouch '{tmp_path}/hook ran'\n")
        place.chmod(0o755)
    return repository


def files(repository: Repository) -> dict[str, str]:
    """What a work tree of the snapshot holds."""
    (repository.folder.parent / "hook ran").unlink(missing_ok=True)
    before = repository.state()
    tree = snapshot(repository.checkout)
    with Worktree(repository.checkout, repository.first, tree) as copy:
        found = {
            str(file.relative_to(copy.folder)): file.read_text() for file in copy.folder.rglob("*") if file.is_file()
        }
    assert repository.state() == before
    assert repository.worktrees() == [str(repository.folder)]
    assert not own_folders()
    assert not (repository.folder.parent / "hook ran").exists()
    del found[".git"], found[".gitignore"]
    return found


def test_without_changes_it_is_the_tree_of_the_commit(repository: Repository) -> None:
    assert snapshot(repository.checkout) == repository.git("rev-parse", "HEAD^{tree}")
    (repository.folder / ".perfgate").mkdir()
    (repository.folder / ".perfgate/local.db").write_text("runs")
    assert snapshot(repository.checkout) == repository.git("rev-parse", "HEAD^{tree}")


def test_changes_new_files_and_removed_ones_are_in_it_and_ignored_ones_are_not(repository: Repository) -> None:
    for name in ("name", "new", "ignored"):
        (repository.folder / name).write_text("as it stands")
    (repository.folder / "old").unlink()
    assert files(repository) == {"name": "as it stands", "new": "as it stands"}


def test_what_was_staged_and_changed_again_is_taken_as_it_stands(repository: Repository) -> None:
    (repository.folder / "name").write_text("staged")
    repository.git("add", "name")
    (repository.folder / "name").write_text("changed again")
    assert files(repository)["name"] == "changed again"


def test_a_change_in_the_moment_of_the_commit_is_seen(repository: Repository) -> None:
    """Same size, and same time as git noted: only a look into the file shows it."""
    index = (repository.folder / ".git/index").stat().st_mtime_ns
    noted = (repository.folder / "name").stat().st_mtime_ns
    (repository.folder / "name").write_text("FIRST")
    os.utime(repository.folder / "name", ns=(noted, noted))
    os.utime(repository.folder / ".git/index", ns=(index, noted))
    assert files(repository)["name"] == "FIRST"


def test_modes_and_links_stay(repository: Repository) -> None:
    (repository.folder / "run").write_text("#!/bin/sh")
    (repository.folder / "run").chmod(0o755)
    (repository.folder / "link").symlink_to("name")
    with Worktree(repository.checkout, repository.first, snapshot(repository.checkout)) as copy:
        assert os.access(copy.folder / "run", os.X_OK)
        assert os.readlink(copy.folder / "link") == "name"
        assert repository.checkout.say("rev-parse", "HEAD") == repository.first


def test_it_is_of_the_whole_repository_from_any_folder_and_within_a_hook(repository: Repository) -> None:
    (repository.folder / "below").mkdir()
    (repository.folder / "below/new").write_text("new")
    repository.environment |= {"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/next-index-1.lock"}
    assert snapshot(repository.checkout) != repository.git("rev-parse", "HEAD^{tree}")
    assert not (repository.folder / ".git/next-index-1.lock").exists()


def test_one_of_a_linked_work_tree_is_its_own(repository: Repository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "other")
    linked = Repository.__new__(Repository)
    linked.folder, linked.environment = tmp_path / "linked", repository.environment
    (linked.folder / "name").write_text("linked")
    assert snapshot(linked.checkout) != snapshot(repository.checkout)


def test_line_ends_that_git_would_warn_of_are_no_matter(repository: Repository) -> None:
    repository.git("config", "core.autocrlf", "input")
    repository.git("config", "core.safecrlf", "true")
    (repository.folder / "name").write_bytes(b"one\r\ntwo\r\n")
    assert snapshot(repository.checkout)


def test_another_repository_inside_is_none_of_it_and_an_empty_one_is_named(repository: Repository) -> None:
    inner = repository.folder / "inner"
    shutil.copytree(repository.folder / ".git", inner / ".git", ignore=shutil.ignore_patterns("hooks"))
    assert "name" in files(repository)
    shutil.rmtree(inner)
    repository.git("init", "--quiet", "empty")
    with pytest.raises(GitError, match="'empty/' does not have a commit") as caught:
        snapshot(repository.checkout)
    assert ".gitignore" in caught.value.hint
    assert not own_folders()
