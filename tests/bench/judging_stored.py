"""Runs of years, one after the other, each held against those before it."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median, stdev

from perfgate.application.stored_runs import RunWithResults
from perfgate.compare.comparison import RowVerdict
from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.statistics import student_quantile
from perfgate.compare.stored.baseline import NEWEST_RUNS, compare_stored
from perfgate.compare.stored.changepoint import change_points
from perfgate.compare.stored.points import StoredPoint, points_of
from perfgate.compare.stored.prediction import FEWEST_VALUES, LONGEST_SERIES
from perfgate.history.store import open_history

SLOWER = 1.2
_RUNS_OF_A_START = 6


def recorded_runs(path: Path) -> dict[str, list[list[StoredPoint]]]:
    """The runs of every suite, oldest first: time per operation of each of its benchmarks."""
    runs: dict[str, dict[str, list[StoredPoint]]] = defaultdict(lambda: defaultdict(list))
    for line in csv.DictReader(path.open()):
        value, at = float(line["value"]), int(line["recorded_at_ms"])
        if value <= 0:
            continue
        took = 1e9 / value if "sec" in line["unit"] or "ops" in line["unit"] else value
        row = Row(line["suite"], line["benchmark"], "http_req_duration", "med")
        run = f"{at:015d} {line['commit']}"
        runs[line["suite"]][run].append(StoredPoint(row, took, run, at / 1000, "one", "hash"))
    return {suite: [ours[run] for run in sorted(ours)] for suite, ours in runs.items()}


@dataclass
class Replay:
    """What came of every run after the first few, held against those before it."""

    runs: int = 0
    red_runs: int = 0
    points: int = 0
    red: int = 0
    found: int = 0
    red_in_test: int = 0
    found_in_test: int = 0

    @property
    def judged(self) -> str:
        return f"{self.red / self.points:.2%} / {self.found / self.points:.1%} of {self.points}"

    @property
    def by_run(self) -> str:
        return f"{self.red_runs / self.runs:.2%} of {self.runs}"

    @property
    def whole(self) -> str:
        return f"{self.red_runs / self.runs:.2%} / {self.found / self.points:.1%}"

    @property
    def tested(self) -> str:
        return f"{self.red_in_test / self.points:.2%} / {self.found_in_test / self.points:.1%} of {self.points}"


def replayed(suites: Iterable[list[list[StoredPoint]]], longest: int = LONGEST_SERIES) -> Replay:
    """Every run of the suites, and each of its points once more with a slow-down of 20 %.

    longest: how many runs the baseline has at most. A t-test at 0.99 on all earlier points of the row (as Bencher's
    threshold of that name) stands beside it.
    """
    rules, replay = Rules(latency_floor_ms=0.0), Replay()
    for suite in suites:
        for place in range(FEWEST_VALUES, len(suite)):
            run = suite[place]
            before = [point for earlier in suite[max(0, place - longest) : place] for point in earlier]
            alarms = red_rows(run, before, rules)
            replay.runs += 1
            replay.red_runs += bool(alarms)
            for point in run:
                past = [one.value for earlier in suite[:place] for one in earlier if one.row == point.row]
                if len(past) < FEWEST_VALUES:
                    continue
                slower = replace(point, value=point.value * SLOWER)
                limit = mean(past) + student_quantile(0.01, len(past) - 1) * stdev(past)
                replay.points += 1
                replay.red += point.row in alarms
                replay.found += point.row in red_rows([slower if one is point else one for one in run], before, rules)
                replay.red_in_test += point.value > limit
                replay.found_in_test += slower.value > limit
    return replay


def halves(path: Path) -> tuple[list[list[list[StoredPoint]]], list[list[list[StoredPoint]]]]:
    """Every other suite, and the rest: a figure that was tuned on one half alone would not hold on the other."""
    suites = list(recorded_runs(path).values())
    return suites[::2], suites[1::2]


def red_rows(run: list[StoredPoint], before: list[StoredPoint], rules: Rules) -> set[Row]:
    compared = compare_stored(run, before, rules, NEWEST_RUNS)
    rows = {point.row: row for point, row in zip(run, compared, strict=False)}
    return {row for row, comparison in rows.items() if comparison.verdict is RowVerdict.REGRESSED}


def typical_interval(history: Path) -> str:
    """Half the width of the middle gated ratio where the newest of six runs is compared with the other five."""
    with open_history(history, create=False) as opened:
        runs = [RunWithResults(run, opened.results(run.record.id)) for run in opened.runs(_RUNS_OF_A_START)]
    newest, *baseline = map(points_of, runs)
    rows = compare_stored(newest, [point for run in baseline for point in run], Rules())
    judged = [row for row in rows if row.gated and row.interval and not row.row.in_points]
    low, high = (median(end) for end in zip(*((row.interval.low, row.interval.high) for row in judged), strict=True))
    half = median(row.smallest for row in judged if row.smallest is not None)
    return f"+-{half:.0%} ({low:+.0%} to {high:+.0%}) of {len(judged)}"


def shifts(path: Path) -> str:
    """Which of the shifts that people see are found, and what is found besides."""
    found = [point.index for point in change_points(json.loads(path.read_text())["series"])]
    seen = [shift for shift in (15, 61, 71, 95) if any(abs(one - shift) <= 2 for one in found)]
    wrong = [one for one in found if math.isclose(one, 10, abs_tol=2)]
    return f"{len(seen)} of 4, {len(wrong)} at 10, {len(found)} in all"
