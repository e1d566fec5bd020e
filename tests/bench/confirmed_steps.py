"""Issues for slowdowns: how soon one is opened after a step, and how many are opened where nothing happened.

    python -m tests.bench.confirmed_steps [--runs 5000] [--steps 300]

A service with one row; after every run all is looked at as `perfgate trend --issue` does. What is found again, dated
anew, is one issue.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Sequence

from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.confirmation import LONGEST_LOOK
from perfgate.compare.stored.slowdowns import KeptSlowdown, is_same, kept_of, slowdowns_of
from perfgate.compare.stored.trend import Expectation, Trend, TrendPoint, Window, trends_of

ROW = Row("create_pet", "POST /pet", "http_req_duration", "med")
RULES = Rules(latency_floor_ms=0.0)
BEFORE = 50
STEP = 0.05
_RUNS_OF_A_SERIES = 1000

Noise = Callable[[random.Random], float]
"""The log of one run's value."""

NOISES: dict[str, Noise] = {
    "normal, 2 %": lambda lots: lots.gauss(0.0, 0.02),
    "Student's with 3 degrees, half of it within 2 %": lambda lots: (
        0.026 * lots.gauss(0.0, 1.0) / math.sqrt(lots.gammavariate(1.5, 2.0) / 3)
    ),
}


def trends(values: Sequence[float]) -> tuple[Trend, ...]:
    """The newest runs of a branch, as the command has them."""
    first = max(0, len(values) - LONGEST_LOOK)
    points = [
        TrendPoint(ROW, 10 * math.exp(value), f"{run:06}", 3600.0 * run, "here", "1", f"{run:040x}", False)
        for run, value in enumerate(values[first:], first)
    ]
    return trends_of(points, Window(None, None), Expectation(RULES, 1))


def opened(values: Sequence[float], start: int) -> list[int]:
    """After which runs an issue is opened, where somebody looks after each of them from `start` on."""
    known: list[KeptSlowdown] = []
    after = []
    for count in range(start, len(values) + 1):
        looked = trends(values[:count])
        for slowdown in slowdowns_of(looked, RULES):
            if not any(is_same(slowdown, one) for one in known):
                known.append(kept_of(slowdown, None))
                after.append(count - 1)
    return after


def false_issues(noise: Noise, runs: int, seed: int) -> int:
    """Issues about nothing, in so many runs."""
    found = 0
    for number in range(math.ceil(runs / _RUNS_OF_A_SERIES)):
        lots = random.Random(f"{seed} {number}")
        found += len(opened([noise(lots) for _ in range(_RUNS_OF_A_SERIES + BEFORE)], BEFORE))
    return found


def delays(noise: Noise, steps: int, seed: int) -> list[int | None]:
    """After how many runs at the new level the issue is opened, of so many steps; None where not within ten."""
    found: list[int | None] = []
    for number in range(steps):
        lots = random.Random(f"{seed} step {number}")
        values = [noise(lots) + math.log1p(STEP) * (run >= BEFORE) for run in range(BEFORE + 10)]
        after = opened(values, BEFORE + 1)
        found.append(after[0] - BEFORE + 1 if after else None)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=5000, help="runs of nothing (default 5000)")
    arguments.add_argument("--steps", type=int, default=300, help="steps of 5 %% (default 300)")
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    for name, noise in NOISES.items():
        wrong = false_issues(noise, chosen.runs, chosen.seed)
        print(f"{name}: {1000 * wrong / chosen.runs:.2f} false issues in 1,000 runs of nothing", flush=True)
        found = delays(noise, chosen.steps, chosen.seed)
        within = [sum(one is not None and one <= most for one in found) / len(found) for most in (3, 4, 6, 10)]
        print(f"    5 %: {' / '.join(f'{share:.0%}' for share in within)} within 3 / 4 / 6 / 10 runs", flush=True)


if __name__ == "__main__":
    main()
