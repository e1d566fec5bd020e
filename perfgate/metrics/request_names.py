"""Request names: what requests are grouped by, and how many of them there may be."""

from __future__ import annotations

import re

# A path segment that is an id rather than a word: digits, a UUID, or a long hexadecimal number.
_ID = re.compile(r"(?<=/)(?:\d+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{24,})(?=/|$)")
MOST_NAMES = 200
OTHER = "(other)"
# As for names in imported files.
_LONGEST_NAME = 200


class Names:
    """Names of the requests of one round, such as `POST /pet`. Past 200 names everything new is "(other)"."""

    def __init__(self) -> None:
        self._known: dict[object, str] = {}
        self._given: set[str] = set()

    def of(self, method: str, url: str) -> str:
        """The name by method and URL, ids in the path as `{id}`; of an absolute URL the host is part of it."""
        known = self._known.get((method, url))
        return known if known is not None else self._keep((method, url), _grouped(method, url))

    def given(self, name: object, method: str, url: str) -> str:
        """The name that a scenario gives a request; of an empty one that by method and URL."""
        known = self._known.get(name)
        if known is not None:
            return known
        text = str(name).strip()
        return self._keep(name, text) if text else self.of(method, url)

    def _keep(self, key: object, name: str) -> str:
        name = name[:_LONGEST_NAME]
        if name not in self._given:
            if len(self._given) >= MOST_NAMES:
                name = OTHER
            self._given.add(name)
        if len(self._known) < 10 * MOST_NAMES:
            self._known[key] = name
        return name


def _grouped(method: str, url: str) -> str:
    path = url.partition("?")[0].partition("#")[0]
    if "://" in path:
        path = path.partition("://")[2]
        path = path.rpartition("@")[2] if "@" in path.partition("/")[0] else path
    return f"{method} {_ID.sub('{id}', path)}"
