"""The files that a k6 script imports or opens: what it says, without running it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from perfgate.scenario.neighbours import reached_from

SUFFIXES = (".js", ".mjs", ".cjs", ".ts")

# Of import, export ... from, require(), open() and import.meta.resolve(): a path as it is written out.
_WRITTEN = re.compile(r"""(?:\bfrom|\bimport|\b(?:import|require|open|resolve)\s*\()\s*(["'`])([^"'`\n]+)\1""")


def neighbours_of(file: Path) -> tuple[Path, ...]:
    """The local files that a script imports or opens by paths that are written out, and those that these name."""
    return reached_from(file, lambda one: _named(one, file.parent) if one.suffix in SUFFIXES else ())


def _named(file: Path, folder: Path) -> Iterator[Path]:
    """The files that one names: from its own folder on, or from the script's, as open() of some k6 has it."""
    text = file.read_text(encoding="utf-8", errors="replace")
    for written in (match[2] for match in _WRITTEN.finditer(text)):
        if not written.startswith("/") and "://" not in written:
            for base in (file.parent, folder):
                path = os.path.normpath(base / written)
                if os.path.isfile(path):  # False of what can be no name of a file, too
                    yield Path(path)
