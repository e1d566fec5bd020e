"""The file of the repository that `[service]` starts a commit by: its Dockerfile, or its compose file."""

from __future__ import annotations

from pathlib import Path

from perfgate.git import Git
from perfgate.service.settings import ServiceSettings


def dockerfile_in(checkout: Git, files: str, build: Path) -> Path:
    """Where the Dockerfile of a commit or tree would be: a folder holds its own. build: as `[service]` names it."""
    place = "" if build == Path() else build.as_posix()
    return build / "Dockerfile" if checkout.ask("cat-file", "-t", f"{files}:{place}") == "tree" else build


def has_file(checkout: Git, files: str, path: Path) -> bool:
    """Whether a commit or tree has a file there."""
    return checkout.ask("cat-file", "-t", f"{files}:{path.as_posix()}") == "blob"


def new_file(checkout: Git, base: str, head: str, settings: ServiceSettings) -> Path | None:
    """The file that the settings name, where `head` has it and `base` has not.

    base, head: commits. None where base has it, or is not in this clone, or where no file is named.
    """
    if checkout.ask("cat-file", "-t", base) != "commit":
        return None
    own, earlier = (_named(checkout, commit, settings) for commit in (head, base))
    if own is None or earlier is None or not has_file(checkout, head, own) or has_file(checkout, base, earlier):
        return None
    return own


def _named(checkout: Git, commit: str, settings: ServiceSettings) -> Path | None:
    if settings.build is None:
        return settings.compose
    return dockerfile_in(checkout, commit, settings.build)
