"""The verdict in one sentence, and the reasons that no table of the report gives."""

from __future__ import annotations

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.metrics.catalogue import unit_of
from perfgate.metrics.threshold import ThresholdResult
from perfgate.report import figures
from perfgate.report.escaping import NAME_LIMIT, clean
from perfgate.report.phrase import Name, Phrase, mark_names
from perfgate.verdict import Outcome, ScenarioSummary, Validity, Verdict
from perfgate.verdict.sentences import about_row, about_threshold, about_validity

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

    It says what the first reason says, and where that is about a row, a threshold or a note, in shorter words.
    """
    told = _Told(verdict)
    return _as_sentence(
        {
            Outcome.PASS: _of_a_pass,
            Outcome.FAIL: _of_a_failure,
            Outcome.INCONCLUSIVE: _of_no_decision,
            Outcome.INVALID: _of_no_verdict,
        }[verdict.outcome](told)
    )


def further_reasons(verdict: Verdict, most: int) -> tuple[Phrase, ...]:
    """The reasons after the first that say more than a row, a threshold or a note does: these stand in tables.

    most: where there are more of them, the last phrase counts what was left out.
    """
    told = _Told(verdict)
    reasons = [reason for reason in verdict.reasons[1:] if not told.is_in_a_table(reason)]
    shown = tuple(told.marked(reason) for reason in reasons[:most])
    return (*shown, (f"and {len(reasons) - most} more.",)) if len(reasons) > most else shown


class _Told:
    """The reasons of a verdict, held against the sentences that its rows, thresholds and notes make."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.first = verdict.reasons[0]
        self._rows = {about_row(row): row for row in verdict.rows}
        self._thresholds = {about_threshold(result): result for result in verdict.thresholds}
        self._notes = {about_validity(note): note for note in verdict.validity}
        lines: tuple[Comparison | ScenarioSummary, ...] = (*verdict.rows, *verdict.summary)
        names = {line.request for line in lines} | {line.scenario for line in lines}
        names |= {note.scenario for note in verdict.validity}
        self._names = {clean(name, NAME_LIMIT) for name in names if name}

    def rows(self, said: RowVerdict) -> list[Comparison]:
        """The rows with this verdict that gate and are a reason, in the order of the reasons."""
        told = [self._rows[reason] for reason in self.verdict.reasons if reason in self._rows]
        return [row for row in told if row.gated and row.verdict is said]

    def thresholds(self) -> list[ThresholdResult]:
        """The thresholds that are a reason."""
        return [self._thresholds[reason] for reason in self.verdict.reasons if reason in self._thresholds]

    def notes(self) -> list[Validity]:
        """The notes that are a reason."""
        return [self._notes[reason] for reason in self.verdict.reasons if reason in self._notes]

    def is_in_a_table(self, reason: str) -> bool:
        """Whether the reason is nothing but the sentence of a row, a threshold or a note."""
        informing = reason.removesuffix(" (for information, not gated)")
        return informing in self._rows or reason in self._thresholds or reason in self._notes

    def marked(self, reason: str) -> Phrase:
        """A reason with the names in it set apart."""
        return mark_names(reason, self._names)


def _of_a_pass(told: _Told) -> Phrase:
    improved = told.rows(RowVerdict.IMPROVED)
    if not improved:
        return told.marked(told.first)
    others = _more((len(improved) - 1, "row", "improved"))
    return (*_change_of(improved[0], told.verdict), f"{others}; ", *told.marked(told.first))


def _of_a_failure(told: _Told) -> Phrase:
    regressed = told.rows(RowVerdict.REGRESSED)
    crossed = told.thresholds()
    if regressed and told.first == about_row(regressed[0]):
        more = _more((len(regressed) - 1, "row", "regressed"), (len(crossed), "threshold", "crossed"))
        return (*_change_of(regressed[0], told.verdict), more)
    if crossed and told.first == about_threshold(crossed[0]):
        return (*_crossing_of(crossed[0]), _more((len(crossed) - 1, "threshold", "crossed")))
    return told.marked(told.first)


def _of_no_decision(told: _Told) -> Phrase:
    undecided = told.rows(RowVerdict.INCONCLUSIVE)
    if not undecided or undecided[0].low is None or undecided[0].high is None:
        return ("Not decided: ", *told.marked(told.first))
    row = undecided[0]
    return (
        "Not decided: ",
        *_subject(row, told.verdict),
        f" may have changed by {figures.interval(row)} ({_statistic(row)}, margin {figures.margin(row)})",
        _more((len(undecided) - 1, "row", "undecided")),
    )


def _of_no_verdict(told: _Told) -> Phrase:
    notes = told.notes()
    if not notes or told.first != about_validity(notes[0]):
        return ("No verdict: ", *told.marked(told.first))
    note = notes[0]
    more = _more((len(notes) - 1, "note", "below"))
    return ("No verdict: ", *((Name(note.scenario), ": ") if note.scenario else ()), *told.marked(note.message), more)


def _change_of(row: Comparison, verdict: Verdict) -> Phrase:
    """ "`POST /pet` got slower: median +31.2 % (interval +28.1 to +34.0 %, margin 5 %)"."""
    up, down = _WENT.get(row.metric, ("went up", "went down"))
    return (
        *_subject(row, verdict),
        f" {up if (row.change or 0) > 0 else down}: {_statistic(row)} {figures.change(row)}"
        f" (interval {figures.interval(row)}, margin {figures.margin(row)})",
    )


def _statistic(row: Comparison) -> str:
    if row.metric == "http_req_duration":
        return _STATS.get(row.stat, row.stat)
    return figures.metric_name(row.metric, row.stat)


def _subject(row: Comparison, verdict: Verdict) -> Phrase:
    """The request that a row is about, with its scenario where another has the same request; else the scenario."""
    if row.request is None:
        return (Name(row.scenario),)
    if any(other.request == row.request and other.scenario != row.scenario for other in verdict.rows):
        return (Name(row.request), " of ", Name(row.scenario))
    return (Name(row.request),)


def _crossing_of(result: ThresholdResult) -> Phrase:
    threshold = result.threshold
    said = Name(f"{threshold.selector}: {threshold.expression}")
    if result.value is None:
        return (Name(result.scenario), " has no data for its threshold ", said)
    value = figures.value(result.value, unit_of(threshold.metric, threshold.stat))
    return (Name(result.scenario), " crossed its threshold ", said, f", measured {value}")


def _more(*counts: tuple[int, str, str]) -> str:
    """ "; 2 more rows regressed, 1 threshold crossed" of what there is."""
    parts = [
        f"{count:,} {'more ' if place == 0 else ''}{noun}{'' if count == 1 else 's'} {did}"
        for place, (count, noun, did) in enumerate(counts)
        if count
    ]
    return f"; {', '.join(parts)}" if parts else ""


def _as_sentence(phrase: Phrase) -> Phrase:
    """The phrase with a capital letter, unless it begins with a name, and a full stop."""
    first, last = phrase[0], phrase[-1]
    if isinstance(first, str):
        phrase = (first[:1].upper() + first[1:], *phrase[1:])
    return phrase if isinstance(last, str) and last.endswith((".", "!", "?")) else (*phrase, ".")
