"""Moments as other tools write them, to Unix seconds."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from perfgate.errors import MistakeError

# RFC 3339 with any number of digits; datetime takes but six before Python 3.11.
_FRACTION = re.compile(r"[.,](\d+)")
_LATEST = 253_402_300_799  # the end of the year 9999: what a date can say


def seconds_of(text: str) -> float:
    """Unix seconds of "2026-11-23T05:42:48.626317836Z"; UTC where it has no zone. MistakeError for anything else."""
    fraction = _FRACTION.search(text)
    whole = _FRACTION.sub("", text, count=1).strip().replace("Z", "+00:00").replace(" ", "T", 1)
    try:
        moment = datetime.fromisoformat(whole)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return plausible(moment.timestamp() + (float(f"0.{fraction[1]}") if fraction else 0.0))
    except (ValueError, OverflowError):
        raise MistakeError(f"{text[:40]!r} is not a time", "write it like 2026-01-31T12:00:00Z") from None


def plausible(seconds: float) -> float:
    """The same Unix seconds, where a date can say them. MistakeError otherwise."""
    if not 0 <= seconds <= _LATEST:
        raise MistakeError(f"{seconds:.0f} is not a time", "Unix time counts seconds since 1970")
    return seconds
