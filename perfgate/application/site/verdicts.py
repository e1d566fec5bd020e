"""How the newest runs of each scenario are judged, as `perfgate compare` judges them: on every testbed by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from perfgate.application.site.source import SiteSource, finite
from perfgate.compare.rules import Rules
from perfgate.compare.stored.baseline import compare_stored
from perfgate.compare.stored.points import points_of
from perfgate.compare.stored.prediction import LONGEST_SERIES
from perfgate.compare.stored.trend import Trend
from perfgate.report.site.values import LastVerdict, last_verdict

# Machines that are long gone are not judged: each run takes a fifth of a second.
_MOST_RUNS = 30
# After so many runs of the branch without it a scenario is gone: it was removed, or has another name now.
_RUNS_WITHOUT = 20

NOT_JUDGED = LastVerdict(None, ())


@dataclass(frozen=True)
class JudgedPlace:
    """A scenario on a testbed."""

    scenario: str
    testbed: str


def last_verdicts(source: SiteSource, rules: Rules, baseline_runs: int) -> dict[JudgedPlace, LastVerdict]:
    """Of the newest run of every scenario on every testbed; without those of what is long gone."""
    newest: dict[JudgedPlace, tuple[float, str]] = {}
    by_scenario: dict[str, list[Trend]] = {}
    for trend in source.trends:
        by_scenario.setdefault(trend.row.scenario, []).append(trend)
    gone = {scenario for scenario, trends in by_scenario.items() if is_gone(source, trends)}
    for trend in (one for one in source.trends if one.row.scenario not in gone):
        place = JudgedPlace(trend.row.scenario, trend.testbed)
        newest[place] = max(newest.get(place, (0.0, "")), (trend.newest.started_at, trend.newest.run))
    runs = sorted(set(newest.values()), reverse=True)[:_MOST_RUNS]
    found: dict[JudgedPlace, LastVerdict] = {}
    for _, run in runs:
        judged = _judge(source, rules, baseline_runs, run)
        found |= {place: judged.get(place.scenario, NOT_JUDGED) for place, (_, other) in newest.items() if other == run}
    return found


def is_gone(source: SiteSource, trends: Iterable[Trend]) -> bool:
    """Whether a scenario is no longer measured, by its trends; of one that few runs measure that is said later."""
    place_of = {run.id: place for place, run in enumerate(source.runs)}
    places = sorted({place_of[point.run] for trend in trends for point in trend.points if point.run in place_of})
    if not places:
        return True
    usual = max((later - place for place, later in pairwise(places[-_RUNS_WITHOUT:])), default=0)
    return len(source.runs) - 1 - places[-1] > max(_RUNS_WITHOUT, 2 * usual)


def _judge(source: SiteSource, rules: Rules, baseline_runs: int, run: str) -> Mapping[str, LastVerdict]:
    """A run against those before it, by scenario."""
    with source.open() as stored:
        head = stored.find(run)
        baseline = stored.baseline(head, source.branch, LONGEST_SERIES, frozenset())
    points = [point for one in baseline for point in finite(points_of(one))]
    rows = compare_stored(finite(points_of(head)), points, rules, baseline_runs)
    return {
        scenario: last_verdict(tuple(row for row in rows if row.row.scenario == scenario))
        for scenario in {row.row.scenario for row in rows}
    }
