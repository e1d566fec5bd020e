"""What all pages of a site need of the histories, read once and handed to every process that makes one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from perfgate.application.stored_runs import StoredRuns
from perfgate.application.trend_query import gated_rows, point_of, statistics_of_a_page
from perfgate.compare.stored.points import StoredPoint
from perfgate.compare.stored.prediction import LONGEST_SERIES
from perfgate.compare.stored.trend import Expectation, TrendPoint
from perfgate.config.values import Config
from perfgate.history.branch_runs import BranchRun
from perfgate.history.values import Wanted
from perfgate.metrics.run import Testbed
from perfgate.report.site.values import RunFacts

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
    recent: the points of the newest runs of each testbed, of all scenarios: what to expect is learnt from all.
    expected: how a next run would be judged.
    commit_url: the address of a commit, with {sha}; "" for none.
    """

    paths: tuple[Path, ...]
    folder: Path
    branch: str
    runs: tuple[BranchRun, ...]
    scenarios: tuple[str, ...]
    testbeds: Mapping[str, Testbed]
    recent: tuple[TrendPoint, ...]
    expected: Expectation
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
        newest = max(LONGEST_SERIES, config.baseline_runs)
        wanted = Wanted(named, None, None, newest, None)
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
        recent=finite(map(point_of, values)),
        expected=expected,
        commit_url=commit_url,
    )


def points_of_scenario(source: SiteSource, stored: StoredRuns, scenario: str) -> tuple[TrendPoint, ...]:
    """All points of a scenario, with the recent ones of the others."""
    wanted = Wanted(source.branch, None, None, None, scenario)
    own = map(point_of, stored.values(statistics_of_a_page(), wanted))
    return (*finite(own), *(point for point in source.recent if point.row.scenario != scenario))


def finite(points: Iterable[_Point]) -> tuple[_Point, ...]:
    """Those with a number: another program may have written anything."""
    return tuple(point for point in points if math.isfinite(point.value))
