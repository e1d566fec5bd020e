"""The exit codes, from the epilogue of `perfgate --help`, held against the codes themselves."""

from __future__ import annotations

import re

from perfgate.cli.app import perfgate
from perfgate.errors import ExitCode
from tools.docs.markdown import table


def exit_codes() -> str:
    """A row for each. ValueError where --help and `ExitCode` differ."""
    found = {int(number): text for number, text in re.findall(r"^  (\d+)  +(\S.*)$", perfgate.epilog or "", re.M)}
    if set(found) != {int(one) for one in ExitCode}:
        raise ValueError("perfgate --help names other exit codes than perfgate.errors.ExitCode has")
    return table(("exit code", "means"), [(str(number), text) for number, text in sorted(found.items())])
