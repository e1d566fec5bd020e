"""Request names: what requests are grouped by where a scenario does not say `name=`."""

from __future__ import annotations

import re

# A path segment that is an id rather than a word: digits, a UUID, or a long hexadecimal number.
_ID = re.compile(r"(?<=/)(?:\d+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{24,})(?=/|$)")
MOST_NAMES = 200
OTHER = "(other)"


class Names:
    """`POST /pet` from method and URL, ids in paths as `{id}`. Past 200 names everything new is "(other)"."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        self._given: set[str] = set()

    def of(self, method: str, url: str) -> str:
        """The name of a request; of an absolute URL the host is part of it."""
        known = self._known.get((method, url))
        return known if known is not None else self._new(method, url)

    def overflowed(self) -> bool:
        """Whether there were too many names."""
        return OTHER in self._given

    def _new(self, method: str, url: str) -> str:
        path = url.partition("?")[0].partition("#")[0]
        if "://" in path:
            path = path.partition("://")[2]
            path = path.rpartition("@")[2] if "@" in path.partition("/")[0] else path
        name = f"{method} {_ID.sub('{id}', path)}"
        if name not in self._given and len(self._given) >= MOST_NAMES:
            name = OTHER
        self._given.add(name)
        if len(self._known) < 10 * MOST_NAMES:
            self._known[method, url] = name
        return name
