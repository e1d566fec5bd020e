"""The words for a verdict: each reason as a sentence, the headline, and the reasons that no table of a report gives."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.rows import Row
from perfgate.metrics.catalogue import metric_of, name_in, unit_of
from perfgate.metrics.threshold import ThresholdResult
from perfgate.report import numbers
from perfgate.report.escaping import NAME_LIMIT, clean
from perfgate.report.phrase import Name, Phrase, mark_names, plain
from perfgate.report.words.acceptance_words import accepting, remark_of, size
from perfgate.report.words.count_words import change_of_count
from perfgate.report.words.dependency_words import cost_of_dependency
from perfgate.units import format_value
from perfgate.verdict import (
    Outcome,
    Reason,
    ReasonKind,
    ScenarioSummary,
    ValidityNote,
    Verdict,
    badness,
    before_acceptance,
)
from perfgate.verdict.wording import describe_change, place_of


@dataclass(frozen=True)
class _Verbs:
    """Verbs for a change of one metric.

    worse, better: after the metric's name.
    request_worse, request_better: after the name of a request or scenario.
    """

    worse: str
    better: str
    request_worse: str
    request_better: str


_VERBS = {
    "http_req_duration": _Verbs("got slower", "got faster", "got slower", "got faster"),
    "http_req_failed": _Verbs("went up", "went down", "fails more often", "fails less often"),
    "http_reqs": _Verbs("fell", "rose", "gets less done", "gets more done"),
    "service_cpu": _Verbs("costs more", "costs less", "costs more CPU", "costs less CPU"),
    "service_memory": _Verbs("takes more", "takes less", "needs more memory", "needs less memory"),
    "dependency_cpu": _Verbs("costs more", "costs less", "costs more CPU", "costs less CPU"),
    "dependency_memory": _Verbs("takes more", "takes less", "needs more memory", "needs less memory"),
}
_STATS = {"med": "median", "avg": "average", "min": "minimum", "max": "maximum"}


# Each reason


def sentence_of(reason: Reason, verdict: Verdict) -> str:
    """A reason of this verdict as a sentence that needs no table beside it."""
    return "; ".join(filter(None, (_sentence(reason, verdict), remark_of(reason, verdict))))


def _sentence(reason: Reason, verdict: Verdict) -> str:
    if isinstance(reason.subject, Comparison):
        informs = " (for information, not gated)" if reason.kind is ReasonKind.INFORMS else ""
        return f"{_row_sentence(reason.subject)}{informs}"
    if isinstance(reason.subject, ThresholdResult):
        return _threshold_sentence(reason.subject)
    if isinstance(reason.subject, ValidityNote):
        return _note_sentence(reason.subject)
    if reason.kind is ReasonKind.UNTOUCHED:
        return f"not measured, since this change touches nothing that its paths name: {reason.remark}"
    return _calm_sentence(verdict) if reason.kind is ReasonKind.CALM else reason.remark


def _row_sentence(comparison: Comparison) -> str:
    """ "POST /pet of create_pet: http_req_duration med got slower: +31.2 % (...), margin 5 %"."""
    row = comparison.row
    named = numbers.metric_name(row.metric, row.stat) if name_in(row.metric) else ""
    subject = f"{place_of(row)}: {named or f'{row.metric} {row.stat}'}"
    if comparison.change is None:
        return f"{subject} cannot be compared: {'; '.join(comparison.warnings) or 'nothing was measured'}"
    margin = numbers.with_margin(comparison, size(comparison.margin, comparison))
    changed = comparison.verdict in (RowVerdict.REGRESSED, RowVerdict.IMPROVED)
    what = plain(cost_of_dependency(comparison) or change_of_count(comparison)) if changed else ""
    return f"{what or f'{subject} {_what_happened(comparison)}'}: {describe_change(comparison)}, {margin}"


def _what_happened(comparison: Comparison) -> str:
    verbs = _VERBS.get(metric_of(comparison.row.metric).name)
    if comparison.verdict is RowVerdict.REGRESSED:
        return verbs.worse if verbs else "got worse"
    if comparison.verdict is RowVerdict.IMPROVED:
        return verbs.better if verbs else "got better"
    return "did not change" if comparison.verdict is RowVerdict.UNCHANGED else "is undecided"


def _threshold_sentence(result: ThresholdResult) -> str:
    threshold = result.threshold
    subject = f"{result.scenario}: threshold {threshold.selector} {threshold.expression}"
    if result.value is None:
        return f"{subject} has no data, and a threshold without data fails"
    return f"{subject} is crossed: {format_value(result.value, unit_of(threshold.metric, threshold.stat))}"


def _note_sentence(note: ValidityNote) -> str:
    message = f"{note.scenario}: {note.message}" if note.scenario else note.message
    return f"{message}; {note.hint}" if note.hint else message


def _calm_sentence(verdict: Verdict) -> str:
    thresholds = len(verdict.thresholds)
    held = f"; {_counted(thresholds, 'threshold')} held" if thresholds else ""
    gated = sum(row.gated for row in verdict.rows)
    if not gated:
        return f"nothing was compared{held}"
    beyond = "what is accepted" if verdict.rows_of(ReasonKind.ACCEPTED) else "its margin allows"
    return f"none of {_counted(gated, 'row')} got worse than {beyond}{held}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# The headline


def headline(verdict: Verdict) -> Phrase:
    """The verdict in one sentence that stands alone: in an e-mail, a notification, a terminal.

    It says what the first reason says; where that is about a row, a threshold or a note, in shorter words.
    """
    return _as_sentence(_said(verdict))


def _said(verdict: Verdict) -> Phrase:
    write = {
        Outcome.PASS: _of_a_pass,
        Outcome.FAIL: _of_a_failure,
        Outcome.INCONCLUSIVE: _of_no_decision,
        Outcome.INVALID: _of_no_verdict,
    }[verdict.outcome]
    return write(verdict)


def further_reasons(verdict: Verdict, most: int) -> tuple[Phrase, ...]:
    """The reasons after the first that are about no row, threshold or note: those stand in the tables.

    most: where there are more of them, the last phrase counts what was left out.
    """
    sentences = [sentence_of(reason, verdict) for reason in verdict.reasons[1:] if reason.subject is None]
    shown = tuple(_marked(sentence, verdict) for sentence in sentences[:most])
    return (*shown, (f"and {len(sentences) - most} more.",)) if len(sentences) > most else shown


def _marked(sentence: str, verdict: Verdict) -> Phrase:
    lines: tuple[Row | ScenarioSummary, ...] = (*(comparison.row for comparison in verdict.rows), *verdict.summary)
    names = {line.request for line in lines} | {line.scenario for line in lines}
    names |= {note.scenario for note in verdict.validity}
    return mark_names(sentence, {clean(name, NAME_LIMIT) for name in names if name})


def _first_sentence(verdict: Verdict) -> Phrase:
    return _marked(sentence_of(verdict.reasons[0], verdict), verdict)


def _of_a_pass(verdict: Verdict) -> Phrase:
    if verdict.accepted is not None:
        return (*accepting(verdict.accepted), *_said(before_acceptance(verdict)))
    improved = verdict.rows_of(ReasonKind.IMPROVED)
    if not improved:
        return _first_sentence(verdict)
    most = max(improved, key=lambda row: abs(badness(row)))
    more = _more((len(improved) - 1, "row", "improved"))
    return (*_change_of(most, "", verdict), more, "; ", *_first_sentence(verdict))


def _of_a_failure(verdict: Verdict) -> Phrase:
    first = verdict.reasons[0]
    regressed = sum(reason.is_regression for reason in verdict.reasons)
    crossed = sum(reason.kind is ReasonKind.THRESHOLD for reason in verdict.reasons)
    if isinstance(first.subject, Comparison):
        more = _more((regressed - 1, "row", "regressed"), (crossed, "threshold", "crossed"))
        return (*_change_of(first.subject, remark_of(first, verdict), verdict), more)
    if isinstance(first.subject, ThresholdResult):
        return (*_crossing_of(first.subject), _more((crossed - 1, "threshold", "crossed")))
    return _first_sentence(verdict)


def _of_no_decision(verdict: Verdict) -> Phrase:
    row = verdict.reasons[0].row
    if row is not None and verdict.is_first_run:
        held = len(verdict.thresholds)
        said = f"; {held:,} threshold{'' if held == 1 else 's'} held" if held else ""
        return (f"First run: there is nothing to compare it with yet{said}",)
    if row is None or row.change is None:
        return ("Not decided: ", *_first_sentence(verdict))
    said = f" may have changed by {numbers.interval(row)} ({_statistic(row)}, margin {numbers.margin(row)})"
    if row.interval is None:
        said = f": {_statistic(row)} {numbers.change(row)}, with an interval that is not known yet"
    undecided = len(verdict.rows_of(ReasonKind.OPEN))
    return ("Not decided: ", *_subject(row, verdict), said, _more((undecided - 1, "row", "undecided")))


def _of_no_verdict(verdict: Verdict) -> Phrase:
    note = verdict.reasons[0].subject
    if not isinstance(note, ValidityNote):
        return ("No verdict: ", *_first_sentence(verdict))
    notes = sum(reason.kind is ReasonKind.INVALID for reason in verdict.reasons)
    place: Phrase = (Name(note.scenario), ": ") if note.scenario else ()
    return ("No verdict: ", *place, *_marked(note.message, verdict), _more((notes - 1, "reason", "below")))


def _change_of(comparison: Comparison, remark: str, verdict: Verdict) -> Phrase:
    """ "`POST /pet` got slower: median +31.2 % (interval +28.1 to +34.0 %, margin 5 %)", and the remark."""
    named = cost_of_dependency(comparison) or change_of_count(comparison)
    what = (*_subject(comparison, verdict), f" {_direction(comparison)}: {_statistic(comparison)} ")
    return (
        *((*named, ": ") if named else what),
        numbers.change(comparison),
        f" (interval {numbers.interval(comparison)}, {numbers.with_margin(comparison, numbers.margin(comparison))})",
        *((f"; {clean(remark)}",) if remark else ()),
    )


def _direction(comparison: Comparison) -> str:
    up = (comparison.change or 0) > 0
    verbs = _VERBS.get(metric_of(comparison.row.metric).name)
    if verbs is None:
        return "went up" if up else "went down"
    return verbs.request_worse if up == metric_of(comparison.row.metric).lower_is_better else verbs.request_better


def _statistic(comparison: Comparison) -> str:
    if comparison.row.metric == "http_req_duration":
        return _STATS.get(comparison.row.stat, comparison.row.stat)
    return numbers.metric_name(comparison.row.metric, comparison.row.stat)


def _subject(comparison: Comparison, verdict: Verdict) -> Phrase:
    """The request that a row is about, with its scenario where another has the same request; else the scenario."""
    if comparison.row.request is None:
        return (Name(comparison.row.scenario),)
    if any(
        other.row.request == comparison.row.request and other.row.scenario != comparison.row.scenario
        for other in verdict.rows
    ):
        return (Name(comparison.row.request), " of ", Name(comparison.row.scenario))
    return (Name(comparison.row.request),)


def _crossing_of(result: ThresholdResult) -> Phrase:
    threshold = result.threshold
    said = Name(f"{threshold.selector}: {threshold.expression}")
    if result.value is None:
        return (Name(result.scenario), " has no data for its threshold ", said)
    value = numbers.value(result.value, unit_of(threshold.metric, threshold.stat))
    return (Name(result.scenario), " crossed its threshold ", said, f", measured {value}")


def _more(*counts: tuple[int, str, str]) -> str:
    """ "; 2 more rows regressed, 1 threshold crossed" of what there is."""
    parts = [
        f"{count:,} {'more ' if place == 0 else ''}{noun}{'' if count == 1 else 's'} {did}"
        for place, (count, noun, did) in enumerate(counts)
        if count > 0
    ]
    return f"; {', '.join(parts)}" if parts else ""


def _as_sentence(phrase: Phrase) -> Phrase:
    """The phrase with a capital letter, unless it begins with a name, and a full stop."""
    first, *rest = [part for part in phrase if part] or ["no reason is given"]
    if isinstance(first, str):
        first = first[:1].upper() + first[1:]
    last = rest[-1] if rest else first
    closing = () if isinstance(last, str) and last.endswith((".", "!", "?")) else (".",)
    return (first, *rest, *closing)
