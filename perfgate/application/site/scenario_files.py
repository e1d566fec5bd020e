"""One scenario of a site: its trends, and from them its page, its data and its badge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perfgate.application.site.folder import write_file
from perfgate.application.site.source import SiteSource, values_of_scenario
from perfgate.application.site.verdicts import NOT_JUDGED, JudgedPlace, is_gone
from perfgate.compare.rows import DURATION, Row
from perfgate.compare.stored.trend import Trend
from perfgate.history.branch_runs import BranchRun, PackedLatencies
from perfgate.report import numbers
from perfgate.report.site import badge, paths, scenario_page, series
from perfgate.report.site.values import (
    LastVerdict,
    ScenarioEntry,
    SeriesLine,
    ShiftEntry,
    TestbedEntry,
    span_of,
    worst_of,
)
from perfgate.report.trend.panels import Panel, PanelRuns, panels_of, tone_of
from perfgate.report.trend.sparkline import condensed
from perfgate.report.trend.trends import Trends, change_of, shift_of

_POINTS = 80  # of a small picture


@dataclass(frozen=True)
class ScenarioTask:
    """What is to be made.

    source: what all pages need, with the trends of this scenario alone.
    scenario: its name; slug: its file name.
    last: the verdicts on its newest runs, by testbed.
    folder: where the site is written.
    most_latencies: bytes that its response times may take.
    """

    source: SiteSource
    scenario: str
    slug: str
    last: Mapping[JudgedPlace, LastVerdict]
    folder: Path
    most_latencies: int


@dataclass(frozen=True)
class WrittenScenario:
    """What came of it. files: their ways from the top of the site. entry: None where no run has a value."""

    entry: ScenarioEntry | None
    files: tuple[str, ...]


def write_scenario(task: ScenarioTask) -> WrittenScenario:
    """Write the files of a scenario."""
    source = task.source
    if not source.trends:
        return WrittenScenario(None, ())
    trends = Trends(source.branch, source.trends, source.testbeds, source.commit_url)
    with source.open() as stored:
        values = values_of_scenario(source, stored, task.scenario)
        runs = _runs(source, trends, values)
        ids = [run.id for run in runs]
        places = PanelRuns.among((run.started_at, run.id) for run in runs)
        files = dict(_latency_files(task, ids, stored.packed_latencies(task.scenario, ids)))
    panels = [_with_all(panel, values[panel.row]) for panel in panels_of(trends, places)]
    entry = _entry(task, trends, runs)
    newest = -(-len(runs) // series.RUNS_IN_PART)
    kept = [newest - 1 - part for part in range(len(files))]
    place_of = {testbed: place for place, testbed in enumerate(trends.used)}
    machines = [place_of[run.testbed] for run in runs]
    numbers_of = [[values[panel.row].get(run) for run in ids] for panel in panels]
    shown = series.Shown(task.slug, panels, numbers_of, machines, _places(source, ids), kept)
    files[paths.series_of(task.slug)] = series.series_file(shown)
    files[paths.page_of(task.slug)] = scenario_page.render(entry, trends, panels)
    files[paths.badge_of(task.slug)] = badge.render(task.scenario, worst_of((entry,)), entry.runs)
    for name, content in files.items():
        write_file(task.folder, name, content)
    return WrittenScenario(entry, tuple(files))


def _runs(source: SiteSource, trends: Trends, values: Mapping[Row, Mapping[str, float]]) -> list[BranchRun]:
    """Those with a value of a row that is shown, on a testbed that is."""
    measured = set().union(*(values[row] for row in {trend.row for trend in trends.trends}))
    used = frozenset(trends.used)
    return [run for run in source.runs if run.id in measured and run.testbed in used]


def _with_all(panel: Panel, values: Mapping[str, float]) -> Panel:
    """The panel, as high as all its runs need."""
    return replace(panel, low=min(panel.low, *values.values()), high=max(panel.high, *values.values()))


def _latency_files(
    task: ScenarioTask, runs: Sequence[str], found: Iterable[PackedLatencies]
) -> Iterable[tuple[str, str]]:
    by_run: dict[str, dict[str, bytes]] = {}
    for one in found:
        by_run.setdefault(one.run, {})[one.request] = one.packed
    for part, text in series.latency_files(runs, by_run, task.most_latencies):
        yield paths.latencies_of(task.slug, part), text


def _places(source: SiteSource, runs: Sequence[str]) -> list[int] | None:
    """Where the runs of the scenario are among those of the site; None where it has them all."""
    if len(runs) == len(source.runs):
        return None
    own = frozenset(runs)
    return [place for place, run in enumerate(source.runs) if run.id in own]


def _entry(task: ScenarioTask, trends: Trends, runs: Sequence[BranchRun]) -> ScenarioEntry:
    by_testbed = {one: [trend for trend in trends.trends if trend.testbed == one] for one in trends.used}
    return ScenarioEntry(
        scenario=task.scenario,
        slug=task.slug,
        is_gone=is_gone(task.source, trends.trends),
        runs=len(runs),
        span=span_of(runs[0].started_at, runs[-1].started_at),
        testbeds=tuple(_testbed(task, testbed, found, trends) for testbed, found in by_testbed.items()),
        shifts=tuple(shift for trend in trends.trends for shift in _shifts(task, trend, trends)),
    )


def _testbed(task: ScenarioTask, testbed: str, found: Sequence[Trend], trends: Trends) -> TestbedEntry:
    """Of what it has the medians of response times; without them whatever comes first."""
    medians = [trend for trend in found if (trend.row.metric, trend.row.stat) == (DURATION, "med")]
    newest = max((trend.newest for trend in found), key=lambda point: (point.started_at, point.run))
    return TestbedEntry(
        name=trends.name_of(testbed),
        newest=task.source.facts_of(newest),
        last=task.last.get(JudgedPlace(task.scenario, testbed), NOT_JUDGED),
        lines=tuple(map(_line, medians or found[:1])),
    )


def _line(trend: Trend) -> SeriesLine:
    last = max(1, len(trend.points) - 1)
    return SeriesLine(
        name=trend.row.request or "",
        values=tuple(condensed([point.value for point in trend.points], _POINTS)),
        shifts=tuple((shift.start / last, tone_of(trend, shift.change)) for shift in trend.shifts),
        newest=numbers.value(trend.newest.value, trend.row.unit),
        change=change_of(trend),
        tone=tone_of(trend, trend.change),
    )


def _shifts(task: ScenarioTask, trend: Trend, trends: Trends) -> Iterable[ShiftEntry]:
    row = trend.row
    for shift in trend.shifts:
        first = trend.points[shift.start]
        yield ShiftEntry(
            run=first.run,
            scenario=row.scenario,
            request=row.request or "",
            slug=task.slug,
            statistic=numbers.metric_name(row.metric, row.stat),
            change=shift_of(trend, shift),
            size=abs(shift.change or 0.0),
            level=numbers.value(shift.level, row.unit),
            tone=tone_of(trend, shift.change),
            testbed=trends.name_of(trend.testbed),
            first=task.source.facts_of(first),
        )
