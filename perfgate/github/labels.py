"""The label of a pull request that accepts what a gate found: who put it there, when, and whether they may.

GitHub is asked for all of it. What an event file says is a picture of the moment in which it was written, and the
dates of a commit are what its author's machine says. So the time of a push is the one at which the branch moved: a
commit that was made before the label may have been pushed after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from perfgate.errors import GithubError
from perfgate.github.api import Api, Item
from perfgate.github.put_label import PutLabel
from perfgate.units import parse_timestamp

# Of the base roles to which GitHub maps all others: `maintain` is `write` here, and `triage` is `read`.
_MAY = ("admin", "write")
_AGAIN = "take the label off and put it there again, if it is meant for that commit, too"
_SOMEBODY = "somebody who may write to the repository takes it off and puts it there again"
_ENTRY = "write an [[accept]] into perfgate.toml instead"


class LabelError(GithubError):
    """The label is there, and accepts nothing."""


@dataclass(frozen=True)
class MeasuredPull:
    """A pull request as it was measured.

    repository: "owner/name" of the one that it goes to.
    number: of the pull request.
    commit: its newest then.
    """

    repository: str
    number: int
    commit: str


@dataclass(frozen=True)
class _Head:
    """The head of a pull request. repository: "owner/name"; "" where it was deleted."""

    repository: str
    branch: str
    commit: str


def read_label(api: Api, measured: MeasuredPull, label: str) -> PutLabel | None:
    """The label of a pull request; None where it has no such label.

    GithubError where it accepts nothing: it was put there for another commit, or by somebody who may not write, or
    GitHub does not tell.
    """
    repository, commit = measured.repository, measured.commit
    pull = api.get(f"/repos/{repository}/pulls/{measured.number}", "tell which labels the pull request has")
    if not any(_is(one, label) for one in _dicts(pull.get("labels"))):
        return None
    head = _head_of(pull)
    if head.commit != commit:
        message = f"{commit[:7]} was measured, and the pull request is at {head.commit[:7]} by now"
        raise LabelError(message, "its own run looks at the label")
    put = _put(api, measured, label)
    role = _role(api, repository, put.by)
    if role not in _MAY:
        raise LabelError(f"{put.by} put it there, who may not write to the repository (but {role})", _SOMEBODY)
    if put.put_at <= _pushed_at(api, head):
        raise LabelError(f"{put.by} put it there before {commit[:7]} was pushed", _AGAIN)
    return put


def _put(api: Api, measured: MeasuredPull, label: str) -> PutLabel:
    """Who put it there last, and when."""
    path = f"/repos/{measured.repository}/issues/{measured.number}/events"
    events = api.pages(path, "tell who put the label there")
    found = [event for event in events if event.get("event") == "labeled" and _is(event.get("label"), label)]
    if not found:
        raise LabelError("GitHub does not tell who put it there: was it renamed?", _SOMEBODY)
    last = max(found, key=_time)
    by = _at(last, "actor", "login")
    if not isinstance(by, str) or not by:
        raise LabelError("the account of who put it there is gone", _SOMEBODY)
    return PutLabel(label, by, _time(last), measured.commit)


def _role(api: Api, repository: str, login: str) -> str:
    """What somebody may do in the repository: "admin", "write", "read" or "none"."""
    path = f"/repos/{repository}/collaborators/{quote(login, safe='')}/permission"
    role = api.get(path, f"tell what {login} may do in the repository").get("permission")
    return role if isinstance(role, str) else "none"


def _pushed_at(api: Api, head: _Head) -> float:
    """When the branch last moved to its commit (Unix time, s)."""
    if not head.repository:
        raise LabelError("the repository that the pull request comes from is gone", _ENTRY)
    what = f"tell when {head.commit[:7]} was pushed to {head.repository}"
    moves = api.newest(f"/repos/{head.repository}/activity", what, {"ref": f"refs/heads/{head.branch}"})
    times = [_time(move, "timestamp") for move in moves if move.get("after") == head.commit]
    if not times:
        raise LabelError(f"GitHub does not tell when {head.commit[:7]} was pushed to {head.repository}", _ENTRY)
    return max(times)


def _time(item: Item, key: str = "created_at") -> float:
    try:
        return parse_timestamp(str(item.get(key)))
    except ValueError:
        raise GithubError(f"the answer of GitHub has no time in {key}") from None


def _head_of(pull: Item) -> _Head:
    found = (_at(pull, "head", *keys) for keys in (("repo", "full_name"), ("ref",), ("sha",)))
    return _Head(*(text if isinstance(text, str) else "" for text in found))


def _is(label: Any, name: str) -> bool:
    """Whether that is the label of this name, whose case GitHub ignores."""
    found = _at(label, "name")
    return isinstance(found, str) and found.casefold() == name.casefold()


def _dicts(items: Any) -> Iterator[Mapping[str, Any]]:
    yield from (item for item in items if isinstance(item, dict)) if isinstance(items, list) else ()


def _at(item: Any, *keys: str) -> Any:
    for key in keys:
        item = item.get(key) if isinstance(item, dict) else None
    return item
