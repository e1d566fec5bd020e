"""The folder that a site is written into: a new or empty one, or one that holds a site, which is replaced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from perfgate.errors import UsageError

_LIST = "perfgate-site.json"
_SCHEMA = "perfgate.site/1"
# What a site is made of: nothing else is ever removed, whatever the list says.
_OURS = re.compile(
    r"index\.html|feed\.xml|badge\.svg|(?:assets|badges|data|scenarios)/[a-z0-9_.-]+\.(?:css|html|js|svg)"
)


class SiteFolder:
    """A folder with a site in it, or to be. UsageError where it is something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._before = self._listed()
        self._written: set[str] = set()
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is a file", "name a folder for the site")
        if not self._before and path.is_dir() and any(path.iterdir()):
            raise UsageError(
                f"{path} holds files, and none of them is a site of perfgate", "name a new folder, or an empty one"
            )

    def write(self, name: str, content: str) -> None:
        """Write a file. name: its way from the top of the folder."""
        write_file(self.path, name, content)
        self._written.add(name)

    def note(self, names: Iterable[str]) -> None:
        """Count files that other processes wrote here as those of this site."""
        self._written.update(names)

    def finish(self) -> None:
        """Remove the files of the site before that this one lacks, and write the list of its own."""
        for name in self._before - self._written:
            with suppress(OSError):
                (self.path / name).unlink()
        plain = {"schema": _SCHEMA, "files": sorted(self._written)}
        write_file(self.path, _LIST, json.dumps(plain, indent=1) + "\n")

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum((self.path / name).stat().st_size for name in self._written)

    def _listed(self) -> set[str]:
        try:
            plain = json.loads((self.path / _LIST).read_text(encoding="utf-8"))
            names = plain["files"] if plain["schema"] == _SCHEMA else []
            return {name for name in names if isinstance(name, str) and _OURS.fullmatch(name)}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return set()


def write_file(folder: Path, name: str, content: str) -> None:
    """Write a file into the folder of a site."""
    path = folder / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        hint = "allow it, or name another folder"
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint) from None
