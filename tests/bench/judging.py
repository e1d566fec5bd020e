"""How often the judge is wrong, and how often it is right: the table that docs/explanation/figures.md quotes.

    python -m tests.bench.judging --data DIR [--gates 10000] [--only TEXT]

DIR holds recorded pairs of rounds (pairs_*.json) and recorded runs of years (github_runner_history.csv). Nothing is
measured here: recorded rounds are drawn again in blocks, so that they keep their correlation, and judged as the command
line judges them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from perfgate.compare.stored.prediction import FEWEST_VALUES
from tests.bench.judging_duets import (
    bursts,
    calm_duets,
    found_regressions,
    missed,
    odd_instances,
    quiet_gates,
    random_hog,
    recorded,
    slower_by,
    tails,
)
from tests.bench.judging_stored import halves, recorded_runs, replayed, shifts, typical_interval

# The rows whose truth is varied, and those that both loads always decide. Of the others every duet is judged in full.
ALL = ("med", "service_cpu", "p(95)", "http_reqs")
CALM = ("med", "service_cpu")
ROWS_ALONE = 500


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True, metavar="DIR")
    arguments.add_argument("--gates", type=int, default=10_000, help="A/A gates of four scenarios (default 10000)")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", default="", metavar="TEXT", help="only the cases that have this in their name")
    chosen = arguments.parse_args()
    data = {name: recorded(chosen.data / f"pairs_{name}.json") for name in ("aa_closed", "aa_think")}
    slower = {name: recorded(chosen.data / f"pairs_{name}.json") for name in ("b5_closed", "b10_think")}
    years = chosen.data / "github_runner_history.csv"
    stored = cache(lambda: replayed(recorded_runs(years).values()))
    few = cache(lambda: replayed(recorded_runs(years).values(), FEWEST_VALUES))
    halves_of_few = cache(lambda: [replayed(half, FEWEST_VALUES) for half in halves(years)])
    print(f"{'case':66} {'wanted':>15} {'got':>32}", flush=True)
    closed, think = data["aa_closed"], data["aa_think"]
    gates, seed = chosen.gates, chosen.seed
    cases: tuple[tuple[str, str, Callable[[], str]], ...] = (
        ("A/A, four scenarios of both loads: red", "<= 0.1 %", lambda: quiet_gates([closed, think], gates, seed)),
        ("the same, four in closed loop: red", "<= 0.1 %", lambda: quiet_gates([closed], gates, seed)),
        ("the same, four with think time: red", "<= 0.1 %", lambda: quiet_gates([think], gates, seed)),
        ("both loads with a margin of 0: red", "<= 1 %", lambda: quiet_gates([closed, think], gates, seed, 0.0)),
        ("A/A, closed loop: green / load of those", ">= 95 / <= 40 %", lambda: calm_duets(closed, seed)),
        ("A/A, think time: green / load of those", ">= 90 %", lambda: calm_duets(think, seed)),
        ("truth 1.1 margins in all rows, closed loop: green", "<= 1 %", lambda: missed(closed, seed, gates, sure=ALL)),
        ("truth 1.1 margins in all rows, think time: green", "<= 1 %", lambda: missed(think, seed, gates, sure=CALM)),
        *(
            (f"in {row} alone, {load}: green", "<= 1 %", partial(missed, pairs, seed, count, (row,), sure))
            for load, pairs, sure in (("closed loop", closed, ALL), ("think time", think, CALM))
            for row, count in ((row, gates if row in sure else ROWS_ALONE) for row in ALL)
        ),
        ("3 % of requests thrice as slow, closed loop: red / told / not", ">= 95 %", lambda: tails(closed, seed)),
        ("3 % of requests thrice as slow, think time: red / told / not", ">= 95 %", lambda: tails(think, seed)),
        ("+30 %, closed loop: red", ">= 95 %", lambda: slower_by(closed, 1.3, seed)),
        ("+30 %, think time: red", ">= 90 %", lambda: slower_by(think, 1.3, seed)),
        (
            "+5 % CPU, closed loop, margin 2 %, 30 s: red",
            ">= 99 %",
            lambda: found_regressions(slower["b5_closed"], 0.02, 30, chosen.seed, only="service_cpu"),
        ),
        (
            "+10 %, think time, margin 5 %, 60 s: red",
            ">= 95 %",
            lambda: found_regressions(slower["b10_think"], 0.05, 60, chosen.seed),
        ),
        (
            "A/A, one in 30 instances 10 to 60 % slower, one instance: red",
            "",
            lambda: odd_instances(data["aa_closed"], chosen.seed, 1),
        ),
        (
            "the same, two instances of each side",
            "<= 0.5 %",
            lambda: odd_instances(data["aa_closed"], chosen.seed, 2),
        ),
        ("burst on one side, closed loop: red", "0", lambda: bursts(data["aa_closed"], chosen.seed)),
        ("burst on one side, think time: red", "0", lambda: bursts(data["aa_think"], chosen.seed)),
        (
            "CPU hog in a random half of the rounds, closed loop: red",
            "0",
            lambda: random_hog(data["aa_closed"], chosen.seed),
        ),
        (
            "CPU hog in a random half of the rounds, think time: red",
            "0",
            lambda: random_hog(data["aa_think"], chosen.seed),
        ),
        ("stored runs of years as one machine: red / +20 % found", "<= 0.5 %", lambda: stored().judged),
        ("the same by a t-test at 0.99 on all that went before", "", lambda: stored().tested),
        ("the same, red runs of all their rows together", "<= 0.5 %", lambda: stored().by_run),
        ("a baseline of five runs: red / +20 % found", ">= 35 %", lambda: few().judged),
        ("the same, red runs of all their rows together", "<= 0.5 %", lambda: few().by_run),
        ("the same, every other suite", "", lambda: halves_of_few()[0].whole),
        ("the same, the other suites", "", lambda: halves_of_few()[1].whole),
        (
            "six stored runs here, the newest with the rest: typical interval",
            "+-45 %",
            lambda: typical_interval(Path(__file__).parents[2] / "history" / "perfgate.db"),
        ),
        ("tigerbeetle: 15, 61, 71, 95 (+-2), none at 10", "all", lambda: shifts(chosen.data / "tigerbeetle.json")),
    )
    for name, wanted, case in (one for one in cases if chosen.only in one[0]):
        started = time.monotonic()
        result = case()
        print(f"{name:66} {wanted:>15} {result:>32}   {time.monotonic() - started:5.1f} s", flush=True)


if __name__ == "__main__":
    main()
