"""Measurements that are asked for a verdict, beside neighbours that come and go."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from perfgate.errors import ExitCode
from tests.support.command import Done

Found = TypeVar("Found")

_MOST = 3
_OPEN = ("inconclusive", "invalid", "")


def decided(measure: Callable[[], Found], verdict: Callable[[Found], str]) -> Found:
    """The first of at most three measurements with a verdict, else the last.

    Beside a busy neighbour "inconclusive" and "invalid" are honest answers, and no fault of what is tested. A wrong
    verdict is one: it is not asked again. verdict: of a measurement; "" where it has none.
    """
    for _ in range(_MOST):
        found = measure()
        if verdict(found) not in _OPEN:
            break
    return found


def decided_command(measure: Callable[[], Done], metric: str | None = None) -> Done:
    """As `decided`, of a command with `--json -`. metric: whose rows must be decided, too."""
    return decided(measure, lambda done: verdict_in(json.loads(done.out), metric) if done.out else "")


def valid(measure: Callable[[], Found], code: Callable[[Found], int]) -> Found:
    """The first of at most three measurements that no neighbour made invalid, else the last.

    For sides that are equal: whichever verdict they have counts. code: the exit code of a measurement.
    """
    return decided(measure, lambda found: "" if code(found) == ExitCode.NO_VERDICT else "valid")


def valid_command(measure: Callable[[], Done]) -> Done:
    """As `valid`, of a command."""
    return valid(measure, lambda done: done.code)


def verdict_in(result: Mapping[str, Any], metric: str | None = None) -> str:
    """The verdict of a result file; that of an open row of this metric, where there is one. "" of an empty one.

    A gate may be red by one row while another one is still open.
    """
    rows = [row["verdict"] for row in result.get("rows", ()) if row["metric"] == metric]
    return next((verdict for verdict in rows if verdict in _OPEN), str(result.get("verdict", "")))
