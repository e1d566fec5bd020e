"""The judge that a duet asks after some of its pairs: is everything decided, or does it go on?"""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.compare.alpha_spending import looks, share_at
from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.interference import FOREIGN_CPU, downgrade_doubtful
from perfgate.compare.pairs import compare_pairs
from perfgate.compare.rules import Rules
from perfgate.compare.sample import count_pairs
from perfgate.metrics.run import ScenarioRun, pair_count

# Before a dozen pairs a rank test can prove nothing at the alpha of one row of several scenarios: with 4 scenarios of
# 6 gated rows at 1 % in all, 2**-n <= 0.01 / 24 first holds for n = 12.
_FIRST_LOOK = 12


@dataclass(frozen=True)
class DuetPlan:
    """How long a duet of one scenario may last, and when it is looked at.

    scenarios: how many share the error rate. budget_seconds: of load on one scenario, both sides together.
    round_seconds: of load in one round. foreign_cpu: how unevenly others may take CPU from base and head.
    """

    scenarios: int
    budget_seconds: float
    round_seconds: float
    foreign_cpu: float = FOREIGN_CPU

    @property
    def pairs(self) -> int:
        """The pairs that the budget pays for; at least one."""
        return pair_count(self.budget_seconds, self.round_seconds)

    @property
    def looks(self) -> tuple[int, ...]:
        """After how many pairs to ask `judge`; the last look is the end."""
        return looks(self.pairs, _FIRST_LOOK)

    def is_look(self, pairs_done: int) -> bool:
        return pairs_done in self.looks or pairs_done >= self.pairs


@dataclass(frozen=True)
class Judgement:
    """What a look at one scenario says. decided: it needs no more rounds."""

    rows: tuple[Comparison, ...]
    decided: bool


def judge(plan: DuetPlan, rules: Rules, base: ScenarioRun, head: ScenarioRun, last: bool = False) -> Judgement:
    """Compare what was measured so far of one scenario.

    last: nothing will be measured any more, though the plan had more pairs (out of time, interrupted). Before the last
    look only a scenario without a regression can be decided: the gate says no after the whole budget, never before.
    """
    pairs_done = count_pairs(base, head)
    share = share_at(pairs_done, plan.looks, last)
    compared = compare_pairs(base, head, rules, rules.error_rate / plan.scenarios * share)
    rows = downgrade_doubtful(compared, base, head, plan.foreign_cpu)
    green = (RowVerdict.UNCHANGED, RowVerdict.IMPROVED)
    all_green = all(row.verdict in green for row in rows if row.gated)
    return Judgement(rows, last or pairs_done >= plan.pairs or all_green)
