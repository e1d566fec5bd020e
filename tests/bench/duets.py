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
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from tabulate import tabulate

from tests.bench.duet_cases import CASES, Case, url_case
from tests.bench.duet_playing import NoResultError, outcome_of, play

HEADERS = ("case", "wanted", "as wanted", "at least", "", "verdicts", "change", "pairs", "load", "wall", "sides")


def main() -> None:
    chosen = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # with what it has started
    cases = [case for case in CASES if not chosen.case or case.name in chosen.case]
    if chosen.url:
        cases.append(url_case(chosen.url))
    outcomes = read_outcomes(chosen.json)
    # In turns, so that a series that is stopped early has some of every case.
    broken: set[str] = set()
    for times in range(1, chosen.times + 1):
        for case in cases:
            if case.name in broken or sum(outcome["case"] == case.name for outcome in outcomes) >= times:
                continue
            try:
                outcomes.append(outcome_of(case, play(case, chosen.budget)))
            except (NoResultError, subprocess.TimeoutExpired) as error:
                print(f"{error}\n{case.name} is left out from here on", file=sys.stderr, flush=True)
                broken.add(case.name)
                continue
            write_outcomes(chosen.json, outcomes)
            said = {key: outcomes[-1][key] for key in ("case", "right", "verdict", "reason", "wall_seconds")}
            print(*said.values(), sep=" · ", file=sys.stderr, flush=True)
    print(tabulate(table_of(outcomes), HEADERS, disable_numparse=True))
    sys.exit(1 if broken else 0)


def read_outcomes(file: Path) -> list[dict[str, Any]]:
    """What earlier parts of the series have left."""
    if not file.exists():
        return []
    outcomes: list[dict[str, Any]] = json.loads(file.read_text())["duets"]
    return outcomes


def write_outcomes(file: Path, outcomes: list[dict[str, Any]]) -> None:
    """All outcomes, or those that were there before: never half a file."""
    half = file.with_name(f"{file.name}.part")
    half.write_text(json.dumps({"duets": outcomes}, indent=1))
    os.replace(half, file)


def table_of(outcomes: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """A line a case, in the order of the cases. Changes, pairs and seconds are medians."""
    known = {case.name: case for case in (*CASES, url_case(""))}
    names = {outcome["case"] for outcome in outcomes}
    return [
        _line(case, [one for one in outcomes if one["case"] == case.name])
        for case in known.values()
        if case.name in names
    ]


def _line(case: Case, found: list[dict[str, Any]]) -> tuple[str, ...]:
    counts = Counter(outcome["verdict"] for outcome in found)
    right = sum(outcome["right"] for outcome in found)
    sides = Counter(_sides(outcome) for outcome in found)
    pairs = [sum(outcome["pairs"].values()) for outcome in found]
    return (
        case.name,
        case.wanted,
        f"{right} of {len(found)}",
        f"{100 * case.least:.0f} %",
        "ok" if right >= case.least * len(found) else "SHORT",
        ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())),
        _change(case, [outcome["change"] for outcome in found]),
        f"{median(pairs):.0f}",
        f"{median(outcome['load_seconds'] for outcome in found):.0f} s",
        f"{median(outcome['wall_seconds'] for outcome in found):.0f} s",
        ", ".join(sides) if len(sides) == 1 else ", ".join(f"{count} {how}" for how, count in sides.items()),
    )


def _change(case: Case, changes: list[list[float] | None]) -> str:
    """The change of the row of the case, with its interval; each the median of all duets that could say."""
    known = [change for change in changes if change and None not in change]
    if not known:
        return ""
    middle, low, high = (100 * median(values) for values in zip(*known, strict=True))
    row = case.row[0] if case.row[1] == "value" else case.row[1]
    return f"{row} {middle:+.1f} % [{low:+.1f}, {high:+.1f}]"


def _sides(outcome: dict[str, Any]) -> str:
    how = set(outcome["at_once"].values())
    if how == {True}:
        return "at once"
    return "in turns" if how == {False} else "unknown" if how <= {None} else "both ways"


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
