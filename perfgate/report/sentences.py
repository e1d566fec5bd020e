"""The verdict in one sentence, and the reasons that no table of the report gives."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.rows import Row
from perfgate.metrics.catalogue import unit_of
from perfgate.metrics.threshold import ThresholdResult
from perfgate.report import numbers
from perfgate.report.escaping import NAME_LIMIT, clean
from perfgate.report.phrase import Name, Phrase, mark_names
from perfgate.report.reasons import OtherReason, Reason, RowReason, is_first_run, reasons_of, told_rows
from perfgate.verdict import Outcome, ScenarioSummary, ValidityNote, Verdict
from perfgate.verdict.decide import badness

# What a change of a metric means where its number went up, and where it went down.
_WENT = {
    "http_req_duration": ("got slower", "got faster"),
    "http_req_failed": ("fails more often", "fails less often"),
    "http_reqs": ("gets more done", "gets less done"),
    "service_cpu": ("costs more CPU", "costs less CPU"),
    "service_memory": ("needs more memory", "needs less memory"),
}
_STATS = {"med": "median", "avg": "average", "min": "minimum", "max": "maximum"}


def headline(verdict: Verdict) -> Phrase:
    """The verdict in one sentence that stands alone: in an e-mail, a notification, a terminal.

    It says what the first reason says; where that is about a row, a threshold or a note, in shorter words.
    """
    reasons = reasons_of(verdict)
    write = {
        Outcome.PASS: _of_a_pass,
        Outcome.FAIL: _of_a_failure,
        Outcome.INCONCLUSIVE: _of_no_decision,
        Outcome.INVALID: _of_no_verdict,
    }[verdict.outcome]
    return _as_sentence(write(verdict, reasons))


def further_reasons(verdict: Verdict, most: int) -> tuple[Phrase, ...]:
    """The reasons after the first that are about no row, threshold or note: those stand in the tables.

    most: where there are more of them, the last phrase counts what was left out.
    """
    sentences = [reason.sentence for reason in reasons_of(verdict)[1:] if isinstance(reason, OtherReason)]
    shown = tuple(_marked(sentence, verdict) for sentence in sentences[:most])
    return (*shown, (f"and {len(sentences) - most} more.",)) if len(sentences) > most else shown


def _marked(sentence: str, verdict: Verdict) -> Phrase:
    lines: tuple[Row | ScenarioSummary, ...] = (*(row.row for row in verdict.rows), *verdict.summary)
    names = {line.request for line in lines} | {line.scenario for line in lines}
    names |= {note.scenario for note in verdict.validity}
    return mark_names(sentence, {clean(name, NAME_LIMIT) for name in names if name})


def _of_a_pass(verdict: Verdict, reasons: Sequence[Reason]) -> Phrase:
    first = _marked(verdict.reasons[0], verdict)
    improved = told_rows(verdict, RowVerdict.IMPROVED)
    if not improved:
        return first
    most = max(improved, key=lambda reason: abs(badness(reason.row)))
    return (*_change_of(most, verdict), _more((len(improved) - 1, "row", "improved")), "; ", *first)


def _of_a_failure(verdict: Verdict, reasons: Sequence[Reason]) -> Phrase:
    first = reasons[0]
    regressed = told_rows(verdict, RowVerdict.REGRESSED)
    crossed = [reason for reason in reasons if isinstance(reason, ThresholdResult)]
    if isinstance(first, RowReason):
        more = _more((len(regressed) - 1, "row", "regressed"), (len(crossed), "threshold", "crossed"))
        return (*_change_of(first, verdict), more)
    if isinstance(first, ThresholdResult):
        return (*_crossing_of(first), _more((len(crossed) - 1, "threshold", "crossed")))
    return _marked(verdict.reasons[0], verdict)


def _of_no_decision(verdict: Verdict, reasons: Sequence[Reason]) -> Phrase:
    first = reasons[0]
    if isinstance(first, RowReason) and is_first_run(verdict):
        held = len(verdict.thresholds)
        said = f"; {held:,} threshold{'' if held == 1 else 's'} held" if held else ""
        return (f"First run: there is nothing to compare it with yet{said}",)
    if not isinstance(first, RowReason) or first.row.change is None:
        return ("Not decided: ", *_marked(verdict.reasons[0], verdict))
    row = first.row
    said = f" may have changed by {numbers.interval(row)} ({_statistic(row)}, margin {numbers.margin(row)})"
    if row.interval is None:
        said = f": {_statistic(row)} {numbers.change(row)}, with an interval that is not known yet"
    undecided = told_rows(verdict, RowVerdict.INCONCLUSIVE)
    return ("Not decided: ", *_subject(row, verdict), said, _more((len(undecided) - 1, "row", "undecided")))


def _of_no_verdict(verdict: Verdict, reasons: Sequence[Reason]) -> Phrase:
    first = reasons[0]
    if not isinstance(first, ValidityNote):
        return ("No verdict: ", *_marked(verdict.reasons[0], verdict))
    notes = [reason for reason in reasons if isinstance(reason, ValidityNote)]
    place: Phrase = (Name(first.scenario), ": ") if first.scenario else ()
    return ("No verdict: ", *place, *_marked(first.message, verdict), _more((len(notes) - 1, "reason", "below")))


def _change_of(reason: RowReason, verdict: Verdict) -> Phrase:
    """ "`POST /pet` got slower: median +31.2 % (interval +28.1 to +34.0 %, margin 5 %)", and what the reason adds."""
    row = reason.row
    up, down = _WENT.get(row.row.metric, ("went up", "went down"))
    return (
        *_subject(row, verdict),
        f" {up if (row.change or 0) > 0 else down}: {_statistic(row)} {numbers.change(row)}",
        f" (interval {numbers.interval(row)}, margin {numbers.margin(row)})",
        *((f"; {clean(reason.remark)}",) if reason.remark else ()),
    )


def _statistic(row: Comparison) -> str:
    if row.row.metric == "http_req_duration":
        return _STATS.get(row.row.stat, row.row.stat)
    return numbers.metric_name(row.row.metric, row.row.stat)


def _subject(row: Comparison, verdict: Verdict) -> Phrase:
    """The request that a row is about, with its scenario where another has the same request; else the scenario."""
    if row.row.request is None:
        return (Name(row.row.scenario),)
    if any(other.row.request == row.row.request and other.row.scenario != row.row.scenario for other in verdict.rows):
        return (Name(row.row.request), " of ", Name(row.row.scenario))
    return (Name(row.row.request),)


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
