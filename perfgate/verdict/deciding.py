"""What would have decided a duet that stayed open, the cheapest first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from perfgate.compare.comparison import Comparison
from perfgate.compare.foresight.decisive import decisive
from perfgate.compare.foresight.instances import instance_variance
from perfgate.compare.rows import THROUGHPUT, Row
from perfgate.verdict.values import DuetMethod, Verdict

# More users cost no time, but only a service that is idle for most of it answers them as it answers few.
_BUSIEST = 0.5
# Beyond it sides that are loaded at the same time would take turns, and have half the load each (`load.warm_up`).
_BUSIEST_AT_ONCE = 1 / 3

# A budget beyond this for one scenario is no advice.
_LONGEST = 1800.0


@dataclass(frozen=True)
class Deciding:
    """What would have decided the rows that stayed open, each alone; None or empty where it would not have.

    vus: so many virtual users.
    scale: so many times the scenarios' own load, where users are not what it takes.
    budget: so much load on each scenario, both sides together where they take turns (s).
    margins: margins that each rule a regression out, by the row that they are for.
    instances: whether no load would, since instances of one program differ by too much: more of each side do.
    """

    vus: int | None
    scale: int | None
    budget: float | None
    margins: tuple[tuple[Row, float], ...]
    instances: bool


def what_decides(verdict: Verdict, rows: Sequence[Comparison]) -> Deciding:
    """What would have decided these open rows of a duet, as far as what was measured tells."""
    variances = {one.scenario: instance_variance(one.instance_noise, one.instances) for one in verdict.methods}
    answers = [decisive(comparison, variances.get(comparison.row.scenario, 0.0)) for comparison in rows]
    margins = tuple(
        (comparison.row, one.margin) for comparison, one in zip(rows, answers, strict=True) if one.margin is not None
    )
    margins = margins if len(margins) == len(rows) else ()
    beyond = [one for one in answers if one.times is None]
    if beyond:
        return Deciding(None, None, None, margins, all(one.by_instances for one in beyond))
    times: dict[str, float] = {}
    for comparison, answer in zip(rows, answers, strict=True):
        times[comparison.row.scenario] = max(answer.times or 0.0, times.get(comparison.row.scenario, 0.0))
    vus, scale = _load(verdict, times)
    return Deciding(vus, scale, _budget(verdict, times), margins, False)


def _budget(verdict: Verdict, times: dict[str, float]) -> float | None:
    """The longest budget that a scenario would have taken, rounded up; None where too long, or unknown."""
    spent = {method.scenario: _budget_of(method) for method in verdict.methods}
    if not times.keys() <= spent.keys():
        return None
    longest = max((factor * spent[scenario] for scenario, factor in times.items()), default=0.0)
    step = 10 if longest <= 60 else 30 if longest <= 300 else 60
    return math.ceil(longest / step) * step if 0 < longest <= _LONGEST else None


def _budget_of(method: DuetMethod) -> float:
    """The load that a duet took of its budget (s): of pairs at the same time once, of pairs in turns on each side."""
    return method.pairs * method.round_seconds * (1 if method.at_once else 2)


def _load(verdict: Verdict, times: dict[str, float]) -> tuple[int | None, int | None]:
    """So many users, or so many times the scenarios' own load; neither where a service could not bear that.

    Users are those of every scenario, and make no load where iterations start on a schedule.
    """
    lines = {line.scenario: line for line in verdict.summary if line.side == "head" and line.request is None}
    methods = {method.scenario: method for method in verdict.methods}
    scales = {method.scale for method in verdict.methods}
    if not times or not times.keys() <= lines.keys() <= methods.keys() or len(scales) != 1:
        return None, None
    factor, scale = max(times.values()), max(scales)
    if not all(_bears(verdict, methods[scenario], factor) for scenario in lines):
        return None, None
    if len(lines) == 1:
        (line,) = lines.values()
        if line.vus_max and _is_closed(verdict, line.scenario):
            return math.ceil(line.vus_max * factor / scale), None
    return None, math.ceil(factor * scale)


def _is_closed(verdict: Verdict, scenario: str) -> bool:
    """Whether iterations start when others have ended: only there throughput is compared."""
    return any(
        comparison.row.scenario == scenario and comparison.row.metric == THROUGHPUT for comparison in verdict.rows
    )


def _bears(verdict: Verdict, method: DuetMethod, factor: float) -> bool:
    """Whether the CPUs of the service bear so many times the load of a scenario; no where that is unknown."""
    shares = [_busy(verdict, method.scenario, side) for side in ("base", "head")]
    known = [share for share in shares if share is not None]
    if len(known) < len(shares):
        return False
    return sum(known) * factor <= _BUSIEST_AT_ONCE if method.at_once else max(known) * factor <= _BUSIEST


def _busy(verdict: Verdict, scenario: str, side: str) -> float | None:
    """Which share of its CPUs the service used on one side, with its dependencies; None where unknown."""
    rows = (row for row in verdict.rows if _is_cpu_of(row, scenario))
    spent = [used for row in rows if (used := row.base if side == "base" else row.head) is not None]
    rates = [
        line.requests_per_second
        for line in verdict.summary
        if (line.scenario, line.side, line.request) == (scenario, side, None)
    ]
    cpus = len(verdict.head.cpus.get("service", ()))
    if not spent or not rates or not rates[0] or not cpus:
        return None
    return sum(spent) / 1000 * rates[0] / cpus


def _is_cpu_of(comparison: Comparison, scenario: str) -> bool:
    row = comparison.row
    return row.scenario == scenario and (row.metric == "service_cpu" or row.is_cpu_of_dependency)
