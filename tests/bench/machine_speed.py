"""How steady this machine's speed is: what the same work differs by from one moment to the next.

    python -m tests.bench.machine_speed [--cpu 1] [--seconds 40]

One process does the same piece of work over and over. On a machine that others share its CPU time comes and goes, for
milliseconds and for minutes. The table says how much, for steps of several lengths, and the standard error that the
mean of all pairs of steps has. Run it before a series of real duets: where steps of half a second differ by more than
some percent, the machine is not quiet.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Sequence
from statistics import fmean, stdev

from tabulate import tabulate

STEPS = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
# About a millisecond of work, so that the shortest step holds some.
_LOOPS = 20_000
_LEAST_SECONDS = 10.0


def main() -> None:
    chosen = arguments()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {chosen.cpu})
    pieces = worked(chosen.seconds)
    table = []
    for step in STEPS:
        levels = in_steps(pieces, step)
        differences = [late - early for early, late in zip(levels[::2], levels[1::2], strict=False)]
        known = stdev(differences) / math.sqrt(len(differences))
        table.append((f"{step:g} s", f"{stdev(levels):.1%}", f"{stdev(differences):.1%}", f"{known:.2%}"))
    print(tabulate(table, ("in steps of", "standard deviation", "of two in a row", "error of the mean of all pairs")))


def worked(seconds: float) -> list[tuple[float, float]]:
    """Pieces of work: when each began, and its CPU time (s)."""
    pieces = []
    end = time.perf_counter() + seconds
    while (now := time.perf_counter()) < end:
        before = time.thread_time()
        sum(number * number % 7 for number in range(_LOOPS))
        pieces.append((now, time.thread_time() - before))
    return pieces


def in_steps(pieces: Sequence[tuple[float, float]], step: float) -> list[float]:
    """The log of the mean CPU time of the pieces of each step; the last step, which may be a part, is left out."""
    found: dict[int, list[float]] = {}
    for moment, spent in pieces:
        found.setdefault(int((moment - pieces[0][0]) / step), []).append(spent)
    return [math.log(fmean(found[number])) for number in sorted(found)][:-1]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    last = (os.cpu_count() or 1) - 1
    parser.add_argument("--cpu", type=int, default=last, metavar="N", help=f"to run on (default {last})")
    parser.add_argument("--seconds", type=float, default=40.0, metavar="S", help="default 40")
    chosen = parser.parse_args()
    if chosen.seconds < _LEAST_SECONDS:
        parser.error(f"--seconds: at least {_LEAST_SECONDS:g}, for a few pairs of the longest step")
    return chosen


if __name__ == "__main__":
    main()
