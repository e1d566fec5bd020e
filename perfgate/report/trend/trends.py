"""Values and words that all reports of trends share: names of testbeds, commits with links, changes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from perfgate.compare.stored.trend import Stretch, Trend, TrendPoint
from perfgate.metrics.catalogue import covers
from perfgate.metrics.run import Testbed
from perfgate.report import numbers
from perfgate.units import format_date

SHORT_COMMIT = 7


@dataclass(frozen=True)
class Trends:
    """The trends of one branch.

    branch: its name; "" where the runs name none.
    trends: one for each row and testbed.
    testbeds: by id, at least those of the trends.
    commit_url: the address of a commit, with {sha} in place of its hash; "" for none.
    """

    branch: str
    trends: tuple[Trend, ...]
    testbeds: Mapping[str, Testbed]
    commit_url: str

    def of(self, metric: str, stat: str) -> Trends:
        """Those of one statistic; of dependency_cpu without a name those of all dependencies."""
        chosen = (trend for trend in self.trends if covers(metric, trend.row.metric) and trend.row.stat == stat)
        return replace(self, trends=tuple(chosen))

    def on_known_machines(self) -> Trends:
        """Without those of imported runs and the like, of which no two are known to compare."""
        known = (trend for trend in self.trends if self.testbeds[trend.testbed].cores)
        return replace(self, trends=tuple(known))

    @cached_property
    def used(self) -> tuple[str, ...]:
        """The testbeds of the trends, the one used last first."""
        newest: dict[str, float] = {}
        for trend in self.trends:
            newest[trend.testbed] = max(newest.get(trend.testbed, 0.0), trend.newest.started_at)
        return tuple(sorted(newest, key=lambda testbed: (-newest[testbed], testbed)))

    def name_of(self, testbed: str) -> str:
        """The machine in a few words, with the start of its id where another of them reads the same."""
        return self._names[testbed]

    @cached_property
    def _names(self) -> dict[str, str]:
        names = {one: _short_name(self.testbeds[one]) for one in self.used}
        times = Counter(names.values())
        return {one: f"{name} ({one[:6]})" if times[name] > 1 else name for one, name in names.items()}

    def url_of(self, point: TrendPoint) -> str:
        """Where the commit of a point can be seen; "" where that is unknown."""
        return self.commit_url.replace("{sha}", point.commit) if point.commit.isalnum() else ""

    def span(self) -> str:
        """From when to when the runs are: "2026-01-01 to 2026-03-04"."""
        first = min(trend.points[0].started_at for trend in self.trends)
        last = max(trend.newest.started_at for trend in self.trends)
        days = dict.fromkeys((format_date(first), format_date(last)))
        return " to ".join(days)


# What the makers of CPUs add to their names.
_ADDED = re.compile(r"\((?:R|TM)\)|(?: \d+-Core)? Processor\b| CPU\b| @ .*")


def _short_name(testbed: Testbed) -> str:
    """The machine as one tells it from others: "AMD EPYC 7763, 4 cores"; its id where nothing is known of it."""
    if not testbed.cores:
        return testbed.id
    return f"{_ADDED.sub('', testbed.cpu_model)}, {testbed.cores} core{'' if testbed.cores == 1 else 's'}"


def commit_of(point: TrendPoint) -> str:
    """The commit as a person calls it: "1a2b3c4", with a star where there were changes beside it."""
    return point.commit[:SHORT_COMMIT] + "*" * point.dirty if point.commit else "unknown commit"


def baseline_of(trend: Trend) -> str:
    """Where the next run should lie: "9.21 to 10.4 ms"."""
    band = trend.baseline
    return numbers.NOTHING if band is None else numbers.span(band.low, band.high, trend.row.unit)


def change_of(trend: Trend) -> str:
    """How far the level went from one end to the other: "+2.1 %"."""
    return numbers.NOTHING if trend.change is None else numbers.signed(trend.change, trend.row.unit)


def shift_of(trend: Trend, shift: Stretch) -> str:
    """How far the level went at a change point: "+12.4 %"; to which value where there is no ratio."""
    if shift.change is None:
        return f"to {numbers.value(shift.level, trend.row.unit)}"
    return numbers.signed(shift.change, trend.row.unit)
