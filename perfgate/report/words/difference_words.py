"""The words for what else differs between base and head: a sentence for each place, those that explain most first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from perfgate.explain.differences.difference import FactDifference
from perfgate.explain.differences.facts import BASE_IMAGE, COMMAND, SERVICE, FactKind
from perfgate.report.phrase import Name, Phrase
from perfgate.verdict import Verdict

_HEADINGS = {
    FactKind.RUNTIME: "Runtime",
    FactKind.LIMIT: "Limits",
    FactKind.IMAGE: "Image",
    FactKind.PACKAGE: "Packages",
    FactKind.COMMAND: "Command",
    FactKind.ENVIRONMENT: "Environment",
    FactKind.BUILD: "Build",
    FactKind.SETTING: "Settings",
}
# Their values are numbers and words of a sentence; all others are quoted.
_BARE = (FactKind.RUNTIME, FactKind.LIMIT, FactKind.PACKAGE)
_MOST_SENTENCES = 12


def difference_sentences(verdict: Verdict, most: int) -> tuple[Phrase, ...]:
    """A sentence for each place where something differs. most: how many of its differences it names."""
    found = _without_repetitions(verdict.differences.found)
    by_place = [list(group) for _, group in groupby(found, key=lambda one: (one.kind, one.place))]
    sentences = [_sentence(group, most) for group in by_place]
    over = len(sentences) - _MOST_SENTENCES
    if over > 0:
        sentences = [*sentences[:_MOST_SENTENCES], (f"{over:,} further places are in the result file.",)]
    return (*sentences, *_not_compared(verdict, most))


def _without_repetitions(found: Sequence[FactDifference]) -> list[FactDifference]:
    """The version of a library stands in several files; one of them is enough."""
    kept: dict[tuple[FactKind, str, str | None, str | None, str], FactDifference] = {}
    for one in found:
        place = "" if one.kind in (FactKind.PACKAGE, FactKind.RUNTIME) else one.place
        kept.setdefault((one.kind, one.name, one.base, one.head, place), one)
    # As they are ordered, but with what belongs to one place together.
    places = list(dict.fromkeys((one.kind, one.place) for one in kept.values()))
    return sorted(kept.values(), key=lambda one: places.index((one.kind, one.place)))


def _sentence(group: Sequence[FactDifference], most: int) -> Phrase:
    first = group[0]
    parts: list[str | Name] = [_HEADINGS[first.kind]]
    if first.place != SERVICE:
        parts += [" (", Name(first.place), ")"]
    for number, one in enumerate(group[:most]):
        parts += ["; " if number else ": ", *_change(one)]
    over = len(group) - most
    if over > 0:
        parts.append(f"; {over:,} other{'' if over == 1 else 's'}")
    if first.kind is FactKind.SETTING:
        parts.append("; both sides were started as the checkout's file says")
    return (*parts, ".")


def _change(one: FactDifference) -> Phrase:
    if one.name == BASE_IMAGE and one.kind is FactKind.IMAGE:
        return ("the base image is another one, though FROM is the same",)
    if one.base is not None and one.head is not None:
        if one.hidden:
            return ("it differs",) if _is_all_there_is(one) else (Name(one.name), " differs")
        return (*_subject(one), _value(one, one.base), " → ", _value(one, one.head))
    value = one.head if one.base is None else one.base
    what = " is new" if one.base is None else " is gone"
    return (Name(one.name), what) if one.hidden or not value else (Name(one.name), what, ": ", _value(one, value))


def _subject(one: FactDifference) -> Phrase:
    """The name, unless the values say it themselves, as flags do."""
    values = (one.base or "", one.head or "")
    told = one.name.startswith("-") and all(text.startswith(one.name) for text in values)
    return () if told or _is_all_there_is(one) else (Name(one.name), " ")


def _is_all_there_is(one: FactDifference) -> bool:
    """Whether the heading says already what it is: a process has one command."""
    return one.kind is FactKind.COMMAND and one.name == COMMAND


def _value(one: FactDifference, value: str) -> str | Name:
    if not value:
        return "nothing"
    return value if one.kind in _BARE else Name(value)


def _not_compared(verdict: Verdict, most: int) -> tuple[Phrase, ...]:
    skipped = verdict.differences.not_compared
    if not skipped:
        return ()
    parts: list[str | Name] = ["Not compared: "]
    for number, one in enumerate(skipped[:most]):
        parts += ["; " if number else "", Name(one.place), f" ({one.reason})"]
    over = len(skipped) - most
    if over > 0:
        parts.append(f"; {over:,} other{'' if over == 1 else 's'}")
    return ((*parts, "."),)
