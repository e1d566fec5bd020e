"""Client libraries of databases, in the files that declare what a project needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from perfgate.scaffold.dependencies.kinds import KINDS, DatabaseKind
from perfgate.scaffold.repository import Repository, is_aside

_MANIFEST = re.compile(
    r"requirements[\w.-]*\.(?:txt|in)|pyproject\.toml|Pipfile|setup\.cfg|package\.json|go\.mod|Cargo\.toml|Gemfile|"
    r"pom\.xml|build\.gradle(?:\.kts)?|composer\.json|mix\.exs|[\w.]+\.csproj"
)
_MOST = 20
# What stands around the name of a library: quotes, an organisation before it, a version after it.
_LIBRARY = {kind.name: re.compile(rf"(?<![\w.-])(?:{kind.libraries})(?![\w-])", re.IGNORECASE) for kind in KINDS}


def named_libraries(repository: Repository) -> Iterator[tuple[DatabaseKind, str, PurePosixPath]]:
    """The kinds of databases whose libraries the project needs: kind, library, file."""
    files = [path for path in repository.files if _MANIFEST.fullmatch(path.name) and not is_aside(path)]
    for path in files[:_MOST]:
        text = repository.read(path)
        for kind in KINDS:
            if found := _LIBRARY[kind.name].search(text):
                yield kind, found[0], path
