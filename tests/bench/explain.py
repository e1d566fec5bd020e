"""Does `--explain` name the function that got slower, and none where nothing changed?

    python -m tests.bench.explain --json FILE [--case NAME]... [--times 20]

Each trial is a service in a repository of its own, a short duet of two of its commits, and what `causes` of the result
file holds. On head a function, or a query to the database, takes 2 to 20 % of the CPU of a request more, a different
one and another share in each trial, and remarks are written anew in others. FILE keeps what came out: a series that was
stopped goes on where it was, and `--times 0` only prints the table.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import ModuleType

from tabulate import tabulate

from tests.bench.duet_playing import NoResultError, environment
from tests.bench.series import Outcome, play_series, read_outcomes
from tests.support import planted, planted_database, planted_go, planted_node
from tests.support.planted import Planted, candidates

HEADERS = ("case", "wanted", "as wanted", "at least", "", "among three", "CPU", "explained in")
_LEAST, _MOST = 0.02, 0.20
# Steps of so much, modulo 1, spread any number of trials evenly, over all cases.
_GOLDEN = 0.618
_LONGEST = 300
_LANGUAGES = {"python": planted, "go": planted_go, "node": planted_node, "database": planted_database}


@dataclass(frozen=True)
class Case:
    """One kind of trials.

    name: begins with the language of the service.
    kind: of what is planted; "" for nothing.
    wanted: what must come out, in words.
    least: the share of trials of which it must be true.
    """

    name: str
    kind: str
    wanted: str
    least: float

    @property
    def language(self) -> ModuleType:
        """What makes the services."""
        return _LANGUAGES[self.name.partition("_")[0]]


CASES = (
    Case("python_code", "code", "named first", 0.9),
    Case("python_call", "call", "named first", 0.9),
    Case("python_library", "library", "named first", 0.9),
    Case("python_sleep", "sleep", "named first", 0.9),
    Case("python_same", "", "no cause", 0.95),
    Case("go_code", "code", "named first", 0.9),
    Case("go_call", "call", "named first", 0.9),
    Case("go_library", "library", "named first", 0.9),
    Case("go_same", "", "no cause", 0.95),
    Case("node_code", "code", "named first", 0.9),
    Case("node_call", "call", "named first", 0.9),
    Case("node_library", "library", "named first", 0.9),
    Case("node_same", "", "no cause", 0.95),
    Case("database_query", "query", "named first", 0.9),
    Case("database_same", "", "no cause", 0.95),
)


def main() -> None:
    chosen = arguments()
    cases = [case for case in CASES if not chosen.case or case.name in chosen.case]

    def play(case: Case) -> Outcome:
        return _trial(case, sum(one["case"] == case.name for one in read_outcomes(chosen.json)))

    outcomes, broken = play_series(cases, chosen.json, chosen.times, play)
    print(tabulate(table_of(outcomes), HEADERS, disable_numparse=True))
    sys.exit(1 if broken else 0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="results are added to it")
    names = [case.name for case in CASES]
    parser.add_argument("--case", action="append", choices=names, metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="trials of each case, with those in FILE")
    return parser.parse_args()


def table_of(outcomes: list[Outcome]) -> list[tuple[str, ...]]:
    """A line a case. Changes of CPU and seconds are medians."""
    found = {case: [one for one in outcomes if one["case"] == case.name] for case in CASES}
    return [_line(case, trials) for case, trials in found.items() if trials]


def _line(case: Case, trials: list[Outcome]) -> tuple[str, ...]:
    right = sum(one["right"] for one in trials)
    third = sum(0 < one["place"] <= 3 for one in trials)
    changes = [one["cpu"] for one in trials if one["cpu"] is not None]
    return (
        case.name,
        case.wanted,
        f"{right} of {len(trials)}",
        f"{100 * case.least:.0f} %",
        "ok" if right >= case.least * len(trials) else "SHORT",
        f"{third} of {len(trials)}" if case.kind else "",
        f"{100 * median(changes):+.1f} %" if changes else "",
        f"{median(one['explained_seconds'] for one in trials):.0f} s",
    )


def _trial(case: Case, number: int) -> Outcome:
    """The outcome of trial `number` of a case."""
    chance = random.Random(f"{case.name}/{number}")
    step = CASES.index(case) + number * len(CASES)
    share = _LEAST + (_MOST - _LEAST) * (step * _GOLDEN % 1)
    plant = Planted(case.kind, chance.choice(candidates(case.kind)), share) if case.kind else None
    started = time.monotonic()
    result, explained = _play(case.language, plant, chance)
    names = [(cause["function"], cause["within"]) for cause in result["causes"]]
    name = case.language.name_of(plant) if plant else ""
    place = next((place for place, both in enumerate(names, 1) if name and name in both), 0)
    change = next((row["change"] for row in result["rows"] if row["metric"] == "service_cpu"), None)
    told = "; ".join(f"{one['function']} {one['change_ms']:+.3f} ms" for one in result["causes"])
    return {
        "case": case.name,
        "planted": name,
        "share": share,
        "right": place == 1 if plant else not names,
        "place": place,
        "verdict": f"{name} {share:.1%}" if plant else "nothing",
        "reason": told or "no cause",
        "causes": result["causes"],
        "notes": [note["message"] for note in result["validity"]],
        "cpu": change,
        "explained_seconds": round(explained, 1),
        "wall_seconds": round(time.monotonic() - started, 1),
    }


def _play(language: ModuleType, plant: Planted | None, chance: random.Random) -> tuple[Outcome, float]:
    """A result file, and how long its duet was explained (s)."""
    command = [sys.executable, "-m", "perfgate", "duet", "ref:HEAD~1", "ref:HEAD", "--budget", "10s", "--round", "0.5s"]
    command += ["--explain", "--seed", str(chance.randrange(10**6)), "--json", "result.json"]
    with tempfile.TemporaryDirectory(prefix="perfgate-bench-") as name:
        folder = Path(name) / "repository"
        language.new_repository(folder).commit(**language.sources(plant, chance))
        began, said = 0.0, []
        with subprocess.Popen(command, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True) as perfgate:
            for line in perfgate.stderr or ():
                said.append(line)
                if "explaining" in line and not began:
                    began = time.monotonic()
            perfgate.wait(_LONGEST)
        explained = time.monotonic() - began if began else 0.0
        if not (folder / "result.json").exists():
            raise NoResultError(f"exit code {perfgate.returncode}\n{''.join(said)}")
        result: Outcome = json.loads((folder / "result.json").read_text())
        return result, explained


if __name__ == "__main__":
    main()
