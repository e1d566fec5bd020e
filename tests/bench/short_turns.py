"""What short turns are worth on this machine: standard errors of A/A duets with them and with whole rounds.

    python -m tests.bench.short_turns [--times 2] [--budget 30s]

Plays duets of the petstore to the end of the budget, the two kinds next to each other, since the machine is not the
same an hour later. Standard errors come from the intervals that verdicts are made of (Hodges and Lehmann's).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from tabulate import tabulate

from perfgate.compare.statistics import locate
from perfgate.load.generator.engine import PerfgateEngine
from tests.bench.duet_cases import AA, Case
from tests.bench.record_pairs import recorded

CASES = tuple(case for case in AA if case.name in ("aa_closed", "aa_think_10ms"))
FIGURES = {"p50": "median", "p95": "p(95)", "cpu": "service_cpu", "rate": "requests/s"}
# An interval of two standard errors on either side.
_TAIL, _ERRORS = 0.0228, 4


def main() -> None:
    chosen = arguments()
    found: dict[tuple[str, bool], list[dict[str, float]]] = {}
    for _ in range(chosen.times):
        for case in CASES:
            for short in (False, True):
                found.setdefault((case.name, short), []).append(errors_of(played(case, short, chosen.budget)))
    table = []
    for case in CASES:
        for figure, name in FIGURES.items():
            whole, turns = (median(one[figure] for one in found[case.name, short]) for short in (False, True))
            table.append((case.name, name, f"{whole:.2%}", f"{turns:.2%}", f"{turns / whole:.2f}"))
    print(tabulate(table, ("case", "standard error of", "whole rounds", "short turns", "ratio"), disable_numparse=True))


def played(case: Case, short: bool, budget: str) -> dict[str, Any]:
    """One duet, played to its end."""
    with whole_rounds(not short):
        return recorded(case, budget)


@contextmanager
def whole_rounds(wanted: bool) -> Iterator[None]:
    """perfgate's own engine shares no load, where that is wanted."""
    can_share = PerfgateEngine.can_share
    if wanted:
        PerfgateEngine.can_share = lambda *_: False  # type: ignore[method-assign]
    try:
        yield
    finally:
        PerfgateEngine.can_share = can_share  # type: ignore[method-assign]


def errors_of(duet: dict[str, Any]) -> dict[str, float]:
    """The standard error of each figure's change."""
    sides = {side: [_figures(pair, side) for pair in duet["pairs"]] for side in ("base", "head")}
    both = list(zip(sides["base"], sides["head"], strict=True))
    return {figure: error_of([math.log(head[figure] / base[figure]) for base, head in both]) for figure in FIGURES}


def _figures(pair: dict[str, Any], side: str) -> dict[str, float]:
    return {**pair[side], "rate": pair[side]["n"] / pair["tallies"][side]["seconds"]}


def error_of(changes: list[float]) -> float:
    """The standard error of where they lie."""
    location = locate(changes, _TAIL, _TAIL)
    assert location.low is not None
    assert location.high is not None
    return (location.high - location.low) / _ERRORS


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=2, metavar="N", help="duets of each kind (default 2)")
    parser.add_argument("--budget", default="30s", help="load of one duet (default 30s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
