"""The issues of the fake GitHub: listed by state, author and time, opened, edited, closed, commented on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from perfgate.testing.github_labels import user

_LIMITS = {"title": 256, "body": 65_536}
_ISSUES = re.compile(r"/repos/([^/]+/[^/]+)/issues")
_ISSUE = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)")
_COMMENTS = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)/comments")
_DOCS = "https://docs.github.com/rest"
_FIRST = 101


class FakeIssues:
    """Issues, apart from the pull request, which is one too.

    repository: "owner/name". login: the user of the token.
    permitted: whether the token may write. enabled: whether the repository has issues.
    now: when what happens next happens, as GitHub writes a time.
    all: the issues, the newest last. comments: on them, by number.
    """

    def __init__(self, repository: str, login: str) -> None:
        self.repository = repository
        self.login = login
        self.permitted = True
        self.enabled = True
        self.now = "2026-06-01T00:00:00Z"
        self.all: list[dict[str, Any]] = []
        self.comments: dict[int, list[dict[str, Any]]] = {}

    @property
    def open(self) -> list[dict[str, Any]]:
        return [issue for issue in self.all if issue["state"] == "open"]

    def add(self, title: str, body: str, login: str | None = None) -> dict[str, Any]:
        """An open issue; by `login`, else by the user of the token."""
        number = _FIRST + len(self.all)
        url = f"https://api.github.com/repos/{self.repository}/issues/{number}"
        issue: dict[str, Any] = {
            "id": number,
            "node_id": f"I_{number}",
            "number": number,
            "title": title,
            "body": body,
            "state": "open",
            "state_reason": None,
            "user": user(login or self.login),
            "labels": [],
            "assignee": None,
            "milestone": None,
            "locked": False,
            "comments": 0,
            "closed_at": None,
            "created_at": self.now,
            "updated_at": self.now,
            "author_association": "NONE",
            "url": url,
            "repository_url": f"https://api.github.com/repos/{self.repository}",
            "html_url": f"https://github.com/{self.repository}/issues/{number}",
            **{f"{part}_url": f"{url}/{part}" for part in ("comments", "events")},
            "labels_url": f"{url}/labels{{/name}}",
        }
        self.all.append(issue)
        return issue

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> tuple[int, Any] | None:
        """Status and body; a list is one to be parted into pages. None for a request that is about no issue."""
        number = self._number(path)
        if not number and not ((match := _ISSUES.fullmatch(path)) and match[1] == self.repository):
            return None
        if not self.enabled:
            return 410, {"message": "Issues has been disabled in this repository.", "documentation_url": _DOCS}
        if method == "GET":
            return (200, self.comments.get(number, [])) if number else (200, self._listed(query))
        if not self.permitted:
            return 403, {"message": "Resource not accessible by integration", "documentation_url": _DOCS}
        too_long = next((part for part, most in _LIMITS.items() if len(body.get(part) or "") > most), "")
        if too_long:
            message = f"{too_long} is too long (maximum is {_LIMITS[too_long]} characters)"
            error = {"resource": "Issue", "code": "custom", "field": too_long, "message": message}
            return 422, {"message": "Validation Failed", "errors": [error], "documentation_url": _DOCS}
        if not number:
            return 201, self.add(body["title"], body["body"])
        if _COMMENTS.fullmatch(path):
            return 201, self._comment(number, body["body"])
        return 200, self._changed(number, body)

    def _number(self, path: str) -> int:
        """The issue that a request is about; 0 for none of these."""
        match = _COMMENTS.fullmatch(path) or _ISSUE.fullmatch(path)
        number = int(match[2]) if match and match[1] == self.repository else 0
        return number if _FIRST <= number < _FIRST + len(self.all) else 0

    def _listed(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """The newest first, as GitHub has them."""
        wanted = query.get("state", "open")
        return [
            issue
            for issue in reversed(self.all)
            if wanted in ("all", issue["state"])
            and query.get("creator", issue["user"]["login"]) == issue["user"]["login"]
            and issue["updated_at"] >= query.get("since", "")
        ]

    def _changed(self, number: int, change: Mapping[str, Any]) -> dict[str, Any]:
        issue = self.all[number - _FIRST]
        issue.update(change)
        issue["updated_at"] = self.now
        issue["closed_at"] = self.now if issue["state"] == "closed" else None
        return issue

    def _comment(self, number: int, body: str) -> dict[str, Any]:
        of_issue = self.comments.setdefault(number, [])
        url = f"{self.all[number - _FIRST]['url']}/comments/{len(of_issue) + 1}"
        comment = {
            "id": len(of_issue) + 1,
            "node_id": f"IC_{number}_{len(of_issue) + 1}",
            "url": url,
            "html_url": f"https://github.com/{self.repository}/issues/{number}#issuecomment-{len(of_issue) + 1}",
            "issue_url": self.all[number - _FIRST]["url"],
            "user": user(self.login),
            "created_at": self.now,
            "updated_at": self.now,
            "author_association": "NONE",
            "body": body,
        }
        of_issue.append(comment)
        return comment
