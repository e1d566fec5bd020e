"""Head against a pinned release: what many small steps, each within its margin, have added up to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from perfgate.compare.comparison import Interval, RowVerdict, classify
from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.creep import Creep, creep_since
from perfgate.compare.stored.points import StoredPoint


@dataclass(frozen=True)
class SinceRelease:
    """How far one gated row has come since the release. beyond: whether all of the interval lies beyond the margin."""

    row: Row
    creep: Creep
    margin: float
    beyond: bool

    @property
    def within(self) -> bool:
        """Whether the change itself is no worse than the margin, however wide its interval is."""
        change = self.creep.change
        return classify(self.row, Interval(change, change), self.margin) is not RowVerdict.REGRESSED


class Unanswered(Enum):
    """Why nothing can be said of the way since a release."""

    OTHER_TESTBED = "other testbed"
    """The release was measured, but on another testbed."""
    OTHER_SCENARIO = "other scenario"
    """It was measured with other scenarios, or with these as they were."""
    FEW_RUNS = "few runs"
    """Too few comparable runs came after it."""


def why_unanswered(head: Sequence[StoredPoint], stored: Iterable[StoredPoint], release: str) -> Unanswered:
    """Why `since_release` has no row of `head`; the arguments are the same."""
    scenarios = {(point.row.scenario, point.scenario_hash) for point in head}
    testbeds = {point.testbed for point in head}
    of_release = [point for point in stored if point.run == release]
    same_scenario = [point for point in of_release if (point.row.scenario, point.scenario_hash) in scenarios]
    if of_release and not same_scenario:
        return Unanswered.OTHER_SCENARIO
    if same_scenario and all(point.testbed not in testbeds for point in same_scenario):
        return Unanswered.OTHER_TESTBED
    return Unanswered.FEW_RUNS


def since_release(
    head: Sequence[StoredPoint], stored: Iterable[StoredPoint], release: str, rules: Rules
) -> tuple[SinceRelease, ...]:
    """The gated rows of `head` for which the runs on its testbed and with its scenario allow an answer.

    stored: points of the base branch and of the release. release: the id of its run. Rows in points are left out: a
    share of failed requests has a budget of its own. The rows share the error rate.
    """
    series: dict[Row, list[StoredPoint]] = {}
    for point in sorted(stored, key=lambda point: (point.started_at, point.run)):
        series.setdefault(point.row, []).append(point)
    gated = [point for point in head if rules.gates(point.row) and not point.row.in_points]
    found = (_since(point, series.get(point.row, []), release, rules, len(gated)) for point in gated)
    return tuple(one for one in found if one is not None)


def _since(
    head: StoredPoint, stored: Sequence[StoredPoint], release: str, rules: Rules, rows: int
) -> SinceRelease | None:
    here = [point for point in stored if (point.testbed, point.scenario_hash) == (head.testbed, head.scenario_hash)]
    runs = [point.run for point in here]
    if release not in runs:
        return None
    place = runs.index(release)
    creep = creep_since([*(point.value for point in here), head.value], place, rules.error_rate / rows)
    if creep is None:
        return None
    margin = rules.margin_of(head.row, here[place].value)
    beyond = classify(head.row, creep.interval, margin) is RowVerdict.REGRESSED
    return SinceRelease(head.row, creep, margin, beyond)
