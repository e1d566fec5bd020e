"""Real duets of a service with real databases: how often the gate says what it should, by which row, and how fast.

    python -m tests.bench.databases --json FILE [--case NAME]... [--times 10] [--budget 60s]

FILE keeps what came out, after each duet; a series that was stopped goes on where it was (see tests.bench.duets). Takes
PostgreSQL, Redis and psycopg (`make databases`); `snapshot_100mb` and `kill9` are no duets: how long it takes to
restore a snapshot of 100 MB, and what of two containers a side is left after a kill -9, which takes a Docker Engine.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tabulate import tabulate

from tests.bench.database_cases import CASES
from tests.bench.database_trials import TRIALS
from tests.bench.duet_cases import Case
from tests.bench.duet_playing import outcome_of, play
from tests.bench.series import HEADERS, Outcome, play_series, table_of

RED_ROWS = "rows that were red"
ALL = (*CASES, *(case for case, _ in TRIALS.values()))


def main() -> None:
    chosen = arguments()
    cases = [case for case in ALL if not chosen.case or case.name in chosen.case]

    def one(case: Case) -> Outcome:
        return TRIALS[case.name][1]() if case.name in TRIALS else outcome_of(case, play(case, chosen.budget))

    outcomes, broken = play_series(cases, chosen.json, chosen.times, one)
    lines = [(*line, red_rows(outcomes, line[0])) for line in table_of(ALL, outcomes)]
    print(tabulate(lines, (*HEADERS, RED_ROWS), disable_numparse=True))
    sys.exit(1 if broken else 0)


def red_rows(outcomes: list[Outcome], name: str) -> str:
    """How often which gated rows of a case were red."""
    counts = Counter(
        _without_scenario(row)
        for outcome in outcomes
        if outcome["case"] == name
        for row, (*_, gated, verdict) in outcome["rows"].items()
        if gated and verdict == "regressed"
    )
    return ", ".join(f"{count} {row}" for row, count in counts.most_common())


def _without_scenario(row: str) -> str:
    return row.split(" ", 1)[1].removesuffix(" value")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="results are added to it")
    names = [case.name for case in ALL]
    parser.add_argument(
        "--case", action="append", choices=names, metavar="NAME", help=f"may be repeated; of {', '.join(names)}"
    )
    parser.add_argument("--times", type=int, default=1, metavar="N", help="duets of each case, with those in FILE")
    parser.add_argument("--budget", default="", help="load of one duet; default: of the case, else of perfgate (60s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
