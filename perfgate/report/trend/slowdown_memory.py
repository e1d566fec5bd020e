"""What an issue remembers of its slowdown, as one word: compressed JSON in the alphabet of addresses."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import astuple

from perfgate.compare.rows import Row
from perfgate.compare.stored.slowdowns import KeptRow, KeptSlowdown

_MOST_BYTES = 1_000_000


def dumps(kept: KeptSlowdown) -> str:
    """The word; `loads` reads it."""
    rows = [[*astuple(one.row), *astuple(one)[1:]] for one in kept.rows]
    text = json.dumps([kept.run, kept.started_at, rows], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


def loads(word: str) -> KeptSlowdown | None:
    """None where it is none of ours: whoever may edit an issue may have changed it."""
    try:
        decoder = zlib.decompressobj()
        text = decoder.decompress(base64.urlsafe_b64decode(word.encode("ascii")), _MOST_BYTES)
        run, started_at, rows = json.loads(text)
        kept = [_row(*one) for one in rows]
        return KeptSlowdown(str(run), float(started_at), tuple(kept))
    except (binascii.Error, zlib.error, ValueError, TypeError, RecursionError):
        return None


def _row(*parts: object) -> KeptRow:
    scenario, request, metric, stat, testbed, scenario_hash, *levels = parts
    row = Row(str(scenario), None if request is None else str(request), str(metric), str(stat))
    before, after, deviation = (float(str(level)) for level in levels)
    if min(before, after, deviation) <= 0:
        raise ValueError("a level of nothing")
    return KeptRow(row, str(testbed), str(scenario_hash), before, after, deviation)
