"""Everything that is known about a gate, folded into one outcome, one exit code and its reasons.

What outweighs what:

1. An *invalid* note takes the word from its scenario: neither a regression nor a crossed threshold of a scenario whose
   numbers cannot be believed fails the gate. A note without a scenario takes it from all of them. One that is about
   times leaves counts their word.
2. A regression or a crossed threshold of a scenario that can be believed is proven, whatever happened to the others:
   *fail* (exit 1). Measuring the others again would not take it back.
3. Otherwise any invalid note makes it *invalid* (exit 3): what was not measured is never green.
4. Otherwise a gated row that leaves a regression beyond its margin possible makes it *inconclusive*.
5. Otherwise it is a *pass*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from perfgate.compare.comparison import Comparison, RowVerdict, rules_out_regression
from perfgate.errors import ExitCode
from perfgate.explain.cause import Cause
from perfgate.explain.differences.difference import NO_DIFFERENCES, Differences
from perfgate.metrics.catalogue import metric_of
from perfgate.metrics.run import RunRecord
from perfgate.metrics.threshold import ThresholdResult
from perfgate.verdict.accept import Acceptance, acceptance_of
from perfgate.verdict.silenced import is_silenced
from perfgate.verdict.values import (
    DuetMethod,
    Outcome,
    Reason,
    ReasonKind,
    ScenarioSummary,
    Subject,
    ValidityNote,
    Verdict,
)


@dataclass(frozen=True)
class Evidence:
    """All that was measured and found.

    base: the run on base; None where nothing was compared.
    head: the run on head, or the only one.
    rows: the comparisons.
    summary: the lines of the load-test summary.
    thresholds: all that were declared, with their results.
    validity: notes on how far the numbers can be believed.
    methods: how the duet of each scenario was measured; () of what is no duet.
    causes: what takes more time on head, the most telling first in each scenario; () where nothing was found or looked
        for.
    differences: what else differs between base and head.
    """

    base: RunRecord | None
    head: RunRecord
    rows: tuple[Comparison, ...]
    summary: tuple[ScenarioSummary, ...]
    thresholds: tuple[ThresholdResult, ...]
    validity: tuple[ValidityNote, ...]
    methods: tuple[DuetMethod, ...] = ()
    causes: tuple[Cause, ...] = ()
    differences: Differences = NO_DIFFERENCES


@dataclass(frozen=True)
class Policy:
    """The rules of perfgate.toml about verdicts.

    on_inconclusive: whether an inconclusive gate passes or fails.
    acceptances: of regressions.
    today: an acceptance that expires earlier is over.
    error_rate: shared by all gated rows when they were compared, as a fraction.
    """

    on_inconclusive: Literal["pass", "fail"]
    acceptances: tuple[Acceptance, ...]
    today: date
    error_rate: float


def decide(evidence: Evidence, policy: Policy, reproduce: str) -> Verdict:
    """The verdict on `evidence`; reproduce: the command that repeats it, "" where there is none."""
    judged = _Judged(evidence, policy)
    outcome = judged.outcome()
    return Verdict(
        outcome=outcome,
        exit_code=_exit_code(outcome, policy),
        reasons=judged.reasons(outcome),
        base=evidence.base,
        head=evidence.head,
        rows=evidence.rows,
        summary=evidence.summary,
        thresholds=evidence.thresholds,
        validity=evidence.validity,
        reproduce=reproduce,
        error_rate=policy.error_rate,
        methods=evidence.methods,
        causes=evidence.causes,
        differences=evidence.differences,
        accepted=None,
    )


def _exit_code(outcome: Outcome, policy: Policy) -> ExitCode:
    if outcome is Outcome.INCONCLUSIVE:
        return ExitCode.FAIL if policy.on_inconclusive == "fail" else ExitCode.PASS
    return {Outcome.PASS: ExitCode.PASS, Outcome.FAIL: ExitCode.FAIL, Outcome.INVALID: ExitCode.NO_VERDICT}[outcome]


class _Judged:
    """The evidence, sorted by what it means."""

    def __init__(self, evidence: Evidence, policy: Policy) -> None:
        self._evidence = evidence
        self._policy = policy
        self._invalid = [note for note in evidence.validity if note.invalid]
        believed = [comparison for comparison in evidence.rows if not is_silenced(comparison.row, self._invalid)]
        self._gated = sorted((comparison for comparison in believed if comparison.gated), key=badness, reverse=True)
        self._informing = sorted(
            (comparison for comparison in believed if not comparison.gated), key=badness, reverse=True
        )
        self._crossed = [
            result for result in evidence.thresholds if not result.passed and not is_silenced(result, self._invalid)
        ]
        regressed = [comparison for comparison in self._gated if comparison.verdict is RowVerdict.REGRESSED]
        self._accepted = [comparison for comparison in regressed if self._is_accepted(comparison)]
        self._regressed = [comparison for comparison in regressed if comparison not in self._accepted]
        self._open = [
            comparison
            for comparison in self._gated
            if not rules_out_regression(comparison) and comparison not in regressed
        ]

    def outcome(self) -> Outcome:
        if self._regressed or self._crossed:
            return Outcome.FAIL
        if self._invalid:
            return Outcome.INVALID
        return Outcome.INCONCLUSIVE if self._open else Outcome.PASS

    def reasons(self, outcome: Outcome) -> tuple[Reason, ...]:
        """The reasons for the outcome, the worst first, and then what decides nothing."""
        return (
            *map(self._of_regression, self._regressed),
            *(_reason(ReasonKind.THRESHOLD, result) for result in self._crossed),
            *(_reason(ReasonKind.INVALID, note) for note in self._invalid),
            *(_reason(ReasonKind.OPEN, row) for row in self._open),
            *([_reason(ReasonKind.CALM, None)] if outcome is Outcome.PASS else []),
            *self._news(),
        )

    def _news(self) -> Iterator[Reason]:
        """Reasons that decide nothing."""
        for row in self._accepted:
            yield _reason(ReasonKind.ACCEPTED, row, self._acceptance_of(row))
        for row in self._informing:
            # A part of a time that is a row of its own is there for those who ask.
            if row.verdict is RowVerdict.REGRESSED and not row.row.is_timing:
                yield _reason(ReasonKind.INFORMS, row)
        for row in self._gated:
            if row.verdict is RowVerdict.IMPROVED:
                yield _reason(ReasonKind.IMPROVED, row)

    def _of_regression(self, comparison: Comparison) -> Reason:
        acceptance = self._acceptance_of(comparison)
        if acceptance is None:
            return _reason(ReasonKind.REGRESSED, comparison)
        expired = acceptance.expires < self._policy.today
        return _reason(ReasonKind.EXPIRED if expired else ReasonKind.CEILING, comparison, acceptance)

    def _is_accepted(self, comparison: Comparison) -> bool:
        acceptance = self._acceptance_of(comparison)
        return acceptance is not None and acceptance.expires >= self._policy.today and acceptance.covers(comparison)

    def _acceptance_of(self, comparison: Comparison) -> Acceptance | None:
        return acceptance_of(comparison, self._policy.acceptances, self._policy.today)


def _reason(kind: ReasonKind, subject: Subject | None, acceptance: Acceptance | None = None) -> Reason:
    return Reason(kind, subject, acceptance, remark="")


def badness(comparison: Comparison) -> float:
    """By how many margins a row got worse: what "worst first" sorts by, the largest first."""
    change = comparison.change or 0.0
    worse = change if metric_of(comparison.row.metric).lower_is_better else -change
    return worse / comparison.margin if comparison.margin else worse
