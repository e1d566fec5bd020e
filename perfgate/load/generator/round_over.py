"""The end of a round, for a user that waits for no answer."""

from __future__ import annotations


class RoundOver(BaseException):
    """The round has ended while a user was thinking, or waited for events: the iteration ends, and is not counted."""


class TakenAway(BaseException):
    """A ramp has taken a user away, and the time that it had for its iteration is over."""
