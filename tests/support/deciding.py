"""Measurements that are asked for a verdict, beside neighbours that come and go."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

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


def decided_command(measure: Callable[[], Done]) -> Done:
    """As `decided`, of a command with `--json -`."""
    return decided(measure, lambda done: json.loads(done.out)["verdict"] if done.out else "")
