"""What the pages of a site say: the scenarios with their newest runs, and the change points."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.compare.comparison import Comparison, RowVerdict, rules_out_regression
from perfgate.report.cells import Tone
from perfgate.report.trend.trends import SHORT_COMMIT
from perfgate.units import format_date


@dataclass(frozen=True)
class RunFacts:
    """One run.

    started_at: Unix seconds.
    commit: its whole hash; "" where unknown.
    dirty: whether the commit had changes.
    url: where the commit can be seen; "" where that is unknown.
    """

    started_at: float
    commit: str
    dirty: bool
    url: str

    @property
    def short_commit(self) -> str:
        """The commit as a person calls it."""
        return self.commit[:SHORT_COMMIT] + "*" * self.dirty if self.commit else "unknown commit"


@dataclass(frozen=True)
class LastVerdict:
    """How `perfgate compare` judges the newest run of a scenario on one testbed.

    verdict: of its gated rows together; None where there are too few runs to judge by, or it is long past.
    changed: the gated rows that regressed or improved, as compared.
    """

    verdict: RowVerdict | None
    changed: tuple[Comparison, ...]


@dataclass(frozen=True)
class SeriesLine:
    """A row on one testbed in one line.

    name: of the request; "" of the whole scenario.
    values: the series, condensed, oldest first.
    shifts: where in it change points are, as a share of its length, each with its tone.
    newest, change: as text.
    tone: of the change.
    """

    name: str
    values: tuple[float, ...]
    shifts: tuple[tuple[float, Tone], ...]
    newest: str
    change: str
    tone: Tone


@dataclass(frozen=True)
class TestbedEntry:
    """A scenario on one testbed.

    name: of the machine.
    newest: the newest run there.
    last: its verdict.
    lines: one for each request name, or the whole scenario.
    """

    __test__ = False  # pytest takes the name for that of a test

    name: str
    newest: RunFacts
    last: LastVerdict
    lines: tuple[SeriesLine, ...]


@dataclass(frozen=True)
class ShiftEntry:
    """One change point.

    run: the id of the first run after it.
    scenario, request: where it is; request "" of the whole scenario.
    slug: the file name of the scenario's page.
    statistic: such as "http_req_duration med".
    change: as text.
    size: of the change, as a fraction or in points; 0 where there is no ratio.
    level: at which it stays, as text.
    tone: whether it is for the worse.
    testbed: the name of the machine.
    first: the facts of that run.
    """

    run: str
    scenario: str
    request: str
    slug: str
    statistic: str
    change: str
    size: float
    level: str
    tone: Tone
    testbed: str
    first: RunFacts


@dataclass(frozen=True)
class ScenarioEntry:
    """A scenario.

    scenario: its name.
    slug: the file name of its page, without an ending.
    is_gone: whether it is no longer measured.
    runs: the number of its runs.
    span: from when to when they are, as text.
    testbeds: the one used last comes first.
    shifts: its change points.
    """

    scenario: str
    slug: str
    is_gone: bool
    runs: int
    span: str
    testbeds: tuple[TestbedEntry, ...]
    shifts: tuple[ShiftEntry, ...]


@dataclass(frozen=True)
class Overview:
    """The whole site.

    branch: whose runs; "" where they name none.
    runs: their number.
    span: from when to when they are, as text; "" without runs.
    newest: when the newest run began (Unix seconds); None without runs.
    scenarios: in the order of their names.
    address: where the site is published, with a "/" at its end; "" where that is unknown.
    """

    branch: str
    runs: int
    span: str
    newest: float | None
    scenarios: tuple[ScenarioEntry, ...]
    address: str

    @property
    def shifts(self) -> tuple[tuple[ShiftEntry, ...], ...]:
        """All change points, those of one run together, the newest first; of each run the largest first."""
        of_runs: dict[tuple[float, str], list[ShiftEntry]] = {}
        for scenario in self.scenarios:
            for shift in scenario.shifts:
                of_runs.setdefault((-shift.first.started_at, shift.run), []).append(shift)
        return tuple(tuple(sorted(of_runs[run], key=lambda shift: -shift.size)) for run in sorted(of_runs))


def span_of(first: float, last: float) -> str:
    """From one day to another, of Unix seconds: "2026-01-01 to 2026-03-04"."""
    return " to ".join(dict.fromkeys(map(format_date, (first, last))))


# The worst first.
_WORST = (RowVerdict.REGRESSED, RowVerdict.INCONCLUSIVE, None, RowVerdict.IMPROVED, RowVerdict.UNCHANGED)


def worst_of(entries: tuple[ScenarioEntry, ...]) -> RowVerdict | None:
    """The worst of the last verdicts on the testbeds that were used last; None where nothing was judged.

    A scenario that is gone has no say: nobody could mend it.
    """
    verdicts = {entry.testbeds[0].last.verdict for entry in entries if entry.testbeds and not entry.is_gone}
    return next((verdict for verdict in _WORST if verdict in verdicts), None)


def last_verdict(rows: tuple[Comparison, ...]) -> LastVerdict:
    """Of the rows of one scenario: a regression before all else, then an improvement, then whether all is decided."""
    gated = [row for row in rows if row.gated]
    judged = [row for row in gated if row.interval is not None]
    changed = tuple(row for row in gated if row.verdict in (RowVerdict.REGRESSED, RowVerdict.IMPROVED))
    verdicts = {row.verdict for row in changed}
    if not judged:
        return LastVerdict(None, ())
    for verdict in (RowVerdict.REGRESSED, RowVerdict.IMPROVED):
        if verdict in verdicts:
            return LastVerdict(verdict, changed)
    decided = all(map(rules_out_regression, judged))
    return LastVerdict(RowVerdict.UNCHANGED if decided else RowVerdict.INCONCLUSIVE, ())
