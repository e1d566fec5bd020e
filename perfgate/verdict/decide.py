"""Everything that is known about a gate, folded into one outcome, one exit code and its reasons.

What outweighs what:

1. An *invalid* note takes the word from its scenario: neither a regression nor a crossed threshold of a scenario whose
   numbers cannot be believed fails the gate. A note without a scenario takes it from all of them.
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

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.errors import ExitCode
from perfgate.metrics.catalogue import METRICS
from perfgate.metrics.run import RunRecord
from perfgate.metrics.threshold import ThresholdResult
from perfgate.verdict import sentences
from perfgate.verdict.accept import Acceptance, acceptance_of
from perfgate.verdict.values import Outcome, ScenarioSummary, ValidityNote, Verdict


@dataclass(frozen=True)
class Evidence:
    """All that was measured and found. base: None where nothing was compared."""

    base: RunRecord | None
    head: RunRecord
    rows: tuple[Comparison, ...]
    summary: tuple[ScenarioSummary, ...]
    thresholds: tuple[ThresholdResult, ...]
    validity: tuple[ValidityNote, ...]


@dataclass(frozen=True)
class Policy:
    """What perfgate.toml says about verdicts.

    today: past which acceptances have expired. error_rate: as the rows were compared with it.
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
        silenced = {note.scenario for note in self._invalid}
        believed = [row for row in evidence.rows if not silenced & {"", row.row.scenario}]
        self._gated = sorted((row for row in believed if row.gated), key=badness, reverse=True)
        self._informing = sorted((row for row in believed if not row.gated), key=badness, reverse=True)
        self._crossed = [
            result for result in evidence.thresholds if not result.passed and not silenced & {"", result.scenario}
        ]
        regressed = [row for row in self._gated if row.verdict is RowVerdict.REGRESSED]
        self._accepted = [row for row in regressed if self._is_accepted(row)]
        self._regressed = [row for row in regressed if row not in self._accepted]
        self._open = [row for row in self._gated if not rules_out_regression(row) and row not in regressed]

    def outcome(self) -> Outcome:
        if self._regressed or self._crossed:
            return Outcome.FAIL
        if self._invalid:
            return Outcome.INVALID
        return Outcome.INCONCLUSIVE if self._open else Outcome.PASS

    def reasons(self, outcome: Outcome) -> tuple[str, ...]:
        """Sentences, the worst first."""
        reasons = [self._about_regression(row) for row in self._regressed]
        reasons += [sentences.about_threshold(result) for result in self._crossed]
        reasons += [sentences.about_validity(note) for note in self._invalid]
        reasons += [sentences.about_row(row) for row in self._open]
        if outcome is Outcome.PASS:
            reasons.append(self._calm())
        return (*reasons, *self._news())

    def _news(self) -> Iterator[str]:
        """What does not decide anything and is worth a sentence."""
        for row in self._accepted:
            acceptance = acceptance_of(row, self._policy.acceptances, self._policy.today)
            if acceptance is not None:
                yield sentences.about_accepted(row, acceptance)
        for row in self._informing:
            if row.verdict is RowVerdict.REGRESSED:
                yield f"{sentences.about_row(row)} (for information, not gated)"
        for row in self._gated:
            if row.verdict is RowVerdict.IMPROVED:
                yield sentences.about_row(row)

    def _calm(self) -> str:
        thresholds = len(self._evidence.thresholds)
        held = f"; {_counted(thresholds, 'threshold')} held" if thresholds else ""
        if not self._gated:
            return f"nothing was compared{held}"
        beyond = "what is accepted" if self._accepted else "its margin allows"
        return f"none of {_counted(len(self._gated), 'row')} got worse than {beyond}{held}"

    def _is_accepted(self, row: Comparison) -> bool:
        acceptance = acceptance_of(row, self._policy.acceptances, self._policy.today)
        return acceptance is not None and acceptance.expires >= self._policy.today and acceptance.covers(row)

    def _about_regression(self, row: Comparison) -> str:
        acceptance = acceptance_of(row, self._policy.acceptances, self._policy.today)
        if acceptance is None:
            return sentences.about_row(row)
        if acceptance.expires < self._policy.today:
            return sentences.about_expired(row, acceptance)
        return sentences.about_ceiling(row, acceptance)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def badness(row: Comparison) -> float:
    """By how many margins a row got worse: what "worst first" sorts by, the largest first."""
    change = row.change or 0.0
    worse = change if METRICS[row.row.metric].lower_is_better else -change
    return worse / row.margin if row.margin else worse


def rules_out_regression(row: Comparison) -> bool:
    """Whether a regression beyond the margin is as good as impossible, though the row may be undecided otherwise."""
    if row.verdict in (RowVerdict.UNCHANGED, RowVerdict.IMPROVED):
        return True
    if row.verdict is RowVerdict.REGRESSED or row.interval is None:
        return False
    most = row.interval.high if METRICS[row.row.metric].lower_is_better else -row.interval.low
    return most <= row.margin
