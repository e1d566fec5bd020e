"""git keeps a history as it is: with a filter, such as that of Git LFS, it could be neither merged nor published."""

from __future__ import annotations

from pathlib import Path

from perfgate.errors import HistoryError
from perfgate.git import Git
from perfgate.history.opening import is_pointer

_NO_FILTER = ("unspecified", "unset")
_KEEP_AS_IT_IS = (
    "Keep it as it is: `git lfs pull`, then `perfgate history setup-git`, which writes the line of .gitattributes, "
    "then `git add --renormalize` with its path; commit and push both."
)


def refuse_filter(checkout: Git, path: str) -> None:
    """HistoryError where git would put a file at this path of the work tree through a filter."""
    name = checkout.say("check-attr", "filter", "--", path).rpartition(": ")[2]
    if name not in _NO_FILTER:
        raise HistoryError(f"{path}: .gitattributes has the filter {name} for it", _KEEP_AS_IT_IS)


def refuse_pointer(copy: Path, place: str) -> None:
    """HistoryError where a branch has a pointer of Git LFS instead of its history.

    copy: the file as it was read there; it may be missing. place: where that is, in words.
    """
    if copy.exists() and is_pointer(copy):
        raise HistoryError(f"{place}: is a Git LFS pointer, not the history itself", _KEEP_AS_IT_IS)
