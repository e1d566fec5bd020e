"""The command line: one file per command, and the only room that prints, reads the environment or ends the process.

`app` makes one command of all of them and turns errors into exit codes. `options` has what several commands take,
`reports` writes what they found, `progress` shows how far they are; `github` is the job that they run in. `main` is the
entry point; nobody else takes from here.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import TextIO


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point `perfgate`: run one command and end the process with its exit code."""
    from perfgate.cli.app import invoke

    sys.stdout, sys.stderr = _bearing(sys.stdout), _bearing(sys.stderr)
    sys.exit(invoke(arguments))


def _bearing(stream: TextIO | None) -> TextIO:
    """A stream that a report can be written to in any case.

    One that was closed swallows it. One in an encoding that lacks a character, such as ASCII, gets a ? in its place.
    """
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return stream
