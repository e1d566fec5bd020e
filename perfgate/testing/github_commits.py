"""The commits of a pull request, as the fake GitHub has them."""

from __future__ import annotations

import re
from typing import Any

from perfgate.testing.github_labels import user

_COMMITS = re.compile(r"/repos/([^/]+/[^/]+)/pulls/(\d+)/commits")
_PAGE = "https://api.github.com/repos/octo/pets"
_AUTHOR = {"name": "maria", "email": "maria@example.org", "date": "2026-01-01T00:00:00Z"}


class FakeCommits:
    """The commits of one pull request."""

    def __init__(self, repository: str, number: int) -> None:
        self._repository = repository
        self._number = number
        self._commits: list[dict[str, Any]] = []

    def add(self, *commits: str) -> None:
        """Commits, the oldest first."""
        self._commits += map(_commit, commits)

    def listed(self, path: str) -> list[dict[str, Any]] | None:
        """The commits, the oldest first; None of other paths."""
        match = _COMMITS.fullmatch(path)
        return self._commits if match and (match[1], int(match[2])) == (self._repository, self._number) else None


def _commit(sha: str) -> dict[str, Any]:
    """A commit with all that GitHub's description of its interface asks for."""
    tree = {"sha": sha, "url": f"{_PAGE}/git/trees/{sha}"}
    return {
        "sha": sha,
        "node_id": f"C_{sha[:7]}",
        "url": f"{_PAGE}/commits/{sha}",
        "html_url": f"https://github.com/octo/pets/commit/{sha}",
        "comments_url": f"{_PAGE}/commits/{sha}/comments",
        "commit": {
            "url": f"{_PAGE}/git/commits/{sha}",
            "author": _AUTHOR,
            "committer": _AUTHOR,
            "message": "Change",
            "tree": tree,
            "comment_count": 0,
        },
        "author": user("maria"),
        "committer": user("maria"),
        "parents": [],
    }
