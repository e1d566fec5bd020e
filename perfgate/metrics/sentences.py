"""Sentences about rounds, of which those that differ in numbers alone say the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

_NUMBER = re.compile(r"\d+")


def count_kinds(rounds: Iterable[Iterable[str]], most: int) -> Mapping[str, int]:
    """The commonest kinds of sentences, each by the first of its kind, and how many rounds had one of it.

    rounds: the sentences about each round. most: how many kinds.
    """
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for sentences in rounds:
        for kind, sentence in {_NUMBER.sub("#", one): one for one in sentences}.items():
            first.setdefault(kind, sentence)
            counts[kind] += 1
    return {first[kind]: count for kind, count in counts.most_common(most)}
