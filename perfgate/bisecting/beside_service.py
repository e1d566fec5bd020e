"""Paths of a repository that no service is made of: documents, tests, what a forge reads, and perfgate's own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

_FOLDERS = frozenset(
    {".github", ".gitlab", ".circleci", ".vscode", ".idea", ".devcontainer"}
    | {"doc", "docs", "test", "tests", "testing", "spec", "specs", "__tests__", "e2e", "benchmarks"}
)
_ENDINGS = frozenset({".md", ".rst", ".adoc", ".txt"})
# Such a text is read by a build: it says what to install.
_BUILT_FROM = re.compile(r"(requirements|constraints|CMakeLists|packages?)\b.*\.txt", re.IGNORECASE)
_NAMES = re.compile(
    r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS|CODEOWNERS|CHANGELOG|CONTRIBUTING|README)(\..*)?"
    r"|\.git(ignore|attributes)|\.editorconfig|\.gitlab-ci\.yml|\.pre-commit-config\.yaml|perfgate\.toml"
    r"|test_.*\.py|.*_tests?\.(py|go|rb|exs?|rs|cpp|cc)|.*\.(test|spec)\.[cm]?[jt]sx?|.*(Tests?|IT)\.(java|kt|cs)|.*_spec\.rb",
)


def touches_service(paths: Iterable[str], inside: str = "", besides: Iterable[str] = ()) -> bool:
    """Whether one of the paths that a commit changes may be part of the service.

    inside: the folder that the service is made of; "" for the whole repository.
    besides: more folders that it is not made of.
    """
    folder, others = PurePosixPath(inside), [PurePosixPath(one) for one in besides]
    return any(_is_part(PurePosixPath(path), folder, others) for path in paths)


def _is_part(path: PurePosixPath, inside: PurePosixPath, besides: Iterable[PurePosixPath]) -> bool:
    if not path.is_relative_to(inside) or any(path.is_relative_to(other) for other in besides):
        return False
    if not _FOLDERS.isdisjoint(path.parts[:-1]) or _NAMES.fullmatch(path.name):
        return False
    return path.suffix not in _ENDINGS or bool(_BUILT_FROM.fullmatch(path.name))
