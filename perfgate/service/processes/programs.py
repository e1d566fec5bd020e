"""The files of programs that processes run, as they stand: what a build replaces has another state after it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

# What an interpreter is told to run, and keeps no file open of.
_SCRIPTS = frozenset((".py", ".pyz", ".js", ".mjs", ".cjs", ".ts", ".rb", ".php", ".phar", ".pl", ".lua", ".dll"))
_ARCHIVES = frozenset((".jar", ".war", ".ear", ".zip"))
# Written anew whenever a package is installed, whatever its version.
_INSTALLED = ("*.dist-info", "*.egg-info", "*.egg-link")


class State(NamedTuple):
    """What a file, or the entry of an installed package, is at some moment.

    place: where it really is.
    inode: its number.
    changed: when it was written, in ns since 1970.
    """

    place: str
    inode: int
    changed: int


def programs_of(processes: Iterable[int]) -> dict[str, State]:
    """The programs, scripts, archives and Python packages of these processes and their descendants, each as it is now.

    The keys are their paths, without versions of packages.
    """
    found: dict[str, State] = {}
    for number in processes:
        with suppress(psutil.Error, OSError):
            first = psutil.Process(number)
            for process in (first, *first.children(recursive=True)):
                found.update(_programs(process))
    return found


def replaced(before: Mapping[str, State], after: Mapping[str, State]) -> list[str]:
    """What both run, and is not what it was before, in order."""
    return sorted(name for name in before.keys() & after.keys() if before[name] != after[name])


def _programs(process: psutil.Process) -> dict[str, State]:
    found: dict[str, State] = {}
    with suppress(psutil.Error, OSError):
        program, words, folder = Path(process.exe()), process.cmdline(), Path(process.cwd())
        files = [program, *(folder / word for word in words if _is_program(folder / word))]
        opened = (Path(file.path) for file in process.open_files() if getattr(file, "mode", "r") == "r")
        files += [path for path in opened if path.suffix in _ARCHIVES]
        if program.name.startswith(("python", "pypy")) and words:
            environment = process.environ()
            for entry in _packages(_called(words[0], folder, environment) or program, environment):
                found.update(_state(str(entry.with_name(entry.name.partition("-")[0])), entry))
        for path in files:
            found.update(_state(os.path.normpath(path), path))
    return found


def _is_program(path: Path) -> bool:
    """Whether a word of a command line that would be this path is something to run."""
    with suppress(OSError, ValueError):
        return path.is_file() and (path.suffix in _SCRIPTS | _ARCHIVES or os.access(path, os.X_OK))
    return False


def _called(word: str, folder: Path, environment: Mapping[str, str]) -> Path | None:
    """The path of a program as it was called, links not followed: the interpreter of a virtual environment is one."""
    if os.sep in word:
        return folder / word
    found = shutil.which(word, path=environment.get("PATH"))
    return Path(found) if found else None


def _packages(interpreter: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """The entries of the packages that are installed for a Python, by the path that it was called by."""
    prefix = interpreter.parent.parent
    prefixes = [prefix]
    if not (prefix / "pyvenv.cfg").exists():
        own = environment.get("PYTHONUSERBASE") or os.path.join(environment.get("HOME", "/"), ".local")
        prefixes += [Path("/usr/local"), Path(own)]  # Debian's pip installs into the one, --user into the other
    for folder in prefixes:
        for pattern in _INSTALLED:
            for packages in ("site-packages", "dist-packages"):
                yield from sorted(folder.glob(f"lib*/p*y*/{packages}/{pattern}"))


def _state(name: str, path: Path) -> dict[str, State]:
    """The state of a path under that name; {} where it is gone, or was no file ever (memfd)."""
    with suppress(OSError):
        now = path.stat()
        return {name: State(os.path.realpath(path), now.st_ino, now.st_mtime_ns)}
    return {}
