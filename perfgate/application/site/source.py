"""What all pages of a site need of the histories, read once and handed to every process that makes one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from perfgate.application.stored_runs import StoredRuns
from perfgate.application.trend_query import gated_rows, point_of, row_of, statistics_of_a_page
from perfgate.compare.rows import Row
from perfgate.compare.stored.points import StoredPoint
from perfgate.compare.stored.trend import Expectation, Trend, TrendPoint, Window, trends_of
from perfgate.config.values import Config
from perfgate.history.branch_runs import BranchRun
from perfgate.history.values import Wanted
from perfgate.metrics.run import Testbed
from perfgate.report.site.values import RunFacts

# Of each testbed, in which levels and change points are looked for: that takes time, and older runs are drawn without.
MOST_RUNS = 1_000

_Point = TypeVar("_Point", bound=StoredPoint)


@dataclass(frozen=True)
class SiteSource:
    """What a site is made from.

    paths: the histories.
    folder: that relative references start from.
    branch: whose runs.
    runs: all of them, the oldest first.
    scenarios: the names of those that they measured.
    testbeds: by id.
    trends: of the newest runs of each testbed, of all scenarios: what to expect is learnt from all.
    commit_url: the address of a commit, with {sha}; "" for none.
    """

    paths: tuple[Path, ...]
    folder: Path
    branch: str
    runs: tuple[BranchRun, ...]
    scenarios: tuple[str, ...]
    testbeds: Mapping[str, Testbed]
    trends: tuple[Trend, ...]
    commit_url: str

    def open(self) -> StoredRuns:
        """The histories, to be read by who asks."""
        return StoredRuns(self.paths, self.folder)

    def facts_of(self, run: BranchRun | TrendPoint) -> RunFacts:
        """A run as pages show it."""
        url = self.commit_url.replace("{sha}", run.commit) if run.commit.isascii() and run.commit.isalnum() else ""
        return RunFacts(run.started_at, run.commit, run.dirty, url)


def read_source(paths: Sequence[Path], folder: Path, config: Config, branch: str | None, commit_url: str) -> SiteSource:
    """Read it. branch: None for the default branch, or that of the newest run where the default branch has none."""
    with StoredRuns(paths, folder) as stored:
        testbeds = stored.testbeds()
        named = branch or config.branch
        found = stored.branch(named)
        if not found.runs and branch is None and stored.count(None):
            named = stored.find("latest").run.record.branch
            found = stored.branch(named)
        wanted = Wanted(named, None, None, MOST_RUNS, None)
        values = stored.values(statistics_of_a_page(), wanted)
        unknown = frozenset(one for one, machine in testbeds.items() if not machine.cores)
        expected = Expectation(config.rules, gated_rows(stored, config, values), config.baseline_runs, unknown)
    return SiteSource(
        paths=tuple(paths),
        folder=folder,
        branch=named,
        runs=tuple(sorted(found.runs, key=lambda run: (run.started_at, run.id))),
        scenarios=found.scenarios,
        testbeds=testbeds,
        trends=trends_of(finite(map(point_of, values)), Window(None, None), expected),
        commit_url=commit_url,
    )


def values_of_scenario(source: SiteSource, stored: StoredRuns, scenario: str) -> dict[Row, dict[str, float]]:
    """All values of a scenario, by row and run."""
    wanted = Wanted(source.branch, None, None, None, scenario)
    found: dict[Row, dict[str, float]] = {}
    for one in stored.values(statistics_of_a_page(), wanted):
        if math.isfinite(one.value):
            found.setdefault(row_of(one), {})[one.run] = one.value
    return found


def finite(points: Iterable[_Point]) -> tuple[_Point, ...]:
    """Those with a number: another program may have written anything."""
    return tuple(point for point in points if math.isfinite(point.value))
