"""The files through which a job tells the runner something: its summary and its outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

MOST_SUMMARY_BYTES = 1024 * 1024
"""What GitHub shows of one step's summary; with a byte more it shows none at all."""


def append_summary(path: Path, write: Callable[[int], str]) -> None:
    """Add a report to the summary of this step. write: makes one of at most so many characters.

    What another program of the same step has written there counts too. OSError where the file cannot be written.
    """
    taken = path.stat().st_size if path.exists() else 0
    room = MOST_SUMMARY_BYTES - taken - 1
    limit = room
    while limit > 0:
        text = write(limit)
        size = len(text.encode())
        if size <= room:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{text}\n")
            return
        limit = min(limit - 1, limit * room // size)


def append_outputs(path: Path, values: Mapping[str, str], delimiter: str) -> None:
    """Set outputs of this step. delimiter: one that nobody can know, so that no value ends before its end."""
    with path.open("a", encoding="utf-8") as file:
        for name, value in values.items():
            if delimiter in value:
                raise ValueError(f"the output {name} holds the delimiter")
            file.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
