"""Series of runs with planted steps, in the noise of real runs: what a search for change points should find in them."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from tests.bench.judging_stored import recorded_runs

RUNS = 100
STEPS = 2
_EDGE = 10  # runs at least before, between and after steps
_BLOCK = 6
_STEADY_FROM = 230  # of the series of tigerbeetle: from there on people see no shift


@dataclass(frozen=True)
class Planted:
    """The rows of one suite over its runs, with steps in one of them, or in none.

    rows: logs of values, oldest first. at: the first runs after the steps. row: which one has them.
    """

    rows: tuple[tuple[float, ...], ...]
    row: int
    at: tuple[int, ...]


Noise = Callable[[random.Random], Sequence[Sequence[float]]]
"""Makes the rows of one suite, without steps."""


def noises(data: Path) -> dict[str, Noise]:
    """The kinds of noise. data: where the recorded runs are."""
    suites = _suites(data / "github_runner_history.csv")
    rows = [row for suite in suites for row in suite]
    around = [_around_level(row, _EDGE) for row in rows]
    steady = [math.log(value) for value in json.loads((data / "tigerbeetle.json").read_text())["series"]]
    quiet = _around_level(steady[_STEADY_FROM:], 15)
    return {
        "GitHub's machines, all rows of a suite": lambda lots: _window(lots.choice(suites), lots),
        "GitHub's machines, one row": lambda lots: _window([lots.choice(rows)], lots),
        "the same around its level, in blocks": lambda lots: [_blocks(lots.choice(around), lots)],
        "tigerbeetle around its level, in blocks": lambda lots: [_blocks(quiet, lots)],
        "normal, 2 %": lambda lots: [[lots.gauss(0.0, 0.02) for _ in range(RUNS)]],
    }


def planted(noise: Noise, step: float, count: int, seed: int) -> list[Planted]:
    """So many suites; step: as a fraction, up or down; 0 for none."""
    lots = random.Random(f"{seed} {step}")
    return [_planted(noise(lots), step, lots) for _ in range(count)]


def _planted(rows: Sequence[Sequence[float]], step: float, lots: random.Random) -> Planted:
    row = lots.randrange(len(rows))
    if not step:
        return Planted(tuple(map(tuple, rows)), row, ())
    at = _places(lots)
    slower = list(rows[row])
    for place in at:
        change = math.log1p(step) * lots.choice((1, -1))
        slower[place:] = [value + change for value in slower[place:]]
    return Planted(tuple(tuple(slower if one == row else values) for one, values in enumerate(rows)), row, at)


def _places(lots: random.Random) -> tuple[int, ...]:
    while True:
        at = sorted(lots.sample(range(_EDGE, RUNS - _EDGE + 1), STEPS))
        if all(later - place >= _EDGE for place, later in pairwise(at)):
            return tuple(at)


def _suites(path: Path) -> list[list[list[float]]]:
    """The rows of every suite, each a list of logs: runs that have them all, of suites that are long enough."""
    suites = []
    for runs in recorded_runs(path).values():
        names = sorted({point.row for run in runs for point in run}, key=str)
        values = [{point.row: math.log(point.value) for point in run} for run in runs]
        whole = [run for run in values if len(run) == len(names)]
        if len(whole) >= RUNS:
            suites.append([[run[name] for run in whole] for name in names])
    return suites


def _window(rows: Sequence[Sequence[float]], lots: random.Random) -> list[Sequence[float]]:
    start = lots.randrange(len(rows[0]) - RUNS + 1)
    return [row[start : start + RUNS] for row in rows]


def _around_level(row: Sequence[float], reach: int) -> list[float]:
    """The values less the median of their neighbours."""
    return [value - median(row[max(0, place - reach) : place + reach + 1]) for place, value in enumerate(row)]


def _blocks(values: Sequence[float], lots: random.Random) -> list[float]:
    """Values drawn again in blocks, so that they keep their correlation."""
    starts = (lots.randrange(len(values) - _BLOCK + 1) for _ in range(-(-RUNS // _BLOCK)))
    return [value for start in starts for value in values[start : start + _BLOCK]][:RUNS]
