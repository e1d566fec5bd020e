"""Libraries as they are installed for a running program: by the names of their folders, and by npm's own list."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from perfgate.explain.differences.facts import gathered
from perfgate.explain.differences.packages.commits import with_commit
from perfgate.explain.differences.packages.json_locks import read_package_lock
from perfgate.explain.differences.packages.toml_locks import python_name

_INSTALLED = re.compile(r"([A-Za-z0-9][\w.]*)-([0-9][\w.+!]*)\.dist-info")
_VENV = "pyvenv.cfg"
_SITE = ("lib/python3*/site-packages", "lib/python3*/dist-packages", "lib/python3/dist-packages")
# Where pip tells the commit of what it installed from a repository (PEP 610).
_ORIGIN = "direct_url.json"
_NPM_LIST = "node_modules/.package-lock.json"
_MOST_BYTES = 8_000_000


def installed_packages(program: Path, called: Sequence[str], folder: Path) -> Mapping[str, str]:
    """The installed libraries of a program in Python or for Node; {} of any other.

    called: the word by which it was called, as a virtual environment has one of its own. folder: its working folder.
    """
    if program.name.startswith(("python", "pypy")):
        return gathered(_python(program, called, folder))
    return _node(folder) if program.name in ("node", "nodejs") else {}


def _python(program: Path, called: Sequence[str], folder: Path) -> Iterator[tuple[str, str]]:
    prefix = program.parent.parent
    for word in called:
        own = (folder / word).parent.parent
        if os.sep in word and (own / _VENV).is_file():
            prefix = own
    for pattern in _SITE:
        for site in sorted(prefix.glob(pattern)):
            for name in os.listdir(site):
                if match := _INSTALLED.fullmatch(name):
                    yield python_name(match[1]), with_commit(match[2], _commit(site / name))


def _commit(installed: Path) -> str:
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return str(json.loads((installed / _ORIGIN).read_text())["vcs_info"]["commit_id"])
    return ""


def _node(folder: Path) -> Mapping[str, str]:
    file = folder / _NPM_LIST
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        if file.is_file() and file.stat().st_size <= _MOST_BYTES:
            return read_package_lock(file.read_text(errors="replace"))
    return {}
