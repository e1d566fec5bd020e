"""`paths`: patterns of files, from the top of the repository, as git takes them."""

from __future__ import annotations

import re
from typing import Any

# To git these mean what a person hardly does: `**` is many folders only where it stands alone between slashes.
_STARS = re.compile(r"[^/]\*\*|\*\*[^/]")
_MOST = 4_000


def read_patterns(value: Any) -> tuple[str, ...]:
    """The patterns of a list, at least one; or ValueError."""
    if not isinstance(value, list) or not value:
        raise ValueError(f'{value!r} must be a list with a pattern or more; write it like ["services/pets/**"]')
    patterns = tuple(map(_pattern, value))
    if sum(map(len, patterns)) > _MOST:
        raise ValueError(f"are longer than {_MOST:,} characters together; name folders instead of files")
    return patterns


def _pattern(value: Any) -> str:
    """One pattern; a `!` before it takes out what others match."""
    if not isinstance(value, str) or not value.isprintable() or not value.removeprefix("!").strip():
        raise ValueError(f'{value!r} must be a pattern like "services/pets/**"')
    path = value.removeprefix("!")
    if path.startswith(("/", "./", "../")) or "/../" in path:
        raise ValueError(f'{value!r} must begin at the top of the repository, like "services/pets/**"')
    if _STARS.search(path):
        raise ValueError(f'{value!r} has ** beside other characters; write it like "**/*.sql" or "services/**"')
    return value
