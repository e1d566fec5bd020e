"""The surroundings of one command: folder, environment and a listener, read once at the top and handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Say(Protocol):
    """The listener to single lines that a person should know and no report holds."""

    def __call__(self, line: str, /) -> None: ...


@dataclass(frozen=True)
class Context:
    """Everything outside that a command depends on.

    folder: the folder that relative paths start from; Path() for that of the process.
    environment: the environment variables.
    say: takes a line for a person.
    """

    folder: Path
    environment: Mapping[str, str]
    say: Say

    def path(self, path: Path | str) -> Path:
        """The path from this folder; as it is where it is absolute, or the folder is that of the process."""
        return self.folder / path
