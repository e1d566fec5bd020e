"""Entries for perfgate.toml that accept what regressed, ready to be copied."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime, timedelta, timezone

from perfgate.compare.comparison import Comparison
from perfgate.report.escaping import clean
from perfgate.texts import toml_string
from perfgate.verdict import Verdict

# By then the base branch has the change, and the entry can go.
_DAYS = 30
# What is accepted is rounded up to a multiple of these: measured again, it is never quite the same.
_STEP, _STEP_IN_POINTS = 0.05, 0.005
# perfgate.toml takes none beyond.
_HIGHEST = 10.0
_MOST = 12
_LONGEST_NAME = 400


def acceptable_entries(verdict: Verdict) -> str:
    """A TOML table for each metric of each scenario that regressed, with its request where it is one alone.

    "" where nothing regressed, where no entry can accept it, or where they are too many to look at.
    """
    found: defaultdict[tuple[str, str], list[Comparison]] = defaultdict(list)
    for reason in verdict.reasons:
        if reason.is_regression and reason.row is not None:
            found[reason.row.row.scenario, reason.row.row.metric].append(reason.row)
    if len(found) > _MOST:
        return ""
    until = (datetime.fromtimestamp(verdict.head.started_at, timezone.utc) + timedelta(days=_DAYS)).date()
    return "\n\n".join(filter(None, (_entry(rows, until.isoformat()) for rows in found.values())))


def _entry(rows: list[Comparison], until: str) -> str:
    """The table that accepts these rows of one metric; "" where it cannot be written."""
    row = rows[0].row
    requests = {one.row.request for one in rows}
    (request,) = requests if len(requests) == 1 else (None,)
    ceiling = max(map(_ceiling, rows))
    names = [name for name in (row.scenario, request, row.metric) if name is not None]
    if ceiling >= _HIGHEST or not all(map(_can_be_copied, names)):
        return ""
    keys = {"scenario": row.scenario, "request": request, "metric": row.metric, "ceiling": f"{ceiling * 100:g}%"}
    lines = [f"{key} = {toml_string(value)}" for key, value in keys.items() if value is not None]
    return "\n".join(["[[accept]]", *lines, f"expires = {until}", 'reason = ""    # why it is meant to be so'])


def _can_be_copied(name: str) -> bool:
    """Whether a name is the same once it was shown; the ends of a comment would hide what follows, or find it again."""
    return clean(name, _LONGEST_NAME) == name and "<!--" not in name and "-->" not in name


def _ceiling(comparison: Comparison) -> float:
    """What a row has got worse by, a fraction or points, rounded up."""
    step = _STEP_IN_POINTS if comparison.row.in_points else _STEP
    return math.ceil(abs(comparison.change or 0.0) / step + 1e-9) * step
