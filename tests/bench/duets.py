"""Real duets with a known truth: how often the gate says what it should, and what that costs.

    python -m tests.bench.duets --json FILE [--case NAME]... [--times 10] [--budget 60s] [--url URL]

Runs `perfgate duet` as CI does, with default settings where a case has none of its own. FILE keeps what came out, after
each duet: a series that was stopped goes on where it was when it is called again, until each case has been played so
many times, and `--times 0` only prints the table of what there is. On a machine that does other things too, expect
`invalid` and `inconclusive`; `red` must not happen where it is not wanted.

The k6 case needs k6 on PATH, the Locust case `pip install -e '.[locust]'`, the JVM cases a JDK. --url: a service that
is not ours, for one more A/A case.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tabulate import tabulate

from tests.bench.duet_cases import CASES, url_case
from tests.bench.duet_playing import outcome_of, play
from tests.bench.series import HEADERS, play_series, table_of


def main() -> None:
    chosen = arguments()
    cases = [case for case in CASES if not chosen.case or case.name in chosen.case]
    if chosen.url:
        cases.append(url_case(chosen.url))
    outcomes, broken = play_series(
        cases, chosen.json, chosen.times, lambda case: outcome_of(case, play(case, chosen.budget))
    )
    print(tabulate(table_of((*CASES, url_case("")), outcomes), HEADERS, disable_numparse=True))
    sys.exit(1 if broken else 0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="results are added to it")
    parser.add_argument(
        "--case",
        action="append",
        choices=[case.name for case in CASES],
        metavar="NAME",
        help=f"may be repeated; of {', '.join(case.name for case in CASES)}; default all",
    )
    parser.add_argument("--times", type=int, default=1, metavar="N", help="duets of each case, with those in FILE")
    parser.add_argument("--budget", default="", help="load of one duet; default: of the case, else of perfgate (60s)")
    parser.add_argument("--url", help="an A/A case on this service, GET / of it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
