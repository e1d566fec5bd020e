"""How often the judge is wrong, and how often it is right: the table that the README quotes.

    python -m tests.bench.judging --data DIR [--gates 10000]

DIR holds recorded pairs of rounds (pairs_*.json) and recorded runs of years (github_runner_history.csv). Nothing is
measured here: recorded rounds are drawn again in blocks, so that they keep their correlation, and judged as the command
line judges them.
"""

from __future__ import annotations

import argparse
import time
from functools import cache
from pathlib import Path

from tests.bench.judging_duets import (
    bursts,
    calm_duets,
    found_regressions,
    odd_instances,
    quiet_gates,
    random_hog,
    recorded,
)
from tests.bench.judging_stored import replayed, shifts


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True, metavar="DIR")
    arguments.add_argument("--gates", type=int, default=10_000, help="A/A gates of four scenarios (default 10000)")
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    data = {name: recorded(chosen.data / f"pairs_{name}.json") for name in ("aa_closed", "aa_think")}
    slower = {name: recorded(chosen.data / f"pairs_{name}.json") for name in ("b5_closed", "b10_think")}
    stored = cache(lambda: replayed(chosen.data / "github_runner_history.csv"))
    print(f"{'case':66} {'wanted':>10} {'got':>30}", flush=True)
    for name, wanted, case in (
        ("A/A, four scenarios, 60 s each: red", "<= 0.5 %", lambda: quiet_gates(data, chosen.gates, chosen.seed)),
        ("the same with a margin of 0: red", "<= 1 %", lambda: quiet_gates(data, chosen.gates, chosen.seed, 0.0)),
        ("A/A, 60 s: decided green / load used, closed loop", "", lambda: calm_duets(data["aa_closed"], chosen.seed)),
        ("A/A, 60 s: decided green / load used, think time", "", lambda: calm_duets(data["aa_think"], chosen.seed)),
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
        ("tigerbeetle: 15, 61, 71, 95 (+-2), none at 10", "all", lambda: shifts(chosen.data / "tigerbeetle.json")),
    ):
        started = time.monotonic()
        result = case()
        print(f"{name:66} {wanted:>10} {result:>30}   {time.monotonic() - started:5.1f} s", flush=True)


if __name__ == "__main__":
    main()
