"""Regressions that a team has accepted, with a ceiling and a date after which they must be gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from perfgate.compare.comparison import Comparison
from perfgate.metrics.catalogue import covers, metric_of


@dataclass(frozen=True)
class Acceptance:
    """One `[[accept]]` of perfgate.toml.

    scenario: the scenario of the rows that it accepts.
    request: the request name of these rows; None for those of every request and of the whole scenario.
    metric: the metric of these rows; dependency_cpu, counter and the like without a name are those of all names.
    ceiling: the regression that is accepted, however the metric counts (0.2 is 20 % worse; of a share 0.2
        are 20 points).
    expires: the last day on which it holds.
    reason: why it is accepted, in the team's words.
    """

    scenario: str
    request: str | None
    metric: str
    ceiling: float
    expires: date
    reason: str

    def describes(self, comparison: Comparison) -> bool:
        where = comparison.row
        is_there = self.scenario == where.scenario and self.request in (None, where.request)
        return is_there and covers(self.metric, where.metric)

    def covers(self, comparison: Comparison) -> bool:
        """Whether the regression is within the ceiling: it may reach as far as its interval leaves open."""
        if comparison.interval is None:
            return False
        lower_is_better = metric_of(comparison.row.metric).lower_is_better
        least = comparison.interval.low if lower_is_better else -comparison.interval.high
        return least <= self.ceiling


def acceptance_of(comparison: Comparison, acceptances: tuple[Acceptance, ...], today: date) -> Acceptance | None:
    """What perfgate.toml accepts of this row; one that still holds before one that has expired."""
    found = [acceptance for acceptance in acceptances if acceptance.describes(comparison)]
    return max(found, key=lambda one: (one.expires >= today, one.ceiling), default=None)
