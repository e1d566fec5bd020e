"""A gate that somebody accepts as it is: by a label on the pull request, for one commit of it.

The label accepts everything that made the gate red: regressions, crossed thresholds, and rows that stayed open where
those fail. What was not measured is not accepted, as nobody knows what it would have said.
"""

from __future__ import annotations

from dataclasses import replace

from perfgate.errors import ExitCode
from perfgate.github.put_label import PutLabel
from perfgate.metrics.threshold import ThresholdResult
from perfgate.verdict.values import Outcome, Reason, ReasonKind, ValidityNote, Verdict

_PROVEN = (ReasonKind.REGRESSED, ReasonKind.EXPIRED, ReasonKind.CEILING, ReasonKind.THRESHOLD)


def accept(verdict: Verdict, label: PutLabel) -> Verdict:
    """The verdict with what made its gate red accepted; the same where it is not red."""
    if verdict.exit_code is not ExitCode.FAIL:
        return verdict
    reasons = tuple(map(_accepted, verdict.reasons))
    invalid = tuple(reason for reason in reasons if reason.kind is ReasonKind.INVALID)
    others = tuple(reason for reason in reasons if reason.kind is not ReasonKind.INVALID)
    return replace(
        verdict,
        outcome=Outcome.INVALID if invalid else Outcome.PASS,
        exit_code=ExitCode.NO_VERDICT if invalid else ExitCode.PASS,
        reasons=(*invalid, *others),
        accepted=label,
    )


def before_acceptance(verdict: Verdict) -> Verdict:
    """The verdict as it was before a label accepted it."""
    proven = tuple(_proven(reason) for reason in verdict.reasons if reason.kind is ReasonKind.LABELLED)
    others = tuple(reason for reason in verdict.reasons if reason.kind is not ReasonKind.LABELLED)
    return replace(
        verdict,
        outcome=Outcome.FAIL if proven else Outcome.INCONCLUSIVE,
        exit_code=ExitCode.FAIL,
        reasons=(*proven, *others),
        accepted=None,
    )


def noted(verdict: Verdict, note: ValidityNote) -> Verdict:
    """The verdict with one more note, which decides nothing."""
    return replace(verdict, validity=(*verdict.validity, note))


def _accepted(reason: Reason) -> Reason:
    return replace(reason, kind=ReasonKind.LABELLED, acceptance=None) if reason.kind in _PROVEN else reason


def _proven(reason: Reason) -> Reason:
    crossed = isinstance(reason.subject, ThresholdResult)
    return replace(reason, kind=ReasonKind.THRESHOLD if crossed else ReasonKind.REGRESSED)
