"""One measurement from beginning to end: history opened, targets started, scenarios played, everything stopped."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from perfgate.application.bench import Bench
from perfgate.application.measuring import Measured, Measuring
from perfgate.application.plan import MeasurementPlan
from perfgate.application.progress import ProgressReporter
from perfgate.history.store import open_history
from perfgate.service.target import parse_target


def measure(
    plan: MeasurementPlan,
    targets: Mapping[str, str],
    command: str,
    progress: ProgressReporter,
    to_the_end: bool = False,
) -> Measured:
    """Measure the targets, a duet where there are two. All that can be refused is refused before any load is sent.

    to_the_end: a duet spends its whole budget, decided or not.
    """
    parsed = {side: parse_target(text) for side, text in targets.items()}
    with open_history(plan.history, create=True) as history, Bench(plan, parsed, command, progress) as bench:
        measuring = Measuring(plan, bench, history, progress)
        return measuring.run() if len(parsed) == 1 else measuring.duet(to_the_end)


def measure_unkept(
    plan: MeasurementPlan,
    targets: Mapping[str, str],
    command: str,
    progress: ProgressReporter,
    to_the_end: bool = True,
) -> Measured:
    """As `measure`, for what belongs into no history."""
    with tempfile.TemporaryDirectory(prefix="perfgate-") as folder:
        return measure(replace(plan, history=Path(folder) / "unkept.db"), targets, command, progress, to_the_end)
