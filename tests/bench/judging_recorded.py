"""How often duets on each recorded load are green, red and open: the rates of newly recorded pairs.

    python -m tests.bench.judging_recorded FILE [--gates 10000] [--duets 500] [--seed 1]

FILE is what `tests.bench.record_pairs` has written. Pairs are drawn again in blocks, so that they keep their
correlation, and judged as the command line judges a duet of 60 s. In A/A base and head of each pair are drawn by lot
again, since recorded pairs have a mean of their own.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tabulate import tabulate

from perfgate.compare.comparison import Comparison, RowVerdict, rules_out_regression
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.rows import Row, rows_of
from perfgate.compare.rules import Rules
from perfgate.compare.statistics import lies_above
from perfgate.metrics.catalogue import metric_of
from perfgate.metrics.run import ScenarioRun
from perfgate.metrics.tally import merged
from perfgate.metrics.tally_statistics import read
from tests.bench.recorded_pairs import RecordedDuet, places_drawn, read_recorded, sides_of

BUDGET = 60.0
SCENARIOS = 4

Draw = tuple[list[int], list[bool]]
"""The places of the drawn pairs, and which of them have their sides swapped."""


@dataclass(frozen=True)
class Judged:
    """A drawn duet, judged.

    rows: as of the last look.
    used: the share of the budget that it took.
    """

    rows: tuple[Comparison, ...]
    used: float

    @property
    def red(self) -> bool:
        return any(row.gated and row.verdict is RowVerdict.REGRESSED for row in self.rows)

    @property
    def green(self) -> bool:
        return all(rules_out_regression(row) for row in self.rows if row.gated)


class Resampled:
    """One recorded duet, of which others are drawn."""

    def __init__(self, duet: RecordedDuet, seed: int) -> None:
        self.duet = duet
        self.count = duet.pairs_of(BUDGET)
        self._lots = random.Random(f"{seed}/{duet.name}")
        self._rules = Rules()

    def draw(self, swap: bool) -> Draw:
        places = places_drawn(len(self.duet.pairs), self.count, self._lots)
        return places, [swap and self._lots.random() < 0.5 for _ in places]

    def judged(self, draw: Draw, scenarios: int = 1) -> Judged:
        """What the judge says, look after look, of a duet that may last for all drawn pairs."""
        pairs = [self.duet.pairs[place][:: -1 if swapped else 1] for place, swapped in zip(*draw, strict=True)]
        base, head = sides_of(self.duet, [(first, second) for first, second in pairs])
        plan = DuetPlan(scenarios, BUDGET, BUDGET / self.count)
        for look in plan.looks:
            sides = _first(base, look), _first(head, look)
            judgement = judge(plan, self._rules, *sides, last=look >= self.count, instances=sides[1].instances)
            if judgement.decided:
                return Judged(judgement.rows, look / self.count)
        raise AssertionError("the last look decides")

    def may_be_red(self, draw: Draw, scenarios: int) -> bool:
        """Whether any row lies above its margin at the level of the whole scenario, which no row alone is ever given.

        Loses nothing, and spares nearly all duets.
        """
        for logs, bound in self._worse_logs.values():
            drawn = [-logs[place] if swapped else logs[place] for place, swapped in zip(*draw, strict=True)]
            if lies_above([log for log in drawn if log is not None], bound, self._rules.error_rate / scenarios):
                return True
        return False

    @cached_property
    def _worse_logs(self) -> dict[Row, tuple[list[float], float]]:
        """Of each row that may gate: the log ratio of every pair, worse ones positive, and the bound for it."""
        base, head = (merged([pair[place] for pair in self.duet.pairs]) for place in (0, 1))
        found = {}
        for row in rows_of(self.duet.load, self.duet.executor, base, head):
            if row.in_points or not self._rules.gates(row):
                continue
            margin = self._rules.margin_of(row, read(base, row.metric, row.stat, row.request))
            lower_is_better = metric_of(row.metric).lower_is_better
            logs = [self._log_ratio(row, place) for place in range(len(self.duet.pairs))]
            bound = math.log1p(margin) if lower_is_better else -math.log1p(-margin)
            found[row] = ([log if lower_is_better else -log for log in logs], bound)
        return found

    def _log_ratio(self, row: Row, place: int) -> float:
        base, head = (read(side, row.metric, row.stat, row.request) for side in self.duet.pairs[place])
        return math.log(head / base) if base and head else 0.0


def _first(run: ScenarioRun, rounds: int) -> ScenarioRun:
    return ScenarioRun(run.scenario, run.scenario_hash, run.executor, run.rounds[:rounds])


def rates(duet: RecordedDuet, duets: int, seed: int, swap: bool) -> tuple[str, str, str, str]:
    """Single duets: green, red, open, and how much of their budget the green ones took."""
    resampled = Resampled(duet, seed)
    judged = [resampled.judged(resampled.draw(swap)) for _ in range(duets)]
    green, red = [one for one in judged if one.green], sum(one.red for one in judged)
    used = f"{sum(one.used for one in green) / len(green):.0%}" if green else ""
    neither = duets - len(green) - red
    return f"{len(green) / duets:.1%}", f"{red / duets:.1%}", f"{neither / duets:.1%}", used


def red_gates(duet: RecordedDuet, gates: int, seed: int) -> str:
    """Gates of four A/A scenarios of this load: the share that is red."""
    resampled, red = Resampled(duet, seed), 0
    for _ in range(gates):
        draws = [resampled.draw(swap=True) for _ in range(SCENARIOS)]
        red += any(resampled.may_be_red(one, SCENARIOS) and resampled.judged(one, SCENARIOS).red for one in draws)
    return f"{red / gates:.2%} of {gates}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--gates", type=int, default=10_000, help="A/A gates of four scenarios (default 10000)")
    parser.add_argument("--duets", type=int, default=500, help="duets of each recorded one (default 500)")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    lines = []
    for name, duet in read_recorded(chosen.file).items():
        started, calm = time.monotonic(), name.startswith("aa_")
        cells = rates(duet, chosen.duets, chosen.seed, swap=calm)
        gates = red_gates(duet, chosen.gates, chosen.seed) if calm else ""
        pairs = f"{duet.pairs_of(BUDGET)} of {len(duet.pairs)}"
        how = "at once" if duet.at_once else "in turns"
        lines.append((name, pairs, how, *cells, gates, f"{time.monotonic() - started:.0f} s"))
        print(*lines[-1], sep=" · ", flush=True)
    headers = ("recorded duet", "pairs", "sides", "green", "red", "open", "budget of green", "red gates", "took")
    print(tabulate(lines, headers, disable_numparse=True))


if __name__ == "__main__":
    main()
