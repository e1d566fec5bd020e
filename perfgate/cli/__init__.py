"""The command line: one file per command, and the only room that prints, reads the environment or ends the process.

`app` makes one command of all of them and turns errors into exit codes. `options` has what several commands take,
`reports` writes what they found, `progress` shows how far they are; `github` is the job that they run in; `interrupts`
sees to it that Ctrl-C is heard. `main` is the entry point; nobody else takes from here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point `perfgate`: run one command and end the process with its exit code."""
    from perfgate.cli.interrupts import heed_dropped_interrupts

    heed_dropped_interrupts()  # before anything else is imported
    from perfgate.cli.app import invoke
    from perfgate.cli.streams import bearing

    sys.stdout, sys.stderr = bearing(sys.stdout), bearing(sys.stderr)
    sys.exit(invoke(arguments))
