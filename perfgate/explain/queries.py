"""The queries that a request runs more often, or that take longer, on head than on base."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev, variance

from perfgate.compare.statistics import student_quantile
from perfgate.explain.cause import Cause, CauseKind

QUERIES_SEEN_BY = "pg_stat_statements"

# The probability that any query is named where nothing changed, shared by all that are tested.
_ERROR_RATE = 0.01
_INTERVAL_TAIL = 0.025
# The probability that a query that runs by the clock is taken for one that requests run. It is small, since only
# queries that seem to rise are looked at.
_CLOCK_TAIL = 0.002
FEWEST_PAIRS = 3
# A request that runs a query so much more often: less comes of requests that differ from one another.
_LEAST_CALLS, _LEAST_SHARE_OF_CALLS = 0.02, 0.02
# Two databases differ in how long they take: only a query that takes so much longer is tested for.
_NOISE_OF_TIME = 0.10
# Of the time of all queries of a request: less is no reason for a red verdict.
_LEAST_RISE = 0.02
_LONGEST_TEXT = 200
_MOST_CAUSES = 5
_NUMBERED = re.compile(r"(\$\d+)(?:\s*,\s*\$\d+)+")


@dataclass(frozen=True)
class Statement:
    """What a database counted of one statement. calls: how often it ran. milliseconds: all of its runs together."""

    calls: float
    milliseconds: float


Statements = Mapping[str, Statement]
"""By the text of the statement."""


@dataclass(frozen=True)
class QueriedRound:
    """What ran in one round. statements: in that time. requests: that were sent."""

    statements: Statements
    requests: int


@dataclass(frozen=True)
class QueriedPair:
    """A round on base and one on head, next to each other."""

    base: QueriedRound
    head: QueriedRound

    @property
    def usable(self) -> bool:
        """Whether both rounds had requests."""
        return self.base.requests > 0 and self.head.requests > 0


def between(before: Statements, after: Statements) -> dict[str, Statement]:
    """What ran between two looks. What was reset in between is left out."""
    found = {}
    for text, now in after.items():
        then = before.get(text, Statement(0, 0.0))
        if now.calls > then.calls:
            found[text] = Statement(now.calls - then.calls, max(0.0, now.milliseconds - then.milliseconds))
    return found


def find_queries(scenario: str, dependency: str, pairs: Sequence[QueriedPair]) -> tuple[Cause, ...]:
    """The queries that rose beyond chance: first those that run more often, then those that take longer."""
    usable = [pair for pair in pairs if pair.usable]
    if len(usable) < FEWEST_PAIRS:
        return ()
    texts = {text for pair in usable for one in (pair.base, pair.head) for text in one.statements}
    rows = [_row(usable, text) for text in texts]
    tail = _ERROR_RATE / max(1, 2 * len(rows))
    whole = sum(row.times.base for row in rows)
    oftener = [row for row in rows if _runs_oftener(row, tail)]
    longer = [row for row in rows if row not in oftener and _takes_longer(row, tail, whole)]
    found = [*_most_first(oftener), *_most_first(longer)]
    return tuple(
        _cause(CauseKind.QUERY_RUNS if row in oftener else CauseKind.QUERY_TIME, scenario, dependency, row)
        for row in found[:_MOST_CAUSES]
    )


@dataclass(frozen=True)
class _Sides:
    """A number a request, in the rounds of both sides."""

    before: Sequence[float]
    after: Sequence[float]

    @property
    def base(self) -> float:
        return fmean(self.before)

    @property
    def head(self) -> float:
        return fmean(self.after)

    @property
    def change(self) -> float:
        return self.head - self.base

    def half(self, tail: float) -> float:
        """Half the width of the interval of the change, with this probability beyond either end."""
        differences = [late - early for early, late in zip(self.before, self.after, strict=True)]
        return student_quantile(tail, len(differences) - 1) * stdev(differences) / math.sqrt(len(differences))

    def shortest_half(self, tail: float) -> float:
        """That of the pairs or that of two independent samples, whichever is shorter: half the probability is for each.

        Few pairs have few degrees of freedom, and two samples twice as many (Student's t with a pooled variance).
        """
        count = len(self.before)
        scatter = math.sqrt((variance(self.before) + variance(self.after)) / count)
        return min(self.half(tail / 2), student_quantile(tail / 2, 2 * (count - 1)) * scatter)


@dataclass(frozen=True)
class _Row:
    """One statement.

    calls: how often a request runs it.
    times: what that takes (ms).
    calls_a_round: how often all requests of a round run it, and whatever else does.
    """

    text: str
    calls: _Sides
    times: _Sides
    calls_a_round: _Sides


def _row(pairs: Sequence[QueriedPair], text: str) -> _Row:
    none = Statement(0, 0.0)

    def sides(number: Callable[[Statement, int], float]) -> _Sides:
        before, after = (
            [number(one.statements.get(text, none), one.requests) for one in rounds]
            for rounds in ([pair.base for pair in pairs], [pair.head for pair in pairs])
        )
        return _Sides(before, after)

    return _Row(
        text,
        calls=sides(lambda one, requests: one.calls / requests),
        times=sides(lambda one, requests: one.milliseconds / requests),
        calls_a_round=sides(lambda one, _: one.calls),
    )


def _runs_oftener(row: _Row, tail: float) -> bool:
    calls = row.calls
    least = max(_LEAST_CALLS, _LEAST_SHARE_OF_CALLS * calls.base)
    if calls.change < least or calls.change - calls.shortest_half(tail) <= 0:
        return False
    return calls.base >= 1 or not _may_run_by_the_clock(row)


def _may_run_by_the_clock(row: _Row) -> bool:
    """Whether the rounds may have one number of runs a round, rather than one number of runs a request on each side.

    What runs by the clock has the former: it runs oftener a request as soon as requests take longer. The first model
    has one number, the second two. Where all rounds have as many requests, this is an F test of one degree of freedom.
    Where they do not, since a neighbour comes and goes, the two models differ all the more.
    """
    calls, in_all = row.calls, row.calls_a_round
    by_the_clock = _scatter([*in_all.before, *in_all.after])
    by_the_request = _scatter(calls.before) + _scatter(calls.after)
    degrees = len(calls.before) + len(calls.after) - 2
    return by_the_clock <= by_the_request * (1 + student_quantile(_CLOCK_TAIL, degrees) ** 2 / degrees)


def _scatter(values: Sequence[float]) -> float:
    """The sum of squares of their relative distances from their mean; 0 where all are 0."""
    mean = fmean(values)
    return sum((value / mean - 1) ** 2 for value in values) if mean else 0.0


def _takes_longer(row: _Row, tail: float, whole: float) -> bool:
    calls, times = row.calls, row.times
    beyond_noise = times.change - times.shortest_half(tail) > _NOISE_OF_TIME * times.base
    # One that runs oftener takes more of a request, and no longer.
    each_longer = times.head * calls.base > (1 + _NOISE_OF_TIME) * times.base * calls.head
    return times.change >= _LEAST_RISE * whole and beyond_noise and each_longer


def _most_first(rows: Sequence[_Row]) -> list[_Row]:
    return sorted(rows, key=lambda row: (-row.times.change, row.text))


def _cause(kind: CauseKind, scenario: str, dependency: str, row: _Row) -> Cause:
    times, half = row.times, row.times.half(_INTERVAL_TAIL)
    return Cause(
        kind=kind,
        scenario=scenario,
        dependency=dependency,
        function=shortened(row.text),
        file="",
        line=None,
        base_ms=times.base,
        head_ms=times.head,
        change_ms=times.change,
        low_ms=times.change - half,
        high_ms=times.change + half,
        share=None,
        self_ms=None,
        total_ms=None,
        within="",
        callers=(),
        changed=None,
        profiler=QUERIES_SEEN_BY,
        base_calls=row.calls.base,
        head_calls=row.calls.head,
    )


def shortened(text: str) -> str:
    """A statement on one line, without the rest of a long one."""
    short = _NUMBERED.sub(r"\1, …", text)
    return short if len(short) <= _LONGEST_TEXT else f"{short[: _LONGEST_TEXT - 1]}…"
