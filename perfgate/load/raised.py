"""Exceptions of a scenario's own code, counted by what they say."""

from __future__ import annotations

from collections import Counter

# What is wrong stands in the first of them; those that differ in an id alone say the same.
_MOST = 5


def count_raised(raised: Counter[str], text: str) -> None:
    """Count one more exception that says `text`: by that, or with others once there are many different ones."""
    known = text in raised or len(raised) < _MOST
    raised[text if known else "other exceptions"] += 1
