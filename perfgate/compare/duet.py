"""The judge that a duet asks after some of its pairs: is everything decided, or does it go on?"""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.compare.alpha_spending import looks, share_at
from perfgate.compare.comparison import Comparison, rules_out_regression
from perfgate.compare.foresight.gating import gate_where_possible
from perfgate.compare.foresight.instances import instance_variance
from perfgate.compare.foresight.prospect import Progress, prospect_of
from perfgate.compare.interference import FOREIGN_CPU, downgrade_doubtful
from perfgate.compare.multiplicity import ErrorRates
from perfgate.compare.pairs import compare_pairs
from perfgate.compare.rules import MISS_RATE, Rules
from perfgate.compare.sample import count_pairs, counted_pairs, totals, valid_pairs
from perfgate.metrics.run import ScenarioRun, pair_count


@dataclass(frozen=True)
class DuetPlan:
    """How long a duet of one scenario may last, and when it is looked at.

    scenarios: how many share the error rate.
    budget_seconds: of load on one scenario, both sides together (s).
    pair_seconds: of that load in one pair (s): of two rounds in turns, or of one slice of time on both sides.
    foreign_cpu: how unevenly others may take CPU from base and head.
    miss_rate: how often a row may rule out a regression that is there.
    instance_noise: the standard deviation between instances of one program, a fraction; None where unknown.
    """

    scenarios: int
    budget_seconds: float
    pair_seconds: float
    foreign_cpu: float = FOREIGN_CPU
    miss_rate: float = MISS_RATE
    instance_noise: float | None = None

    @property
    def pairs(self) -> int:
        """The pairs that the budget pays for; at least one."""
        return pair_count(self.budget_seconds, self.pair_seconds)

    @property
    def looks(self) -> tuple[int, ...]:
        """After how many pairs to ask `judge`; the last look is the end."""
        return looks(self.pairs, self.miss_rate)

    def progress(self, pairs_done: int, last: bool, variance: float = 0.0) -> Progress:
        """How far a duet is after `pairs_done` pairs.

        last: nothing comes after them.
        variance: of a log ratio, that comes from the instances.
        """
        now, at_end = (
            self.miss_rate * share_at(pairs, self.looks, ends)
            for pairs, ends in ((pairs_done, last), (self.pairs, True))
        )
        return Progress(1.0 if last else min(1.0, pairs_done / self.pairs), now, now if last else at_end, variance)

    def is_look(self, pairs_done: int) -> bool:
        return pairs_done in self.looks or pairs_done >= self.pairs


@dataclass(frozen=True)
class Judgement:
    """What a look at one scenario says. decided: it needs no more rounds."""

    rows: tuple[Comparison, ...]
    decided: bool


def judge(
    plan: DuetPlan,
    rules: Rules,
    base: ScenarioRun,
    head: ScenarioRun,
    last: bool = False,
    instances: int | None = None,
) -> Judgement:
    """Compare what was measured so far of one scenario.

    last: nothing will be measured any more, though the plan had more pairs (out of time, interrupted).
    instances: how many of each side were measured so far; None where unknown.

    Before the last look only a scenario without a regression can be decided: the gate says no after the whole budget,
    never before. It is decided when every row that gates rules a regression out, and no other looks like one. From half
    of the budget on nothing waits for rows that cannot be decided within it.
    """
    pairs_done = count_pairs(base, head)
    ended = last or pairs_done >= plan.pairs
    rates = ErrorRates(
        red=rules.error_rate / plan.scenarios,
        miss=plan.miss_rate * share_at(pairs_done, plan.looks, last),
    )
    variance = instance_variance(plan.instance_noise, instances)
    compared = compare_pairs(base, head, rules, rates, variance)
    rows = downgrade_doubtful(compared, base, head, plan.foreign_cpu)
    if ended or pairs_done >= plan.pairs / 2:
        timed, believed = valid_pairs(base, head), counted_pairs(base, head)
        counted = totals(believed) if len(believed) > len(timed) else None
        rows = gate_where_possible(rows, rules, plan.progress(pairs_done, last, variance), totals(timed), counted)
    settled = all(rules_out_regression(row) if row.gated else not _looks_regressed(row, rates.miss) for row in rows)
    return Judgement(rows, ended or settled)


def _looks_regressed(comparison: Comparison, miss: float) -> bool:
    """Whether the change lies beyond the margin by more than its standard error. miss: that of the row's interval."""
    known = prospect_of(comparison, Progress(1.0, miss, miss))
    return known is not None and known.estimate - known.error > known.margin
