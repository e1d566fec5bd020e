"""Sentences in which names from outside stay apart from the words, so that each report can show them its own way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from perfgate.report.escaping import clean, code, escape, escape_within


@dataclass(frozen=True)
class Name:
    """A name within a sentence: of a request, a scenario, a branch, an option."""

    text: str


Phrase = tuple[str | Name, ...]
"""Words and names in the order in which they are read."""


def plain(phrase: Phrase) -> str:
    """The phrase as plain text on one line, its names bare."""
    return clean("".join(part if isinstance(part, str) else part.text for part in phrase))


def markdown(phrase: Phrase) -> str:
    """The phrase as one line of Markdown, its names as code. The words are escaped too: they may come from a file."""
    return "".join(
        _words(part, place) if isinstance(part, str) else code(part.text) for place, part in enumerate(phrase)
    )


def _words(text: str, place: int) -> str:
    """Words of a phrase, escaped, with the spaces at their ends kept."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[1:] and text[-1:].isspace() else ""
    return f"{before}{escape_within(text) if place else escape(text)}{after}"


def mark_names(sentence: str, names: Iterable[str]) -> Phrase:
    """`sentence`, as one line, with the names that occur in it set apart; of names that overlap the longest."""
    sentence = clean(sentence)
    found = sorted((name for name in names if name and name in sentence), key=len, reverse=True)
    if not found:
        return (sentence,)
    # Not within a longer word: the scenario "order" is not the beginning of "ordered".
    pattern = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, found))})(?!\w)")
    parts = pattern.split(sentence)
    return tuple(Name(part) if place % 2 else part for place, part in enumerate(parts) if part)
