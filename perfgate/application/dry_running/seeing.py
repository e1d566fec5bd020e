"""What a gate could see, as far as stored runs of this testbed tell.

Of a duet: how well quantiles can be known from as many requests as its budget pays for, by how latencies were spread in
the newest stored run, and no better than that is stored. Of a run that is compared with the history: what that newest
run could have shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from perfgate.application.context import Context
from perfgate.application.plan import MeasurementPlan
from perfgate.application.stored_runs import RunWithResults, StoredRuns
from perfgate.compare.duet import DuetPlan
from perfgate.compare.foresight.load import foresee
from perfgate.compare.rows import DURATION, Row
from perfgate.compare.stored.baseline import compare_stored, size_of_baseline
from perfgate.compare.stored.points import points_of
from perfgate.compare.stored.prediction import FEWEST_VALUES, LONGEST_SERIES
from perfgate.errors import HistoryError
from perfgate.history.histogram_codec import PRECISION
from perfgate.history.stored import StoredScenario
from perfgate.machine.testbed import read_testbed
from perfgate.report.dry_run.values import ForeseenRow
from perfgate.scenario import AnyScenario

# Enough to find every scenario in; older ones were of another service.
_NEWEST_RUNS = 50


@dataclass(frozen=True)
class Foreseen:
    """What a scenario could see.

    rows: those that would gate.
    seen_at: when the stored run that tells was measured (Unix time, s).
    """

    rows: tuple[ForeseenRow, ...]
    seen_at: float


@dataclass(frozen=True)
class Foresight:
    """What all scenarios could see.

    scenarios: by their names; those that no stored run tells of are missing.
    runs_missing: how many more runs of the base branch it takes to judge head by the history; 0 of a duet.
    """

    scenarios: dict[str, Foreseen]
    runs_missing: int


def foresight(context: Context, plan: MeasurementPlan, is_duet: bool) -> Foresight:
    """What the stored runs of this testbed tell of the scenarios as they are now."""
    branch = None if is_duet else plan.config.branch
    with StoredRuns(plan.histories.read, context.folder) as stored:
        found = dict(_newest(stored, plan, read_testbed(context.environment).id, branch))
        if is_duet:
            return Foresight({name: _of_duet(plan, *one) for name, one in found.items()}, 0)
        judged = {name: _of_run(stored, plan, *one) for name, one in found.items()}
    missing = [judged[one.name][1] if one.name in judged else FEWEST_VALUES for one in plan.scenarios]
    return Foresight({name: seen for name, (seen, _) in judged.items()}, max(missing, default=0))


def _newest(
    stored: StoredRuns, plan: MeasurementPlan, testbed: str, branch: str | None
) -> Iterator[tuple[str, tuple[RunWithResults, StoredScenario]]]:
    """The runs that have a scenario as it is now, by its name, the newest last."""
    wanted: dict[tuple[str, str], AnyScenario] = {(one.name, one.hash): one for one in plan.scenarios}
    try:
        runs = list(stored.everything(branch, testbed, _NEWEST_RUNS))
    except HistoryError:  # there is no history yet
        return
    for run in runs:
        for scenario in run.scenarios if not run.record.imported_from else ():
            if (scenario.scenario, scenario.scenario_hash) in wanted:
                yield scenario.scenario, (run, scenario)


def _of_duet(plan: MeasurementPlan, run: RunWithResults, scenario: StoredScenario) -> Foreseen:
    rules, budget = plan.config.rules, plan.config.budget
    duet = DuetPlan(len(plan.scenarios), budget, 2 * plan.config.round_seconds, miss_rate=rules.miss_rate)
    miss = duet.progress(duet.pairs, last=True).miss_at_end
    points = [point for point in points_of(run) if point.row.scenario == scenario.scenario and rules.gates(point.row)]
    rows = (
        ForeseenRow(
            point.row,
            rules.margin_of(point.row, point.value),
            rules.names(point.row),
            _smallest(point.row, scenario, budget / 2, miss),
        )
        for point in points
    )
    return Foreseen(tuple(rows), run.record.started_at)


def _smallest(row: Row, scenario: StoredScenario, seconds: float, miss: float) -> float | None:
    """The change of a median or p(95) that so much load on each side can rule out; None of any other row."""
    if row.metric != DURATION or row.request is None:
        return None
    histogram, length = scenario.named[row.request].histogram, scenario.whole.seconds
    if histogram is None or not length:
        return None
    outlook = foresee(histogram, histogram.count / length, seconds, miss)
    found = {"med": outlook.median, "p(95)": outlook.tail}.get(row.stat)
    return None if found is None else max(found, PRECISION)


def _of_run(
    stored: StoredRuns, plan: MeasurementPlan, run: RunWithResults, scenario: StoredScenario
) -> tuple[Foreseen, int]:
    """What a run that is compared with the history could see, and how many runs are missing for it."""
    config = plan.config
    earlier = stored.baseline(run, config.branch, LONGEST_SERIES, frozenset())
    points = [point for point in points_of(run) if point.row.scenario == scenario.scenario]
    before = [point for one in earlier for point in points_of(one) if point.row.scenario == scenario.scenario]
    compared = compare_stored(points, before, config.rules, config.baseline_runs)
    rows = (
        ForeseenRow(one.row, one.margin, config.rules.names(one.row), one.smallest)
        for one in compared
        if config.rules.gates(one.row) and one.head is not None
    )
    # That run itself will be part of the baseline.
    return Foreseen(tuple(rows), run.record.started_at), size_of_baseline(points, [*points, *before]).missing
