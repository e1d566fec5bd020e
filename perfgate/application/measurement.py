"""One measurement from beginning to end: history opened, targets started, scenarios played, everything stopped."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from perfgate.application.bench.bench import ALONE, Bench
from perfgate.application.context import Context
from perfgate.application.explaining import Explain, explained
from perfgate.application.measuring import MeasuredDuet, MeasuredRun, Measuring
from perfgate.application.plan import MeasurementPlan
from perfgate.application.progress import ProgressReporter
from perfgate.application.scaling import fit_scale
from perfgate.application.stored_runs import refuse_unreadable
from perfgate.history.store import History, open_history
from perfgate.service.target import parse_target


@dataclass(frozen=True)
class DuetTargets:
    """The target strings of a duet's sides."""

    base: str
    head: str


@contextmanager
def _history_for(plan: MeasurementPlan, compared: bool = False) -> Iterator[History]:
    """The history that the runs are added to, with room for them. compared: whether with stored runs."""
    with open_history(plan.histories.write, create=True) as history:
        history.check_room()
        if compared:
            refuse_unreadable(plan.histories.read)
        yield history


def measure_run(
    context: Context,
    plan: MeasurementPlan,
    target: str,
    command: str,
    progress: ProgressReporter,
    compared: bool = False,
) -> MeasuredRun:
    """Measure one target. All that can be refused is refused before any load is sent.

    compared: whether the run will be judged against stored runs, which must be readable then.
    """
    targets = {ALONE: parse_target(target)}
    with (
        _history_for(plan, compared) as history,
        Bench(context, plan, targets, command, progress) as bench,
    ):
        return Measuring(fit_scale(plan, bench, progress), bench, history, progress).run()


def measure_duet(
    context: Context,
    plan: MeasurementPlan,
    targets: DuetTargets,
    command: str,
    progress: ProgressReporter,
    to_the_end: bool = False,
    explain: Explain = Explain.NEVER,
) -> MeasuredDuet:
    """Measure base and head in pairs. All that can be refused is refused before any load is sent.

    to_the_end: the whole budget is spent, decided or not. explain: when more pairs show why head is slower.
    """
    parsed = {"base": parse_target(targets.base), "head": parse_target(targets.head)}
    with (
        _history_for(plan) as history,
        Bench(context, plan, parsed, command, progress) as bench,
    ):
        fitted = fit_scale(plan, bench, progress)
        measured = Measuring(fitted, bench, history, progress).duet(to_the_end)
        return explained(context, fitted, bench, measured, explain, progress)


def measure_unkept(
    context: Context,
    plan: MeasurementPlan,
    targets: DuetTargets,
    command: str,
    progress: ProgressReporter,
    to_the_end: bool = True,
) -> MeasuredDuet:
    """As `measure_duet`, for what belongs into no history."""
    with tempfile.TemporaryDirectory(prefix="perfgate-") as folder:
        histories = replace(plan.histories, write=Path(folder) / "unkept.db")
        return measure_duet(context, replace(plan, histories=histories), targets, command, progress, to_the_end)
