"""A series of duets that can be stopped and goes on where it was: what each left, in one file, and a table of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Protocol, TypeVar

from tests.bench.duet_cases import Case
from tests.bench.duet_playing import NoResultError

HEADERS = ("case", "wanted", "as wanted", "at least", "", "verdicts", "change", "pairs", "load", "wall", "sides")

Outcome = dict[str, Any]


class Named(Protocol):
    """A case of any series."""

    @property
    def name(self) -> str: ...


AnyCase = TypeVar("AnyCase", bound=Named)


def play_series(
    cases: Sequence[AnyCase], file: Path, times: int, play: Callable[[AnyCase], Outcome]
) -> tuple[list[Outcome], bool]:
    """Play each case until FILE holds so many duets of it; all outcomes, and whether a case broke on the way.

    play: one duet of a case. In turns, so that a series that is stopped early has some of every case.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # with what it has started
    outcomes = read_outcomes(file)
    broken: set[str] = set()
    for count in range(1, times + 1):
        for case in cases:
            if case.name in broken or sum(outcome["case"] == case.name for outcome in outcomes) >= count:
                continue
            try:
                outcomes.append(play(case))
            except (NoResultError, subprocess.TimeoutExpired) as error:
                print(f"{error}\n{case.name} is left out from here on", file=sys.stderr, flush=True)
                broken.add(case.name)
                continue
            write_outcomes(file, outcomes)
            said = {key: outcomes[-1][key] for key in ("case", "right", "verdict", "reason", "wall_seconds")}
            print(*said.values(), sep=" · ", file=sys.stderr, flush=True)
    return outcomes, bool(broken)


def read_outcomes(file: Path) -> list[Outcome]:
    """What earlier parts of the series have left."""
    if not file.exists():
        return []
    outcomes: list[Outcome] = json.loads(file.read_text())["duets"]
    return outcomes


def write_outcomes(file: Path, outcomes: list[Outcome]) -> None:
    """All outcomes, a line each, or those that were there before: never half a file."""
    half = file.with_name(f"{file.name}.part")
    lines = ",\n".join(map(json.dumps, outcomes))
    half.write_text(f'{{"duets": [\n{lines}\n]}}\n')
    os.replace(half, file)


def table_of(cases: Sequence[Case], outcomes: list[Outcome]) -> list[tuple[str, ...]]:
    """A line a case, in the order of the cases. Changes, pairs and seconds are medians."""
    names = {outcome["case"] for outcome in outcomes}
    return [_line(case, [one for one in outcomes if one["case"] == case.name]) for case in cases if case.name in names]


def _line(case: Case, found: list[Outcome]) -> tuple[str, ...]:
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


def _sides(outcome: Outcome) -> str:
    how = set(outcome["at_once"].values())
    if how == {True}:
        return "at once"
    return "in turns" if how == {False} else "unknown" if how <= {None} else "both ways"
