"""Work trees of commits: checked out beside the person's own, which stays as it is, and removed whatever happens."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

import perfgate
from perfgate.errors import UsageError
from perfgate.git import checkout_of
from perfgate.service.commits.worktree import Worktree, sweep_worktrees
from perfgate.service.owner import this_process
from tests.support.repository import Repository, own_folders

HOUSE = Path(perfgate.__file__).parent.parent


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made: not the common place, which everybody sweeps who measures on this machine."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def repository(tmp_path: Path, temporary: Path) -> Repository:
    """One with two commits, where every hook that could run leaves a file."""
    repository = Repository(tmp_path / "service", name="first")
    repository.commit(name="second")
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        place = repository.folder / ".git/hooks" / hook
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\ntouch '{tmp_path}/hook ran'\n")
        place.chmod(0o755)
    return repository


def test_a_commit_is_checked_out_beside_the_work_tree_and_removed(repository: Repository) -> None:
    (repository.folder / "name").write_text("not committed")
    before = repository.state()
    with Worktree(repository.checkout, repository.first) as tree:
        assert (tree.folder / "name").read_text() == "first"
        assert tree.folder.name == "service"
        assert repository.worktrees() == [str(repository.folder), str(tree.folder)]
        during = repository.state()
        assert {name: during[name] for name in before} == before
    assert repository.state() == before
    assert repository.worktrees() == [str(repository.folder)]
    assert not own_folders()
    assert not (repository.folder.parent / "hook ran").exists()
    tree.remove()


def test_two_stand_side_by_side(repository: Repository) -> None:
    checkout = repository.checkout
    with Worktree(checkout, repository.first) as one, Worktree(checkout, repository.git("rev-parse", "HEAD")) as other:
        assert [(tree.folder / "name").read_text() for tree in (one, other)] == ["first", "second"]
        one.remove()
        assert repository.worktrees() == [str(repository.folder), str(other.folder)]
    assert repository.worktrees() == [str(repository.folder)]


def test_it_begins_anywhere_in_the_repository_and_in_a_linked_work_tree(repository: Repository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "other")
    linked = Repository.__new__(Repository)
    linked.folder, linked.environment = tmp_path / "linked", repository.environment
    with Worktree(linked.checkout, repository.first) as tree:
        assert (tree.folder / "name").read_text() == "first"
    assert repository.worktrees() == [str(repository.folder), str(tmp_path / "linked")]


def test_it_works_from_within_a_hook(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    before = repository.state()
    repository.environment |= {"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index"}
    with Worktree(repository.checkout, repository.first) as tree:
        assert (tree.folder / "name").read_text() == "first"
    assert repository.state() == before


def test_what_the_service_left_in_it_goes_too(repository: Repository) -> None:
    with Worktree(repository.checkout, repository.first) as tree:
        (tree.folder / "name").write_text("changed")
        (tree.folder / "modules/kept").mkdir(parents=True)
        (tree.folder / "modules/kept/file").touch()
        (tree.folder / "modules/kept").chmod(0o500)
        (tree.folder / "modules").chmod(0o500)
    assert not own_folders()


def test_one_whose_folder_is_gone_is_removed_all_the_same(repository: Repository) -> None:
    with Worktree(repository.checkout, repository.first) as tree:
        shutil.rmtree(tree.folder)
    assert repository.worktrees() == [str(repository.folder)]
    assert not own_folders()


def test_a_commit_that_cannot_be_checked_out_leaves_nothing(repository: Repository) -> None:
    broken = repository.commit(**{".gitattributes": "broken filter=broken\n", "broken": "x"})
    repository.git("config", "filter.broken.smudge", "false")
    repository.git("config", "filter.broken.required", "true")
    before = repository.state()
    with pytest.raises(UsageError, match="`git worktree` failed"):
        Worktree(repository.checkout, broken)
    assert repository.state() == before
    assert not own_folders()


def abandoned(repository: Repository) -> Path:
    """The folder of a work tree whose owner has ended without a word."""
    code = f"""
import os
from pathlib import Path
from perfgate.git import checkout_of
from perfgate.service.commits.worktree import Worktree
print(Worktree(checkout_of(Path.cwd(), os.environ), "{repository.first}").folder, flush=True)
os._exit(1)
"""
    environment = {**repository.environment, "PYTHONPATH": str(HOUSE)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository.folder, env=environment, stdout=subprocess.PIPE, check=False
    )
    return Path(done.stdout.decode().strip())


def test_what_a_killed_owner_left_is_swept_and_nothing_else(repository: Repository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "other")
    shutil.rmtree(tmp_path / "linked")  # on a disk that is not there just now: git keeps it, and so do we
    before = repository.state()
    left = abandoned(repository)
    assert (left / "name").read_text() == "first"
    with Worktree(repository.checkout, repository.first) as tree:
        sweep_worktrees(repository.checkout)
        assert not left.parent.exists()
        assert (tree.folder / "name").exists()
        assert len(repository.worktrees()) == 3
    assert repository.state() == before


def test_folders_are_swept_whose_repository_is_another(repository: Repository, tmp_path: Path) -> None:
    left = abandoned(repository)
    sweep_worktrees(Repository(tmp_path / "another").checkout)
    assert not left.parent.exists()
    sweep_worktrees(repository.checkout)
    assert repository.worktrees() == [str(repository.folder)]


def test_a_link_that_looks_like_one_leads_to_nothing_that_is_changed(
    repository: Repository, tmp_path: Path, temporary: Path
) -> None:
    theirs = tmp_path / "theirs/shared"
    theirs.mkdir(parents=True)
    theirs.chmod(0o755)
    gone = replace(this_process(), started=1)
    (temporary / f"perfgate-{gone}-x").symlink_to(theirs.parent)
    sweep_worktrees(repository.checkout)
    assert theirs.stat().st_mode & 0o777 == 0o755


class TestSubmodules:
    @pytest.fixture
    def library(self, tmp_path: Path) -> Repository:
        """A submodule with a submodule."""
        inner = Repository(tmp_path / "remotes/inner", inner="first")
        library = Repository(tmp_path / "remotes/library", library="first")
        library.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), "inner")
        library.commit()
        return library

    @pytest.fixture
    def outer(self, repository: Repository, library: Repository) -> Repository:
        """The repository, with the library as a submodule in its newest commit, checked out."""
        allowed = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
        repository.git(*allowed, "add", str(library.folder), "vendor/library")
        repository.commit()
        repository.git(*allowed, "update", "--init", "--recursive")
        return repository

    def test_they_are_checked_out_from_what_the_clone_has(self, outer: Repository) -> None:
        before = outer.state()
        with Worktree(outer.checkout, outer.git("rev-parse", "HEAD")) as tree:
            assert (tree.folder / "vendor/library/library").read_text() == "first"
            assert (tree.folder / "vendor/library/inner/inner").read_text() == "first"
        with Worktree(outer.checkout, "HEAD~1") as tree:
            assert not (tree.folder / "vendor").exists()
        assert outer.state() == before

    def test_an_older_commit_gets_the_submodule_it_had(self, outer: Repository, library: Repository) -> None:
        older = outer.git("rev-parse", "HEAD")
        library.commit(library="second")
        submodule = outer.folder / "vendor/library"
        for words in (("fetch", "--quiet"), ("checkout", "--quiet", "origin/main")):
            outer.git("-C", str(submodule), *words)
        newer = outer.commit()
        for commit, text in ((older, "first"), (newer, "second")):
            with Worktree(outer.checkout, commit) as tree:
                assert (tree.folder / "vendor/library/library").read_text() == text

    def test_a_clone_that_is_as_deep_as_head_needs_it_gets_that_of_base(
        self, repository: Repository, library: Repository, tmp_path: Path
    ) -> None:
        """As in CI: the repository with two commits, its submodules with one."""
        library.git("config", "uploadpack.allowAnySHA1InWant", "true")
        allowed = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
        repository.git(*allowed, "add", library.folder.as_uri(), "vendor/library")
        base = repository.commit()
        library.commit(library="second")
        repository.git("-C", "vendor/library", "pull", "--quiet")
        head = repository.commit()
        here = tmp_path / "here"
        repository.git("clone", "--quiet", "--depth=2", repository.folder.as_uri(), str(here))
        repository.git("-C", str(here), *allowed, "update", "--init", "--recursive", "--depth=1")
        refs = repository.git("-C", str(here / "vendor/library"), "for-each-ref")
        for commit, text in ((base, "first"), (head, "second")):
            with Worktree(checkout_of(here, repository.environment), commit) as tree:
                assert (tree.folder / "vendor/library/library").read_text() == text
                assert (tree.folder / "vendor/library/inner/inner").read_text() == "first"
                assert repository.git("-C", str(tree.folder / "vendor/library"), "log", "--format=%s").count("\n") == 0
        assert repository.git("-C", str(here / "vendor/library"), "for-each-ref") == refs

    def test_one_that_is_not_checked_out_is_named_with_the_hint(self, outer: Repository) -> None:
        outer.git("submodule", "deinit", "--quiet", "--force", "vendor/library")
        with pytest.raises(UsageError, match="submodule vendor/library") as caught:
            Worktree(outer.checkout, "HEAD")
        assert "`git submodule update --init --recursive -- vendor/library`" in caught.value.hint
        assert "`submodules: recursive`" in caught.value.hint
        assert not own_folders()

    def test_one_whose_commit_is_not_here_is_named_with_the_hint(self, outer: Repository) -> None:
        nowhere = "1234567890" * 4
        outer.git("update-index", "--cacheinfo", f"160000,{nowhere},vendor/library")
        outer.git("commit", "--quiet", "--message", "Point at what nobody has")
        with pytest.raises(UsageError, match="needs commit 123456789012 of the submodule vendor/library") as caught:
            Worktree(outer.checkout, "HEAD")
        assert f"git -C vendor/library fetch origin {nowhere}" in caught.value.hint
        assert outer.worktrees() == [str(outer.folder)]


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_an_interruption_in_the_middle_leaves_nothing(repository: Repository, tmp_path: Path, temporary: Path) -> None:
    started = tmp_path / "started"
    repository.git("config", "filter.slow.smudge", f"sh -c 'touch {started}; sleep 60; cat'")
    slow = repository.commit(**{".gitattributes": "slow filter=slow\n", "slow": "x"})
    code = f"""
import os, signal
from pathlib import Path
from perfgate.git import checkout_of
from perfgate.service.commits.worktree import Worktree
signal.signal(signal.SIGINT, signal.default_int_handler)
Worktree(checkout_of(Path.cwd(), os.environ), "{slow}")
"""
    before = repository.state()
    started.unlink(missing_ok=True)
    environment = {**repository.environment, "PYTHONPATH": str(HOUSE)}
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=repository.folder, env=environment, stderr=subprocess.DEVNULL
    ) as process:
        while not started.exists():
            assert process.poll() is None
        process.send_signal(2)
        assert process.wait(60) != 0
    assert repository.state() == before
    assert not list(temporary.iterdir())
