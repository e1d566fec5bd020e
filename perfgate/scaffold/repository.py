"""A repository as `perfgate init` finds it: its files and its default branch."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from os.path import isfile
from pathlib import Path, PurePosixPath

from perfgate.git import Git
from perfgate.texts import decoded

# A checkout of somebody else's code says nothing about this service.
NOT_OURS = ("node_modules", "vendor", "third_party", "testdata")
_FALLBACK = "main"
# Folders of what is not the service: where its developers work, its tests, examples of how to use it.
_ASIDE = re.compile(
    r"\.devcontainer|\.github|(?:.*[-_.])?(?:tests?|e2e|examples?|samples?|fixtures|benchmarks?|docs?)(?:[-_.].*)?"
)


@dataclass(frozen=True)
class Repository:
    """The repository that init looks at.

    folder: its top.
    branch: the default branch.
    files: what git knows or would add, the shallowest first.
    say: takes a line for each file that is passed over, with the reason; maybe more than once.
    """

    folder: Path
    branch: str
    files: tuple[PurePosixPath, ...]
    say: Callable[[str], None]

    def read(self, path: PurePosixPath) -> str:
        """The text of a file, other bytes replaced; "" for a file that cannot be read, which is passed over."""
        try:
            return decoded((self.folder / path).read_bytes()).replace("\r\n", "\n")
        except OSError as error:
            self.say(f"{path} cannot be read: {error.strerror}")
            return ""


def find_repository(checkout: Git, say: Callable[[str], None]) -> Repository:
    """The repository of a checkout. say: see Repository. GitError where git refuses."""
    listed = checkout.say("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    paths = {PurePosixPath(name) for name in listed if name}
    ours = [path for path in paths if not set(path.parts) & set(NOT_OURS) and isfile(checkout.folder / path)]
    return Repository(
        folder=checkout.folder,
        branch=_default_branch(checkout),
        files=tuple(sorted(ours, key=lambda path: (len(path.parts), str(path)))),
        say=say,
    )


def is_aside(path: PurePosixPath) -> bool:
    """Whether a file is in a folder of tests, examples or a development container, which say nothing of the service."""
    return any(_ASIDE.fullmatch(part.lower()) for part in path.parts[:-1])


def _default_branch(checkout: Git) -> str:
    """What the remote says it is; without a remote main or master if there is one, else the branch that is here."""
    remote = checkout.ask("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if remote:
        return remote.removeprefix("origin/")
    for name in (_FALLBACK, "master"):
        for reference in (f"refs/remotes/origin/{name}", f"refs/heads/{name}"):
            if checkout.ask("rev-parse", "--verify", "--quiet", reference):
                return name
    return checkout.ask("symbolic-ref", "--quiet", "--short", "HEAD") or _FALLBACK
