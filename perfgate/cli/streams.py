"""What reports are printed to: it may be closed, in an encoding that lacks a character, or full."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


def bearing(stream: TextIO | None) -> TextIO:
    """A stream that a report can be written to in any case.

    One that was closed swallows it. One in an encoding that lacks a character, such as ASCII, gets a ? in its place.
    """
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return stream


def print_report(report: str, stream: TextIO) -> None:
    """Print it. Whoever reads may have gone, or the disk be full: the verdict and its exit code stand all the same."""
    try:
        print(report, file=stream, flush=True)
    except OSError as error:
        silence(stream)
        if not isinstance(error, BrokenPipeError):
            print(f"The report could not be printed: {error.strerror}.", file=sys.stderr, flush=True)


def silence(stream: TextIO) -> None:
    """Let a stream swallow what comes, and what it still holds when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
