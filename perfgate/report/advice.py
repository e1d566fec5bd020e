"""What a reader does next, and the few words that explain how to read the tables."""

from __future__ import annotations

from collections.abc import Iterable

from perfgate.compare.comparison import Comparison
from perfgate.report import numbers
from perfgate.report.phrase import Name, Phrase
from perfgate.verdict import Outcome, Verdict

_ACCEPT: Phrase = (
    "If it is meant to be so, accept it: an ",
    Name("[[accept]]"),
    " entry in ",
    Name("perfgate.toml"),
    " says how much, until when and why.",
)
_DECIDE: Phrase = (
    "More rounds decide it: allow more load with ",
    Name("--budget"),
    " or more change with ",
    Name("--margin"),
    ".",
)
_DECIDE_STORED: Phrase = (
    "More runs of the base branch decide it: each ",
    Name("perfgate run"),
    " or ",
    Name("perfgate gate"),
    " there adds one; or allow more change with ",
    Name("--margin"),
    ".",
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
_NO_DATA: Phrase = ("A threshold without data fails: is the request that it names still sent?",)
_INVALID: Phrase = ("This says nothing about the code: mend what the notes name, then measure again.",)


def next_steps(verdict: Verdict) -> tuple[Phrase, ...]:
    """What to do about this verdict, a sentence each; the command that repeats it is `verdict.reproduce`."""
    if verdict.outcome is Outcome.INVALID:
        return (_INVALID,)
    if verdict.outcome is Outcome.INCONCLUSIVE:
        if verdict.is_first_run:
            return (_FIRST,)
        return (_DECIDE if verdict.head.duet else _DECIDE_STORED,)
    if verdict.outcome is Outcome.PASS:
        return ()
    regressed = any(reason.is_regression for reason in verdict.reasons)
    without_data = any(not result.passed and result.value is None for result in verdict.thresholds)
    return (*[_ACCEPT] * regressed, *[_NO_DATA] * without_data)


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
    if not all(row.gated for row in rows):
        sentences.append("Verdicts in brackets inform and never fail.")
    return " ".join(sentences)
