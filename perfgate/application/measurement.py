"""One measurement from beginning to end: history opened, targets started, scenarios played, everything stopped."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from perfgate.application.bench import Bench
from perfgate.application.keeping import Keeper
from perfgate.application.measuring import Measured, Measuring
from perfgate.application.planning import Asked
from perfgate.cli.progress import Narrator
from perfgate.service.target import parse_target


def measure(asked: Asked, targets: Mapping[str, str], command: str, quiet: bool, to_the_end: bool = False) -> Measured:
    """Measure the targets, a duet where there are two. All that can be refused is refused before any load is sent.

    to_the_end: a duet spends its whole budget, decided or not.
    """
    parsed = {side: parse_target(text) for side, text in targets.items()}
    narrator = Narrator(quiet)
    with Keeper(asked.history) as keeper, Bench(asked, parsed, command, narrator) as bench:
        measuring = Measuring(asked, bench, keeper, narrator)
        return measuring.run() if len(parsed) == 1 else measuring.duet(to_the_end)


def measure_unkept(
    asked: Asked, targets: Mapping[str, str], command: str, quiet: bool, to_the_end: bool = True
) -> Measured:
    """As `measure`, for what belongs into no history."""
    with tempfile.TemporaryDirectory(prefix="perfgate-") as folder:
        return measure(replace(asked, history=Path(folder) / "unkept.db"), targets, command, quiet, to_the_end)
