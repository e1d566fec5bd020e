"""What to do where the image of a commit cannot be built."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfgate.service.containers.build_hint import build_hint, text_of


@pytest.mark.parametrize(
    "dockerfile",
    [
        "FROM python\nCOPY .git .git\nRUN pip install .\n",
        "FROM python\nCOPY pyproject.toml ./.git/ /src/\n",
        "FROM python\nCOPY --chown=me  --exclude=dist .git /src/.git\n",
        "FROM python\nRUN --mount=type=bind,source=.git,target=.git pip install .\n",
        "FROM go\nRUN --mount=type=cache,target=/c \\\n    # its version\n    --mount=source=.git,target=/a make",
    ],
)
def test_a_dockerfile_that_takes_the_repository_is_told_how_to_do_without(dockerfile: str) -> None:
    assert "SETUPTOOLS_SCM_PRETEND_VERSION" in build_hint("it failed", dockerfile)


@pytest.mark.parametrize(
    "said",
    [
        "fatal: not a git repository: /home/me/shop/.git/worktrees/shop",
        "error obtaining VCS status: exit status 128",
        "LookupError: setuptools-scm was unable to detect version for /src.",
    ],
)
def test_a_build_that_misses_the_repository_is_told_how_to_do_without(said: str) -> None:
    assert "-buildvcs=false" in build_hint(said, "FROM python\nCOPY . .\nRUN make\n")


@pytest.mark.parametrize(
    "dockerfile",
    [
        "",
        "FROM python\nCOPY . .\nRUN make\n",
        "FROM python\nCOPY --exclude=.git . .\nADD --chown=me  --exclude=./.git/ \\\n  --link . /src\n",
        "FROM python\n# COPY .git .git\nCOPY .gitignore .\nRUN pip install git+https://example.com/a.git\n",
    ],
)
def test_others_are_told_what_is_not_in_a_fresh_checkout(dockerfile: str) -> None:
    assert build_hint("No such file: .env", dockerfile).startswith("it is built from a fresh checkout")


def test_a_dockerfile_that_cannot_be_read_has_no_text(tmp_path: Path) -> None:
    assert text_of(tmp_path / "Dockerfile") == ""
    (tmp_path / "Dockerfile").write_bytes(b"FROM \xff\n")
    assert text_of(tmp_path / "Dockerfile").startswith("FROM ")
