"""A verdict as plain values of the schema perfgate.result/1, such as JSON has, and back."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import date
from typing import Any

from perfgate.compare.comparison import Comparison, Interval, RowVerdict
from perfgate.compare.rows import Row
from perfgate.errors import ExitCode
from perfgate.explain.cause import Cause, CauseKind
from perfgate.explain.differences.difference import Differences, FactDifference, NotCompared
from perfgate.explain.differences.facts import FactKind
from perfgate.github.put_label import PutLabel
from perfgate.metrics.run import RunRecord, Testbed
from perfgate.metrics.threshold import Threshold, ThresholdResult
from perfgate.report.sentences import sentence_of
from perfgate.report.strict_json import StrictJsonError
from perfgate.verdict import (
    Acceptance,
    DuetMethod,
    Outcome,
    Reason,
    ReasonKind,
    ScenarioSummary,
    Subject,
    ValidityNote,
    Verdict,
)

SCHEMA = "perfgate.result/1"

_Subjects = dict[str, tuple[Subject, ...]]
"""What reasons can be about, by the key with which a reason of a result file names one."""


# From a verdict


def plain_of(verdict: Verdict) -> dict[str, Any]:
    """The verdict in plain values. What is not finite becomes None."""
    plain: dict[str, Any] = {
        "schema": SCHEMA,
        "verdict": verdict.outcome.value,
        "exit_code": int(verdict.exit_code),
        "reasons": [sentence_of(reason, verdict) for reason in verdict.reasons],
        "base": None if verdict.base is None else _plain_record(verdict.base, verdict.head.testbed),
        "head": _plain_record(verdict.head, verdict.head.testbed),
        "testbed": asdict(verdict.head.testbed),
        "rows": [_plain_row(row) for row in verdict.rows],
        "summary": [asdict(line) for line in verdict.summary],
        "thresholds": [_plain_threshold(result) for result in verdict.thresholds],
        "validity": [_plain_note(note) for note in verdict.validity],
        "reproduce": verdict.reproduce,
        "error_rate": verdict.error_rate,
        "methods": [asdict(method) for method in verdict.methods],
        "reason_kinds": [_plain_reason(reason, verdict) for reason in verdict.reasons],
        "causes": [asdict(cause) for cause in verdict.causes],
        "differences": [asdict(difference) for difference in verdict.differences.found],
        "not_compared": [asdict(skipped) for skipped in verdict.differences.not_compared],
        "accepted": None if verdict.accepted is None else asdict(verdict.accepted),
    }
    finite: dict[str, Any] = _finite(plain)
    return finite


def _plain_record(record: RunRecord, testbed: Testbed) -> dict[str, Any]:
    """A record; its testbed only where it is another than that of the whole result."""
    plain = asdict(record)
    if record.testbed == testbed:
        del plain["testbed"]
    return plain


def _plain_row(comparison: Comparison) -> dict[str, Any]:
    interval = comparison.interval
    return {
        **asdict(comparison.row),
        "unit": comparison.row.unit,
        "base": comparison.base,
        "head": comparison.head,
        "change": comparison.change,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "margin": comparison.margin,
        "smallest": comparison.smallest,
        "rounds": comparison.rounds,
        "gated": comparison.gated,
        "verdict": comparison.verdict.value,
        "warnings": comparison.warnings,
    }


def _plain_reason(reason: Reason, verdict: Verdict) -> dict[str, Any]:
    """The kind of a reason, and the place in its list of the row, the threshold or the note that it is about."""
    subjects: _Subjects = {"row": verdict.rows, "threshold": verdict.thresholds, "note": verdict.validity}
    places = {key: values.index(reason.subject) for key, values in subjects.items() if reason.subject in values}
    if reason.subject is not None and not places:
        return {"kind": ReasonKind.OTHER.value}
    plain: dict[str, Any] = {"kind": reason.kind.value, **places}
    if reason.kind is ReasonKind.UNTOUCHED:
        plain["paths"] = reason.remark
    if reason.acceptance is not None:
        plain["acceptance"] = {**asdict(reason.acceptance), "expires": reason.acceptance.expires.isoformat()}
    return plain


def _plain_threshold(result: ThresholdResult) -> dict[str, Any]:
    return {"scenario": result.scenario, **asdict(result.threshold), "value": result.value, "passed": result.passed}


def _plain_note(note: ValidityNote) -> dict[str, Any]:
    plain = asdict(note)
    plain["remedy"] = plain.pop("hint")
    return plain


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return value


# To a verdict


def verdict_of(plain: dict[str, Any]) -> Verdict:
    """The verdict of plain values that fit the schema. StrictJsonError names the place of what cannot be meant so."""
    testbed = Testbed(**plain["testbed"])
    rows = tuple(map(_row, plain["rows"]))
    thresholds = tuple(map(_threshold, plain["thresholds"]))
    validity = tuple(map(_note, plain["validity"]))
    return Verdict(
        outcome=Outcome(plain["verdict"]),
        exit_code=ExitCode(plain["exit_code"]),
        reasons=_reasons(plain, {"row": rows, "threshold": thresholds, "note": validity}),
        base=None if plain["base"] is None else _record(plain["base"], testbed),
        head=_record(plain["head"], testbed),
        rows=rows,
        summary=tuple(ScenarioSummary(**line) for line in plain["summary"]),
        thresholds=thresholds,
        validity=validity,
        reproduce=plain["reproduce"],
        error_rate=plain.get("error_rate"),
        methods=tuple(map(_method, plain.get("methods", ()))),
        causes=tuple(map(_cause, plain.get("causes", ()))),
        differences=_differences(plain),
        accepted=_accepted(plain),
    )


def _reasons(plain: dict[str, Any], subjects: _Subjects) -> tuple[Reason, ...]:
    """The reasons. One without a kind keeps the words of its sentence: files of an older perfgate have no kinds."""
    sentences, kinds = plain["reasons"], plain.get("reason_kinds", [])
    if len(kinds) > len(sentences):
        raise StrictJsonError("reason_kinds", "must not be more than the reasons")
    kinds = [*kinds, *[{"kind": ReasonKind.OTHER.value}] * (len(sentences) - len(kinds))]
    reasons = []
    for place, (sentence, described) in enumerate(zip(sentences, kinds, strict=True)):
        try:
            reasons.append(_reason(described, subjects, sentence))
        except (IndexError, ValueError) as error:
            raise StrictJsonError(f"reason_kinds[{place}]", str(error)) from None
    return tuple(reasons)


# What a reason of each kind is about, and the kinds that come with an acceptance.
_ABOUT_NOTHING = {ReasonKind.CALM, ReasonKind.UNTOUCHED, ReasonKind.OTHER}
_NOT_ABOUT_A_ROW = {ReasonKind.THRESHOLD, ReasonKind.INVALID, ReasonKind.LABELLED, *_ABOUT_NOTHING}
_WITH_ACCEPTANCE = {ReasonKind.EXPIRED, ReasonKind.CEILING, ReasonKind.ACCEPTED}
_SUBJECT_TYPES: dict[ReasonKind, type | tuple[type, ...]] = {
    **dict.fromkeys(set(ReasonKind) - _NOT_ABOUT_A_ROW, Comparison),
    ReasonKind.THRESHOLD: ThresholdResult,
    ReasonKind.INVALID: ValidityNote,
    ReasonKind.LABELLED: (Comparison, ThresholdResult),
}


def _reason(plain: dict[str, Any], subjects: _Subjects, sentence: str) -> Reason:
    """One reason. ValueError where its kind does not fit what it is about."""
    kind = ReasonKind(plain["kind"])
    named: list[Subject] = [values[int(plain[key])] for key, values in subjects.items() if key in plain]
    subject = named[0] if named else None
    acceptance = _acceptance(plain["acceptance"]) if "acceptance" in plain else None
    if not isinstance(subject, _SUBJECT_TYPES.get(kind, type(None))):
        raise ValueError(f"is {kind.value}, and about something else")
    if (acceptance is not None) is not (kind in _WITH_ACCEPTANCE):
        raise ValueError(f"is {kind.value} {'without' if acceptance is None else 'with'} an acceptance")
    remark = plain.get("paths", "") if kind is ReasonKind.UNTOUCHED else sentence if kind is ReasonKind.OTHER else ""
    return Reason(kind, subject, acceptance, remark)


def _acceptance(plain: dict[str, Any]) -> Acceptance:
    return Acceptance(**{**plain, "expires": date.fromisoformat(plain["expires"])})


def _record(plain: dict[str, Any], testbed: Testbed) -> RunRecord:
    own = plain.get("testbed")
    return RunRecord(**{**plain, "testbed": testbed if own is None else Testbed(**own)})


def _row(plain: dict[str, Any]) -> Comparison:
    low, high = plain["low"], plain["high"]
    return Comparison(
        row=Row(plain["scenario"], plain["request"], plain["metric"], plain["stat"]),
        base=plain["base"],
        head=plain["head"],
        change=plain["change"],
        interval=None if low is None or high is None else Interval(low, high),
        margin=math.inf if plain["margin"] is None else plain["margin"],
        smallest=plain["smallest"],
        rounds=plain["rounds"],
        gated=plain["gated"],
        verdict=RowVerdict(plain["verdict"]),
        warnings=tuple(plain["warnings"]),
    )


def _threshold(plain: dict[str, Any]) -> ThresholdResult:
    rest = {key: value for key, value in plain.items() if key not in ("scenario", "value", "passed")}
    return ThresholdResult(
        plain["scenario"], Threshold(**{"abort_delay": 0.0, **rest}), plain["value"], plain["passed"]
    )


def _method(plain: dict[str, Any]) -> DuetMethod:
    return DuetMethod(**{**plain, "unsteady": tuple(plain["unsteady"])})


def _accepted(plain: dict[str, Any]) -> PutLabel | None:
    """The label that accepts it. StrictJsonError where a reason says that there is one, and the file names none."""
    label = plain.get("accepted")
    if label is None and any(one["kind"] == ReasonKind.LABELLED.value for one in plain.get("reason_kinds", ())):
        raise StrictJsonError("accepted", "must name the label that a reason is about")
    return None if label is None else PutLabel(**label)


def _differences(plain: dict[str, Any]) -> Differences:
    found = (FactDifference(**{**one, "kind": FactKind(one["kind"])}) for one in plain.get("differences", ()))
    return Differences(tuple(found), tuple(NotCompared(**one) for one in plain.get("not_compared", ())))


def _cause(plain: dict[str, Any]) -> Cause:
    return Cause(**{**plain, "kind": CauseKind(plain["kind"]), "callers": tuple(plain["callers"])})


def _note(plain: dict[str, Any]) -> ValidityNote:
    given = {name: value for name, value in plain.items() if name != "remedy"}
    return ValidityNote(hint=plain["remedy"], **given)
