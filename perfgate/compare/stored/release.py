"""Head against a pinned release: what many small steps, each within its margin, have added up to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from statistics import median

from perfgate.compare.comparison import Interval, RowVerdict, classify
from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.creep import RUNS_AROUND, Creep, creep_since
from perfgate.compare.stored.points import StoredPoint

# A run that began so long before a release or after it, and so many times as long as runs usually lie apart, is not at
# its level: those next to it were pruned, or never measured.
_LONGEST_PAUSE = 14 * 86_400.0
_USUAL_PAUSES = 5


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
    head: Sequence[StoredPoint],
    stored: Iterable[StoredPoint],
    release: str,
    rules: Rules,
    landed_later: Collection[str] = (),
) -> tuple[SinceRelease, ...]:
    """The gated rows of `head` for which the runs on its testbed and with its scenario allow an answer.

    stored: points of the base branch and of the release. release: the id of its run. landed_later: the ids of runs of
    commits that came after the release, as far as it is known. Rows in points are left out: a share of failed requests
    has a budget of its own. The rows share the error rate.
    """
    series: dict[Row, list[StoredPoint]] = {}
    for point in sorted(stored, key=lambda point: (point.started_at, point.run)):
        series.setdefault(point.row, []).append(point)
    gated = [point for point in head if rules.gates(point.row) and not point.row.in_points]
    alpha = rules.error_rate / max(1, len(gated))
    found = (
        _since(point, _split(point, series.get(point.row, []), release, landed_later), rules, alpha) for point in gated
    )
    return tuple(one for one in found if one is not None)


@dataclass(frozen=True)
class _Split:
    """The points that may be compared with head's, those before the release and those after it, by their commits.

    around: how many runs before it, and after it, are at its level: none where it was measured after later commits.
    """

    before: list[StoredPoint]
    release: StoredPoint
    after: list[StoredPoint]
    around: tuple[int, int]


def _split(
    head: StoredPoint, stored: Sequence[StoredPoint], release: str, landed_later: Collection[str]
) -> _Split | None:
    here = [point for point in stored if (point.testbed, point.scenario_hash) == (head.testbed, head.scenario_hash)]
    place = next((place for place, point in enumerate(here) if point.run == release), None)
    if place is None:
        return None
    earlier = here[:place]
    before = [point for point in earlier if point.run not in landed_later]
    overtaken = [point for point in earlier if point.run in landed_later]
    later = here[place + 1 :]
    farthest = max(_LONGEST_PAUSE, _USUAL_PAUSES * _usual_pause(here))
    near = [
        sum(abs(point.started_at - here[place].started_at) <= farthest for point in side)
        for side in (before[-RUNS_AROUND:], later[:RUNS_AROUND])
    ]
    return _Split(before, here[place], [*overtaken, *later], (0, 0) if overtaken else (near[0], near[1]))


def _usual_pause(points: Sequence[StoredPoint]) -> float:
    pauses = [later.started_at - earlier.started_at for earlier, later in pairwise(points)]
    return median(pauses) if pauses else 0.0


def _since(head: StoredPoint, split: _Split | None, rules: Rules, alpha: float) -> SinceRelease | None:
    if split is None:
        return None
    values = [point.value for point in (*split.before, split.release, *split.after, head)]
    creep = creep_since(values, len(split.before), alpha, split.around)
    if creep is None:
        return None
    margin = rules.margin_of(head.row, split.release.value)
    beyond = classify(head.row, creep.interval, margin) is RowVerdict.REGRESSED
    return SinceRelease(head.row, creep, margin, beyond)
