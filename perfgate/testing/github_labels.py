"""What the fake GitHub knows of labels: who put them on the pull request, who may write, and who pushed when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from perfgate.units import format_second

_EVENTS = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)/events")
_ACTIVITY = re.compile(r"/repos/([^/]+/[^/]+)/activity")
_PERMISSION = re.compile(r"/repos/([^/]+/[^/]+)/collaborators/([^/]+)/permission")
_COLOR = "d4c5f9"


class FakeLabels:
    """Labels, pushes and permissions, as GitHub's interface shows them. Times are Unix seconds.

    roles: what people may do, by login: "admin", "write", "read" or "none"; "read" where it names nobody.
    """

    def __init__(self, repository: str, number: int) -> None:
        self.roles: dict[str, str] = {}
        self._repository = repository
        self._number = number
        self._names: list[str] = []
        self._events: list[dict[str, Any]] = []
        self._pushes: dict[str, list[dict[str, Any]]] = {}

    def put(self, name: str, login: str | None, at: float) -> None:
        """Somebody puts a label on the pull request. login: None for an account that is gone."""
        self._names.append(name)
        self._happened("labeled", name, login, at)

    def take_off(self, name: str, login: str, at: float) -> None:
        """Somebody takes it off."""
        self._names.remove(name)
        self._happened("unlabeled", name, login, at)

    def push(self, repository: str, branch: str, commit: str, at: float) -> None:
        """A branch moves to a commit. repository: "owner/name", also of a fork."""
        moves = self._pushes.setdefault(repository, [])
        before = moves[0]["after"] if moves else "0" * 40
        move = {
            "id": len(moves) + 1,
            "node_id": f"PUSH_{len(moves) + 1}",
            "before": before,
            "after": commit,
            "ref": f"refs/heads/{branch}",
            "timestamp": _written(at),
            "activity_type": "push",
            "actor": user(repository.partition("/")[0]),
        }
        moves.insert(0, move)

    def shown(self) -> dict[str, Any]:
        """What a pull request says of its labels; nothing where nobody ever put one there."""
        return {"labels": [_label(number, name) for number, name in enumerate(self._names, 1)]} if self._events else {}

    def listed(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]] | None:
        """The events of the pull request, or the newest moves of a branch first; None of other paths."""
        if (match := _EVENTS.fullmatch(path)) and (match[1], int(match[2])) == (self._repository, self._number):
            return self._events
        if (match := _ACTIVITY.fullmatch(path)) and match[1] in self._pushes:
            wanted = query.get("ref", "")
            return [move for move in self._pushes[match[1]] if not wanted or move["ref"] == wanted]
        return None

    def permission(self, path: str) -> dict[str, Any]:
        """What somebody may do in the repository; nothing of other paths."""
        match = _PERMISSION.fullmatch(path)
        if match is None or match[1] != self._repository:
            return {}
        role = self.roles.get(unquote(match[2]), "read")
        return {"permission": role, "role_name": role, "user": None}

    def _happened(self, event: str, name: str, login: str | None, at: float) -> None:
        number = len(self._events) + 1
        self._events.append(
            {
                "id": number,
                "node_id": f"LE_{number}",
                "url": f"https://api.github.com/repos/{self._repository}/issues/events/{number}",
                "actor": None if login is None else user(login),
                "event": event,
                "commit_id": None,
                "commit_url": None,
                "created_at": _written(at),
                "performed_via_github_app": None,
                "label": {"name": name, "color": _COLOR},
            }
        )


def _label(number: int, name: str) -> dict[str, Any]:
    return {
        "id": number,
        "node_id": f"LA_{number}",
        "url": f"https://api.github.com/labels/{quote(name)}",
        "name": name,
        "description": None,
        "color": _COLOR,
        "default": False,
    }


def _written(at: float) -> str:
    return format_second(at).replace(" ", "T") + "Z"


_USER_PAGES = (
    "events_url",
    "followers_url",
    "following_url",
    "gists_url",
    "organizations_url",
    "received_events_url",
    "repos_url",
    "starred_url",
    "subscriptions_url",
)


def user(login: str) -> dict[str, Any]:
    """A user with all that GitHub's description of its interface asks for."""
    name = quote(login)
    url = f"https://api.github.com/users/{name}"
    return {
        "login": login,
        "id": 41898282,
        "node_id": "MDM6Qm90NDE4OTgyODI=",
        "avatar_url": "https://avatars.githubusercontent.com/in/15368",
        "gravatar_id": "",
        "url": url,
        "html_url": f"https://github.com/{name}",
        **{page: f"{url}/{page.removesuffix('_url')}" for page in _USER_PAGES},
        "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False,
    }
