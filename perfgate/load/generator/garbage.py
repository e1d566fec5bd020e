"""Python's search for garbage in cycles, kept out of the way of a load: it stops all users to look at all they have.

Requests leave no cycles behind; what a scenario's own code leaves is found soon enough.
"""

from __future__ import annotations

import gc

# New objects that call for a search among them, and how many of those for one among older ones, too.
_YOUNG, _SEARCHES = 50_000, 20


def thaw() -> None:
    """Let the next search look at everything: some of what was left out may be garbage by now."""
    gc.unfreeze()


def settle() -> None:
    """Clear up, and leave all that is there now, users above all, out of later searches."""
    gc.set_threshold(_YOUNG, _SEARCHES, _SEARCHES)
    gc.collect()
    gc.freeze()
