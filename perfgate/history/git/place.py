"""Where a history lies in its repository."""

from __future__ import annotations

from pathlib import Path

from perfgate.errors import HistoryError
from perfgate.git import Git


def path_in_tree(checkout: Git, file: Path) -> str:
    """The path of a file as git writes it. HistoryError for a file outside of the work tree."""
    try:
        return file.resolve().relative_to(checkout.folder.resolve()).as_posix()
    except ValueError:
        raise HistoryError(
            f"{file}: lies outside of the repository {checkout.folder}",
            'Name a file inside of it: file = "history/perfgate.db" under [history] in perfgate.toml.',
        ) from None
