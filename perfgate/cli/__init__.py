"""The command line: one file per command, and the only room that prints, reads the environment or ends the process."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point `perfgate`: run one command and end the process with its exit code."""
    from perfgate.cli.app import invoke

    sys.exit(invoke(arguments))
