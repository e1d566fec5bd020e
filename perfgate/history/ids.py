"""Run ids: time-ordered, so that runs sort by age as text and new rows land next to each other in the file."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable

_VERSION = 7
_VARIANT = 0b10
_FRACTION_BITS = 12
_RANDOM_BITS = 62


def new_run_id(started_at: float | None = None, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A UUID of version 7 (RFC 9562, section 5.7) as text.

    started_at: Unix seconds, now where None. The 12 bits after the version hold the fraction of the millisecond
    (section 6.2, method 3), so ids made within one millisecond still sort. random_bytes: gives that many bytes.
    """
    nanoseconds = time.time_ns() if started_at is None else _nanoseconds(started_at)
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = (rest << _FRACTION_BITS) // 1_000_000
    chance = int.from_bytes(random_bytes(8), "big") & ((1 << _RANDOM_BITS) - 1)
    value = (milliseconds & ((1 << 48) - 1)) << 80 | _VERSION << 76 | fraction << 64 | _VARIANT << 62 | chance
    return str(uuid.UUID(int=value))


def _nanoseconds(seconds: float) -> int:
    """Exact, which seconds * 1e9 is not: a float has 16 digits, Unix time in nanoseconds 19."""
    whole = int(seconds)
    return whole * 1_000_000_000 + round((seconds - whole) * 1e9)
