"""Trends of stored runs, by metric, branch, testbed and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from perfgate.application.bench.provenance import remote_of_checkout
from perfgate.application.context import Context
from perfgate.application.stored_runs import StoredRuns
from perfgate.compare.rows import DURATION, Row
from perfgate.compare.stored.points import points_of
from perfgate.compare.stored.prediction import LONGEST_SERIES
from perfgate.compare.stored.trend import STATISTICS, Expectation, TrendPoint, Window, trends_of
from perfgate.config.values import Config
from perfgate.errors import HistoryError, MistakeError, PerfgateError, UsageError, did_you_mean
from perfgate.history.finding import find_testbed
from perfgate.history.values import Statistic, StoredValue, Wanted
from perfgate.metrics.catalogue import METRICS, Kind, covers, metric_of, name_in
from perfgate.metrics.phases import OF_CONNECTIONS
from perfgate.report.trend.commit_link import checked_template, template_of
from perfgate.report.trend.fold import trend_fold
from perfgate.report.trend.trends import Trends
from perfgate.units import parse_timestamp
from perfgate.verdict import Verdict

_MOST_RUNS = 200
_RUNS_OF_A_REPORT = 40
_DEFAULT_STATS = {Kind.TREND: "med", Kind.RATE: "rate", Kind.COUNTER: "rate", Kind.GAUGE: "value"}


@dataclass(frozen=True)
class Choice:
    """The options of a trend; None where one was not given.

    metric: a name of the catalogue, or "dependency_cpu{name:postgres}".
    stat: a statistic of it.
    since: the earliest `started_at`.
    limit: the newest runs of each testbed.
    branch: the branch of the runs.
    testbed: id, start of an id, or part of the CPU's name.
    commit_url: template for addresses of commits, with {sha}.
    """

    metric: str | None
    stat: str | None
    since: str | None
    limit: int | None
    branch: str | None
    testbed: str | None
    commit_url: str | None


def trend_of_report(context: Context, paths: Sequence[Path], config: Config, verdict: Verdict) -> str:
    """What a report folds in of these histories, as Markdown; "" where they have nothing, which is no mistake.

    Whatever goes wrong, it is no more than a report without its trend: a verdict has taken minutes to measure.
    """
    everything = Choice(None, None, None, _RUNS_OF_A_REPORT, None, None, None)
    try:
        with StoredRuns(paths, context.folder) as stored:
            return trend_fold(read_trends(context, stored, config, everything, (), statistics_of(everything)), verdict)
    except PerfgateError:
        return ""
    except Exception as error:  # a defect of perfgate
        context.say(f"The report has no trend: perfgate failed to draw it ({type(error).__name__}: {error}).")
        return ""


def statistics_of(choice: Choice) -> tuple[Statistic, ...]:
    """The statistic that was chosen; where none was, all that a page shows, and first the one that a table shows."""
    if choice.metric is None and choice.stat is None:
        return statistics_of_a_page()
    metric = choice.metric or DURATION
    if metric not in METRICS and not name_in(metric):
        raise UsageError(f"there is no metric {metric!r}", did_you_mean(metric, METRICS))
    try:
        return (Statistic(metric, choice.stat or _default_stat(metric)),)
    except ValueError as error:
        raise UsageError(str(error), "choose one with --stat") from None


def _default_stat(metric: str) -> str:
    """Of what connections take the mean: most requests find one open, so any percentile is 0."""
    return "avg" if metric in OF_CONNECTIONS else _DEFAULT_STATS[metric_of(metric).kind]


def statistics_of_a_page() -> tuple[Statistic, ...]:
    """What a page about the whole service shows."""
    return tuple(Statistic(metric, stat) for metric, stat in STATISTICS)


def commit_url_of(context: Context, given: str | None) -> str:
    """The template for addresses of commits: as given, else from the remote; "" for none."""
    if given is None:
        return template_of(remote_of_checkout(context))
    try:
        return checked_template(given)
    except MistakeError as error:
        raise UsageError(f"--commit-url: {error.message}", error.hint) from None


def read_trends(
    context: Context,
    stored: StoredRuns,
    config: Config,
    choice: Choice,
    scenarios: Sequence[str],
    statistics: Sequence[Statistic],
) -> Trends:
    """The trends of the scenarios, of all where none is named. HistoryError where no run has what is asked for."""
    testbeds = stored.testbeds()
    testbed = None if choice.testbed is None else find_testbed(choice.testbed, testbeds.values()).id
    since = None if choice.since is None else parse_timestamp(choice.since)
    limit = _MOST_RUNS if since is None and choice.limit is None else choice.limit
    newest = LONGEST_SERIES if since is not None or limit is None else max(limit, LONGEST_SERIES)
    wanted = Wanted(choice.branch or config.branch, testbed, since, newest, None)
    branch, values = _values(stored, statistics, wanted, choice)
    _check_scenarios(values, scenarios)
    others = [one for one in statistics_of_a_page() if one not in statistics]
    beside = stored.values(others, replace(wanted, branch=branch)) if others else []
    unknown = frozenset(one for one, machine in testbeds.items() if not machine.cores)
    expected = Expectation(config.rules, gated_rows(stored, config, values), config.baseline_runs, unknown)
    # What to expect of a row is learnt from all rows of its run, shown or not.
    known = dict.fromkeys((*values, *beside))  # that of one dependency is among those of all
    made = trends_of([point_of(value) for value in known], Window(since, limit), expected)
    trends = tuple(trend for trend in made if _is_wanted(trend.row, scenarios, statistics))
    if not trends:
        raise _nothing(branch, statistics[0])
    return Trends(branch, trends, testbeds, commit_url_of(context, choice.commit_url))


def _values(
    stored: StoredRuns, statistics: Sequence[Statistic], wanted: Wanted, choice: Choice
) -> tuple[str, list[StoredValue]]:
    """The branch and its values; of the newest run's branch where the default branch has none and none was named."""
    values = stored.values(statistics, wanted)
    if values or choice.branch is not None:
        return wanted.branch, values
    branch = stored.find("latest").run.record.branch
    return branch, stored.values(statistics, replace(wanted, branch=branch))


def gated_rows(stored: StoredRuns, config: Config, values: Sequence[StoredValue]) -> int:
    """How many rows of the newest run share the error rate."""
    if not values:
        return 1
    newest = max(values, key=lambda value: value.started_at).run
    return sum(config.rules.gates(point.row) for point in points_of(stored.find(newest)))


def _check_scenarios(values: Sequence[StoredValue], scenarios: Sequence[str]) -> None:
    known = sorted({value.scenario for value in values})
    for scenario in scenarios:
        if scenario not in known and known:
            raise UsageError(f"the history has no scenario {scenario!r}", did_you_mean(scenario, known))


def _is_wanted(row: Row, scenarios: Sequence[str], statistics: Sequence[Statistic]) -> bool:
    asked = any(covers(one.metric, row.metric) and one.stat == row.stat for one in statistics)
    return asked and (not scenarios or row.scenario in scenarios)


def point_of(value: StoredValue) -> TrendPoint:
    """A value of the history as a point of a trend."""
    row, run = row_of(value), value.run
    return TrendPoint(
        row, value.value, run, value.started_at, value.testbed, value.scenario_hash, value.commit, value.dirty
    )


def row_of(value: StoredValue) -> Row:
    """The row that a value of the history is of."""
    return _row(value.scenario, value.request, value.statistic.metric, value.statistic.stat)


# Thousands of points are of one row.
_row = lru_cache(maxsize=None)(Row)


def _nothing(branch: str, statistic: Statistic) -> HistoryError:
    what = f"no finished run {f'of branch {branch!r} ' if branch else ''}has {statistic.stat} of {statistic.metric}"
    return HistoryError(
        f"{what} in that window",
        "`perfgate history list` shows the runs, of which those without a valid round have no value; choose with "
        "--branch, --since and --metric.",
    )
