"""What an exception in a user's `on_start` says, and what it does not say of itself: that its data ran out."""

from __future__ import annotations

import queue
import re

from perfgate.load.generator.recorder import describe_exception

_EMPTY = re.compile("pop from (an )?empty|is empty")
_RAN_OUT = "users are made anew for every round, in one process: let the data go round, as itertools.cycle does"


def in_on_start(error: Exception) -> str:
    """An exception with its place; with the remedy where a list, a set or a queue had nothing left for a user."""
    text = describe_exception(error)
    ran_out = isinstance(error, (StopIteration, queue.Empty)) or (
        isinstance(error, LookupError) and _EMPTY.search(str(error))
    )
    return f"{text}; {_RAN_OUT}" if ran_out else text
