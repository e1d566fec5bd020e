"""What a reader does next, and the few words that explain how to read the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perfgate.compare.comparison import Comparison, RowVerdict, classify
from perfgate.compare.rows import Row
from perfgate.report import numbers
from perfgate.report.phrase import Name, Phrase
from perfgate.report.rows import is_not_worse
from perfgate.report.words.undecidable_words import undecidable
from perfgate.units import format_seconds
from perfgate.verdict import Outcome, Verdict, what_decides

_ACCEPT: Phrase = (
    "If it is meant to be so, accept it: an ",
    Name("[[accept]]"),
    " entry in ",
    Name("perfgate.toml"),
    " says how much, until when and why.",
)


def _accept(label: str) -> Phrase:
    if not label:
        return _ACCEPT
    return (
        "If it is meant to be so, accept it for this commit: somebody who may write to the repository puts the label ",
        Name(label),
        " on the pull request, and runs this job again. An ",
        Name("[[accept]]"),
        " entry in ",
        Name("perfgate.toml"),
        " accepts it for longer.",
    )


_FIRST: Phrase = (
    "Runs of the base branch make the baseline: each ",
    Name("perfgate gate"),
    " there adds one, and five are enough to begin with. To measure base and head side by side instead, from the first"
    " pull request on, say how the service starts under ",
    Name("[service]"),
    " in ",
    Name("perfgate.toml"),
    ".",
)
_NO_DATA: Phrase = ("A threshold without data fails: is what it names still measured?",)
_INVALID: Phrase = ("This says nothing about the code: mend what the notes name, then measure again.",)


def next_steps(verdict: Verdict, label: str = "") -> tuple[Phrase, ...]:
    """What to do about this verdict, a sentence each; the command that repeats it is `verdict.reproduce`.

    label: of the pull request that accepts it; "" where there is none.
    """
    if verdict.outcome is Outcome.INVALID:
        return (_INVALID,)
    if verdict.outcome is Outcome.INCONCLUSIVE:
        if verdict.is_first_run:
            return (_FIRST,)
        steps, left = undecidable(verdict)
        if steps and not left:
            return steps
        return (*steps, _more(verdict, left, "the other rows" if steps else "it"))
    if verdict.outcome is Outcome.PASS:
        return ()
    regressed = any(reason.is_regression for reason in verdict.reasons)
    without_data = any(not result.passed and result.value is None for result in verdict.thresholds)
    return (*[_accept(label)] * regressed, *[_NO_DATA] * without_data)


def _more(verdict: Verdict, rows: Sequence[Comparison], what: str) -> Phrase:
    """What decides these open rows. what: their name in a sentence."""
    if _waits_for_steadiness(verdict, rows):
        start = f"No load would have decided {what}: let the service warm up for longer, with "
        return (start, Name("warm_up_most"), " under ", Name("[measure]"), ".")
    if verdict.head.duet:
        return _decide(verdict, rows, what)
    return (
        f"More runs of the base branch decide {what}: each ",
        Name("perfgate run"),
        " or ",
        Name("perfgate gate"),
        " there adds one; or allow more change with ",
        Name("--margin"),
        ".",
    )


def _waits_for_steadiness(verdict: Verdict, rows: Sequence[Comparison]) -> bool:
    """Whether these are nothing but regressions of sides that were never steady: more load would not prove them."""
    unsteady = {method.scenario for method in verdict.methods if method.unsteady}
    return bool(rows) and all(
        row.row.scenario in unsteady
        and row.interval is not None
        and classify(row.row, row.interval, row.margin) is RowVerdict.REGRESSED
        for row in rows
    )


def _decide(verdict: Verdict, rows: Sequence[Comparison], what: str) -> Phrase:
    """What would have decided a duet, the cheapest first; in general words where that cannot be told."""
    found = what_decides(verdict, rows)
    if found.instances:
        start = f"No load would have decided {what}, since instances of one program differ by too much: set more "
        wider = ("; or allow ", _wider(found.margins)) if found.margins else ()
        return (start, Name("instances"), " under ", Name("[measure]"), *wider, ".")
    ways: list[Phrase] = []
    if found.vus is not None:
        ways.append((Name(f"--vus {found.vus}"), ", the service being idle for most of the time"))
    if found.scale is not None:
        ways.append((Name(f"--scale {found.scale}"), ", the service being idle for most of the time"))
    if found.budget is not None:
        ways.append((Name(f"--budget {format_seconds(found.budget)}"),))
    if found.margins:
        ways.append((_wider(found.margins),))
    if not ways:
        start = f"More rounds decide {what}: allow more load with "
        return (start, Name("--budget"), " or more change with ", Name("--margin"), ".")
    first, *others = ways
    return (
        f"This would have decided {what}, as far as these rounds tell: ",
        *first,
        *(part for way in others for part in ("; or ", *way)),
        ".",
    )


def _wider(margins: Sequence[tuple[Row, float]]) -> str:
    """ "a margin of 15 % for http_req_duration p(95)"; of many rows the widest of each statistic."""
    widest: dict[str, tuple[Row, float]] = {}
    for row, margin in margins:
        name = numbers.metric_name(row.metric, row.stat)
        widest[name] = max(widest.get(name, (row, 0.0)), (row, margin), key=lambda one: one[1])
    said = [f"{numbers.plain(margin, row.unit)} for {name}" for name, (row, margin) in widest.items()]
    return f"a margin of {' and of '.join(said)}"


def explanation(rows: Iterable[Comparison], error_rate: float | None) -> str:
    """How to read these rows, once for all of them; "" of none. error_rate: of the verdict."""
    rows = tuple(rows)
    if not rows:
        return ""
    rate = "" if error_rate is None else f" of {error_rate * 100:g} %"
    sentences = [
        f"The interval is where the true change lies; all rows that gate share one error rate{rate}, so that a change"
        " that does nothing hardly ever fails.",
        "The margin is the regression that is allowed.",
    ]
    if any(numbers.is_difference(row) for row in rows):
        sentences.append("pp: percentage points.")
    if any(is_not_worse(row) for row in rows):
        sentences.append("Not worse: a regression is ruled out, an improvement is not.")
    if not all(row.gated for row in rows):
        sentences.append("Verdicts in brackets inform and never fail.")
    return " ".join(sentences)
