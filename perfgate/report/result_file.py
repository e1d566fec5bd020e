"""The result file: one verdict as JSON of the schema perfgate.result/1, written for machines and read back unchanged.

The schema is `result.schema.json`, beside this module. Whoever reads a result file validates it first: in a pull
request from a fork it was written by a stranger's code.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfgate.compare.comparison import Comparison, Interval, RowVerdict
from perfgate.compare.rows import Row
from perfgate.errors import ExitCode, ResultFileError
from perfgate.explain.cause import Cause, CauseKind
from perfgate.metrics.run import RunRecord, Testbed
from perfgate.metrics.threshold import Threshold, ThresholdResult
from perfgate.report.escaping import clean
from perfgate.report.sentences import sentence_of
from perfgate.report.strict_json import StrictJsonError, parse
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

if TYPE_CHECKING:
    from collections.abc import Callable

_Subjects = dict[str, tuple[Subject, ...]]
"""What reasons can be about, by the key with which a reason of a result file names one."""

SCHEMA = "perfgate.result/1"
MOST_BYTES = 5_000_000

_HINT = "perfgate reads what one of its own commands wrote with --json FILE"


# Writing


def dumps(verdict: Verdict) -> str:
    """The verdict as a result file, in ASCII and without a line break at its end. What is not finite becomes null."""
    plain = {
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
    }
    return json.dumps(_finite(plain), indent=2, allow_nan=False)


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
    if reason.acceptance is not None:
        plain["acceptance"] = {**asdict(reason.acceptance), "expires": reason.acceptance.expires.isoformat()}
    return plain


def _plain_threshold(result: ThresholdResult) -> dict[str, Any]:
    return {"scenario": result.scenario, **asdict(result.threshold), "value": result.value, "passed": result.passed}


def _plain_note(note: ValidityNote) -> dict[str, Any]:
    plain = asdict(note)
    return {**plain, "remedy": plain.pop("hint")}


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return value


# Reading


def load(path: Path | str) -> Verdict:
    """The verdict in the file at `path`. ResultFileError where there is none that can be believed to be one."""
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ResultFileError(f"{path}: {error.strerror or error}", "name a result file that can be read") from None
    if len(content) > MOST_BYTES:
        raise ResultFileError(f"{path} is larger than {MOST_BYTES:,} bytes: too large for a perfgate result", _HINT)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ResultFileError(f"{path} is not text in UTF-8 (byte {error.start:,})", _HINT) from None
    return loads(text, str(path))


def loads(text: str, source: str = "the result") -> Verdict:
    """The verdict in `text`; source: what to call it in an error. ResultFileError names the place of a mistake."""
    try:
        plain = parse(text)
    except StrictJsonError as error:
        raise _refusal(source, error.place, error.message) from None
    _refuse_others(plain, source)
    _validate(plain, source)
    return _verdict(plain, source)


def _refusal(source: str, place: str, message: str) -> ResultFileError:
    return ResultFileError(f"{source} is not a perfgate result: {clean(place, 100)}: {clean(message, 300)}", _HINT)


# What other tools' files have at their top, to say what a file is that is not ours.
_OTHERS = (
    ({"metrics", "root_group"}, "a summary of k6"),
    ({"metrics", "state"}, "a summary of k6"),
    ({"metric", "type", "data"}, "an output of k6 (--out json)"),
    ({"latencies", "bytes_in"}, "a report of vegeta"),
    ({"summary", "responseTimeHistogram"}, "a result of oha"),
    ({"machine_info", "benchmarks"}, "a result of pytest-benchmark"),
    ({"context", "benchmarks"}, "a result of Google Benchmark"),
    ({"results"}, "a result of hyperfine"),
)


def _refuse_others(plain: object, source: str) -> None:
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if schema == SCHEMA:
        return
    if isinstance(schema, str) and schema.startswith("perfgate.result/"):
        hint = "it was written by another version of perfgate: use that one, or write it again"
        raise ResultFileError(f"{source} has the schema {clean(schema, 40)}; this perfgate reads {SCHEMA}", hint)
    keys = set(plain) if isinstance(plain, dict) else set()
    name = next((f"; it looks like {name}" for wanted, name in _OTHERS if wanted <= keys), "")
    raise ResultFileError(f'{source} is not a perfgate result: it has no "schema": "{SCHEMA}"{name}', _HINT)


def _validate(plain: object, source: str) -> None:
    from fastjsonschema import JsonSchemaValueException

    try:
        _validator()(plain)
    except JsonSchemaValueException as error:
        name = str(error.name)
        place = name.removeprefix("data").lstrip(".") or "its top"
        raise _refusal(source, place, error.message.removeprefix(name).strip()) from None


@cache
def _validator() -> Callable[[object], object]:
    from fastjsonschema import compile as compile_schema

    schema = json.loads(resources.files(__package__).joinpath("result.schema.json").read_text("utf-8"))
    validator: Callable[[object], object] = compile_schema(schema)
    return validator


def _verdict(plain: dict[str, Any], source: str) -> Verdict:
    testbed = Testbed(**plain["testbed"])
    rows = tuple(map(_row, plain["rows"]))
    thresholds = tuple(map(_threshold, plain["thresholds"]))
    validity = tuple(map(_note, plain["validity"]))
    return Verdict(
        outcome=Outcome(plain["verdict"]),
        exit_code=ExitCode(plain["exit_code"]),
        reasons=_reasons(plain, {"row": rows, "threshold": thresholds, "note": validity}, source),
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
    )


def _reasons(plain: dict[str, Any], subjects: _Subjects, source: str) -> tuple[Reason, ...]:
    """The reasons. One without a kind keeps the words of its sentence: files of an older perfgate have no kinds."""
    sentences, kinds = plain["reasons"], plain.get("reason_kinds", [])
    if len(kinds) > len(sentences):
        raise _refusal(source, "reason_kinds", "must not be more than the reasons")
    kinds = [*kinds, *[{"kind": ReasonKind.OTHER.value}] * (len(sentences) - len(kinds))]
    reasons = []
    for place, (sentence, described) in enumerate(zip(sentences, kinds, strict=True)):
        try:
            reasons.append(_reason(described, subjects, sentence))
        except (IndexError, ValueError) as error:
            raise _refusal(source, f"reason_kinds[{place}]", str(error)) from None
    return tuple(reasons)


# What a reason of each kind is about, and the kinds that come with an acceptance.
_ABOUT_A_ROW = set(ReasonKind) - {ReasonKind.THRESHOLD, ReasonKind.INVALID, ReasonKind.CALM, ReasonKind.OTHER}
_WITH_ACCEPTANCE = {ReasonKind.EXPIRED, ReasonKind.CEILING, ReasonKind.ACCEPTED}
_SUBJECT_TYPES = {
    **dict.fromkeys(_ABOUT_A_ROW, Comparison),
    ReasonKind.THRESHOLD: ThresholdResult,
    ReasonKind.INVALID: ValidityNote,
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
    return Reason(kind, subject, acceptance, sentence if kind is ReasonKind.OTHER else "")


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
    return ThresholdResult(plain["scenario"], Threshold(**rest), plain["value"], plain["passed"])


def _method(plain: dict[str, Any]) -> DuetMethod:
    return DuetMethod(**{**plain, "unsteady": tuple(plain["unsteady"])})


def _cause(plain: dict[str, Any]) -> Cause:
    return Cause(**{**plain, "kind": CauseKind(plain["kind"]), "callers": tuple(plain["callers"])})


def _note(plain: dict[str, Any]) -> ValidityNote:
    given = {name: value for name, value in plain.items() if name != "remedy"}
    return ValidityNote(hint=plain["remedy"], **given)
