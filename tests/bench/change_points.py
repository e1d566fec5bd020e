"""Change points in series of runs, beside those that Apache Otava finds, at as many false alarms.

    python -m tests.bench.change_points --data DIR [--otava .otava/bin/python] [--count 200]

DIR holds recorded runs of years (github_runner_history.csv) and a real benchmark (tigerbeetle.json). Otava has an
environment of its own, by `make .otava/.done`. Steps are planted in windows of 100 runs. What is found within three
runs of a step is right, all else is a false alarm, what the machines themselves did among it. A false alarm in a
series without steps costs the same, so Otava is also asked with the p-value that gives it no fewer of them than
perfgate has there.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from perfgate.compare.stored.changepoint import change_points
from tests.bench.planted_series import Planted, noises, planted

STEPS = (0.05, 0.1, 0.2)
NEAR = 3
DEFAULT_PVALUE = 0.001
PVALUES = (1e-7, 1e-6, 1e-5, 3e-5, 1e-4, 2e-4, 3e-4, 5e-4, 7e-4, DEFAULT_PVALUE, 0.002, 0.003, 0.005, 0.01)

Found = list[list[int]]
"""The change points of each row of a suite."""


@dataclass(frozen=True)
class Score:
    """What was found. right, missed: planted steps. wrong: false alarms."""

    right: int
    missed: int
    wrong: int

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.missed + self.wrong)

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.missed + other.missed, self.wrong + other.wrong)


def score_of(suites: Sequence[Planted], found: Sequence[Found]) -> Score:
    """What was found in these suites."""
    right = wrong = 0
    for suite, of_rows in zip(suites, found, strict=True):
        for row, cuts in enumerate(of_rows):
            left = list(cuts)
            for place in suite.at if row == suite.row else ():
                near = [cut for cut in left if abs(cut - place) <= NEAR]
                if near:
                    left.remove(min(near, key=lambda cut: abs(cut - place)))
                    right += 1
            wrong += len(left)
    return Score(right, sum(len(suite.at) for suite in suites) - right, wrong)


def ours(suites: Sequence[Planted]) -> list[Found]:
    """What perfgate finds."""
    return [
        [
            [point.index for point in change_points([math.exp(value) for value in row], _siblings(suite, place))]
            for place, row in enumerate(suite.rows)
        ]
        for suite in suites
    ]


def _siblings(suite: Planted, row: int) -> list[float] | None:
    others = [values for place, values in enumerate(suite.rows) if place != row]
    return [median(at_once) for at_once in zip(*others, strict=True)] if others else None


def otavas(suites: Sequence[Planted], python: Path) -> list[list[Found]]:
    """What Otava finds, for each of PVALUES."""
    series = [[math.exp(value) for value in row] for suite in suites for row in suite.rows]
    script = Path(__file__).with_name("otava_change_points.py")
    asked = json.dumps({"pvalues": PVALUES, "series": series})
    done = subprocess.run([python, script], input=asked, capture_output=True, text=True, check=True)
    answers = []
    for of_series in json.loads(done.stdout):
        left = iter(of_series)
        answers.append([[next(left) for _ in suite.rows] for suite in suites])
    return answers


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True, metavar="DIR")
    arguments.add_argument("--otava", type=Path, default=Path(".otava/bin/python"), metavar="PYTHON")
    arguments.add_argument("--count", type=int, default=200, help="suites of each kind and step (default 200)")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", default="", metavar="TEXT", help="only noise that has this in its name")
    chosen = arguments.parse_args()
    print(f"{'noise':42} {'finds':24} {'false':>6} {'5 %':>6} {'10 %':>6} {'20 %':>6} {'all':>6}", flush=True)
    for name, noise in noises(chosen.data).items():
        if chosen.only in name:
            made = {step: planted(noise, step, chosen.count, chosen.seed) for step in (0.0, *STEPS)}
            _compare(name, made, chosen.otava)


def _compare(name: str, made: dict[float, list[Planted]], python: Path) -> None:
    own = {step: score_of(suites, ours(suites)) for step, suites in made.items()}
    _say(name, "perfgate", own)
    answers = {step: otavas(suites, python) for step, suites in made.items()}
    scores = [{step: score_of(made[step], answers[step][place]) for step in made} for place in range(len(PVALUES))]
    _say("", f"Otava, p = {DEFAULT_PVALUE}", scores[PVALUES.index(DEFAULT_PVALUE)])
    enough = [place for place, one in enumerate(scores) if one[0.0].wrong >= own[0.0].wrong]
    place = enough[0] if enough else len(PVALUES) - 1
    _say("", f"Otava, p = {PVALUES[place]:g}", scores[place])


def _say(name: str, finds: str, scores: dict[float, Score]) -> None:
    each = [scores[step] for step in STEPS]
    every = sum(each, Score(0, 0, 0))
    shown = " ".join(f"{one.f1:6.2f}" for one in (*each, every))
    print(f"{name:42} {finds:24} {scores[0.0].wrong:6} {shown}", flush=True)


if __name__ == "__main__":
    main()
