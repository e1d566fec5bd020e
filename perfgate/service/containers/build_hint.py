"""What to do where the image of a commit cannot be built."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

_FRESH = "it is built from a fresh checkout: what git ignores is not in it, nor, of a ref:, what is not committed"
_WITHOUT_GIT = (
    "in the tree of a commit .git is a file that leads to your repository, where a build cannot look: let the "
    "Dockerfile do without it (for setuptools_scm, ARG SETUPTOOLS_SCM_PRETEND_VERSION=0; for Go, go build "
    '-buildvcs=false), or build the image before, and name it: image = "my-service:{sha}"'
)
_DOT_GIT = r"(?<![\w.-])\.git(?![\w.-])"
# Of COPY what follows its flags: --exclude=.git leaves it out.
_USES_GIT = re.compile(
    rf"^\s*(?:COPY|ADD)\s+(?:--\S+\s+)*(?!\s*--).*{_DOT_GIT}|^\s*RUN\s.*--mount=\S*{_DOT_GIT}",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT = re.compile(r"^\s*#.*\n?", re.MULTILINE)
_CONTINUED = re.compile(r"\\[ \t]*\n")
# git and what reads a version out of it: Go, setuptools_scm (and hatch-vcs), Dunamai, Maven's git-commit-id.
_MISSED_GIT = re.compile(
    r"not a git repository|obtaining VCS status|setuptools[-_]scm was unable|does not appear to be a git|"
    r"\.git directory is not found",
    re.IGNORECASE,
)


def build_hint(said: str, dockerfile: str) -> str:
    """The hint for a build that failed. said: the end of its log. dockerfile: its text; "" where that is not known."""
    steps = _CONTINUED.sub(" ", _COMMENT.sub("", dockerfile))
    return _WITHOUT_GIT if _MISSED_GIT.search(said) or _USES_GIT.search(steps) else _FRESH


def text_of(dockerfile: Path) -> str:
    """The text of a Dockerfile; "" where it cannot be read."""
    with suppress(OSError):
        return dockerfile.read_text(errors="replace")
    return ""
