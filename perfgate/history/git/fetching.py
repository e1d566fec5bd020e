"""The history as a branch of the remote has it, read without touching the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from perfgate.git import Git
from perfgate.history.git.filtering import refuse_pointer
from perfgate.history.git.publishing import Destination
from perfgate.history.git.scratch_repository import ScratchRepository


@contextmanager
def fetched_history(checkout: Git, source: Destination) -> Iterator[Path]:
    """A file with what the branch has now, there while inside; no file where it has no history yet.

    GitError where the remote cannot be asked, HistoryError where the branch has a pointer of Git LFS instead.
    """
    with ScratchRepository(checkout, source.remote) as scratch:
        copy = scratch.folder / "perfgate.db"
        commit = scratch.fetch(source.branch)
        if commit is not None:
            scratch.read(commit, source.path, copy)
        refuse_pointer(copy, str(source))
        yield copy


@contextmanager
def remembered_history(checkout: Git, source: Destination) -> Iterator[Path]:
    """A file with what the branch had when this clone last fetched it; no file where it had none. Asks no remote.

    HistoryError where it had a pointer of Git LFS instead.
    """
    found = f"refs/remotes/{source.remote}/{source.branch}:{source.path}"
    with TemporaryDirectory(prefix="perfgate-") as folder:
        copy = Path(folder, "perfgate.db")
        if checkout.ask("rev-parse", "--verify", "--quiet", found) is not None:
            with copy.open("wb") as opened:
                checkout.write(opened, "cat-file", "blob", found)
        refuse_pointer(copy, str(source))
        yield copy
