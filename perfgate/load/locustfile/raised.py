"""What an exception of a locustfile's own code says, and what it does not say of itself: that its data ran out."""

from __future__ import annotations

import queue
import re

from perfgate.load.generator.recorder import describe_exception

_EMPTY = re.compile("pop from (an )?empty|is empty")
_RAN_OUT = "users are made anew for every round, in one process: let the data go round, as itertools.cycle does"


def describe_users(error: BaseException) -> str:
    """An exception as a user begins, with the remedy where a list, a set or a queue had nothing left for it."""
    ran_out = isinstance(error, (StopIteration, queue.Empty)) or (
        isinstance(error, LookupError) and _EMPTY.search(str(error))
    )
    return f"{describe_exception(error)}; {_RAN_OUT}" if ran_out else describe_exception(error)
