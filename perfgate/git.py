"""git, called as a process: its answers as text or bytes, its refusals as errors with a hint."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from perfgate.errors import MAKE_ROOM, UsageError
from perfgate.popen import Popen

LOCAL_SECONDS = 60.0
NETWORK_SECONDS = 120.0

# Variables that a git hook or a `git` alias sets: they point at one repository, wherever git is called.
OF_ONE_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
)

# What people who sign may have told git to do: `git log` says who signed a commit, before what it was asked for.
_NO_SIGNATURES = "log.showSignature=false"

# Of git's output: a screen has room for more, but the reason comes last.
_MOST_LINES = 12

_CREDENTIALS = (
    "Give git credentials for the remote. In GitHub Actions actions/checkout leaves them, unless it is told "
    "`persist-credentials: false`."
)
_NETWORK = "Check the network, then try again."

# Parts of git's messages (with LC_ALL=C), lower case, the most telling first.
_HINTS = (
    ("not a git repository", "Run it inside a clone of the repository."),
    ("must be run in a work tree", "This repository is bare: run it inside a clone that has files."),
    ("ambiguous argument 'head'", "Nothing is committed here yet: commit something first."),
    ("unable to read sha1 file", "The clone is damaged: `git fsck` tells more. Clone it anew."),
    (
        "detected dubious ownership",
        "Run `git config --global --add safe.directory '*'` first, or with the folder that git names.",
    ),
    ("could not read username", _CREDENTIALS),
    ("could not read password", _CREDENTIALS),
    ("authentication failed", _CREDENTIALS),
    ("invalid username", _CREDENTIALS),
    ("permission denied (publickey", _CREDENTIALS),
    ("does not have a commit checked out", "Commit something in that repository, or name it in .gitignore."),
    ("adding files failed", "Let git read the file, or name it in .gitignore."),
    ("no space left", MAKE_ROOM),
    ("quota exceeded", MAKE_ROOM),
    ("repository not found", "Check the remote's address with `git remote --verbose`, and that it may be read."),
    ("does not appear to be a git repository", "Check the remote's address with `git remote --verbose`."),
    ("could not resolve host", _NETWORK),
    ("unable to access", _NETWORK),
    ("could not read from remote", _NETWORK),
    ("timed out", _NETWORK),
)

# Up to the last @ of its line: in a password may stand an @, a / or a space that nobody quoted.
_USER_INFO = re.compile(r"://(.*)@")
_WORD = re.compile(r"\w[\w.-]*")


class GitError(UsageError):
    """git refused, cannot be started, or did not come to an end.

    said: the output of git, without user info of URLs.
    """

    def __init__(self, message: str, hint: str, said: str = "") -> None:
        super().__init__(message, hint)
        self.said = said

    @property
    def outside(self) -> bool:
        """Whether there is no repository where git looked for one."""
        return "not a git repository" in self.said.lower()

    @classmethod
    def refused(cls, arguments: Sequence[str], said: str) -> GitError:
        """The error for these arguments. said: the output of git."""
        said = _without_user_info(said).strip()
        lines = [line.rstrip() for line in said.splitlines() if line.strip()][-_MOST_LINES:]
        shown = "\n".join(f"  {line}" for line in lines) or "  (git said nothing)"
        return cls(f"`git {arguments[0]}` failed:\n{shown}", _hint(said), said)


class Git:
    """git in one folder.

    environment: of the process, plus variables so that git asks no questions, speaks plain English, and takes no
        optional locks (looking at a work tree must not write its index).
    directory: the repository, where it is not the one that git finds from the folder.
    settings: instead of configured ones, like "submodule.recurse=false".
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        directory: Path | None = None,
        settings: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.environment = {**environment, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        told = (_NO_SIGNATURES, *settings)
        self._start = ["git", *(word for setting in told for word in ("-c", setting))]
        if directory is not None:
            self._start.append(f"--git-dir={directory}")

    def say(self, *arguments: str, seconds: float = LOCAL_SECONDS) -> str:
        """What git prints, without the last line break. GitError where it refuses."""
        return self._run(arguments, seconds, subprocess.PIPE).decode(errors="replace").rstrip("\n")

    def blob(self, name: str) -> bytes:
        """The content of a file as git keeps it, by its id. GitError where it has none."""
        return self._run(("cat-file", "blob", name), LOCAL_SECONDS, subprocess.PIPE)

    def write(self, file: IO[bytes], *arguments: str, seconds: float = NETWORK_SECONDS) -> None:
        """Have git print into a file."""
        self._run(arguments, seconds, file)

    def ask(self, *arguments: str) -> str | None:
        """What git prints; None where it says no."""
        try:
            return self.say(*arguments)
        except GitError:
            return None

    @property
    def is_shallow(self) -> bool:
        """Whether the clone lacks what came before some commit; no where git does not say."""
        return self.ask("rev-parse", "--is-shallow-repository") == "true"

    def _run(self, arguments: Sequence[str], seconds: float, output: int | IO[bytes]) -> bytes:
        try:
            # A session of its own: no terminal that ssh could ask on, and all of it ends together.
            process = Popen(
                [*self._start, *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise GitError("git is not installed", "Install git 2.31 or newer.") from error
        except OSError as error:
            raise GitError(f"git cannot be started: {error.strerror}", "Check the installation of git.") from error
        try:
            said, complained = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise GitError.refused(arguments, f"timed out: no end after {seconds:g} s") from error
        except BaseException:
            _end(process)
            raise
        if process.returncode:
            raise GitError.refused(
                arguments, complained.decode(errors="replace") + (said or b"").decode(errors="replace")
            )
        return said or b""


def checkout_of(folder: Path, environment: Mapping[str, str]) -> Git:
    """git at the top of the work tree that `folder` lies in. GitError outside of one."""
    return Git(Path(Git(folder, environment).say("rev-parse", "--show-toplevel")), environment)


def folders_above(folder: Path) -> list[Path]:
    """The folders above this one in the same repository, the nearest first; none where there is no repository."""
    here = folder.absolute()
    place = next((at for at, one in enumerate((here, *here.parents)) if (one / ".git").exists()), 0)
    return list(here.parents[:place])


def _hint(said: str) -> str:
    lowered = said.lower()
    return next((hint for part, hint in _HINTS if part in lowered), "git says above what is wrong.")


def _without_user_info(said: str) -> str:
    """Everything between :// and @ is cut. With a / in a password git asks for a host that is a piece of it."""
    pieces = {piece for info in _USER_INFO.findall(said) if "/" in info for piece in _WORD.findall(info)}
    said = _USER_INFO.sub("://…@", said)
    for piece in sorted(pieces, key=len, reverse=True):
        said = re.sub(rf"(?<!\w){re.escape(piece)}(?!\w)", "…", said)
    return said


def _end(process: Popen) -> None:
    process.signal_group(signal.SIGKILL)
    process.communicate()
