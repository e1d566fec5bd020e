"""Real searches: how often `perfgate bisect` names the right commit, for how much load, and how long it takes.

    python -m tests.bench.bisecting --json FILE [--times 20] [--budget 60s] [--several]

Each search has a repository of its own: 64 commits of the embedded petstore, of which one makes a request cost 10 %
more CPU, eight 1 % more or less, three do not build, four are merges, and a third changes documents alone. With
--several it is ten commits of 1 % more each. Every fourth search is killed with kill -9 once it has three duets, and
called again. FILE keeps what came out, after each search; a series that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from tabulate import tabulate

from perfgate.units import parse_duration
from tests.support.slowed_history import SlowedHistory

COMMITS, DECOYS, BROKEN, MERGES, STEPS = 64, 8, 3, 4, 10
# What a request costs: the petstore itself takes a third of a millisecond.
WORK, OWN = 2.0, 0.35
KILLED_AT = 3

Outcome = dict[str, Any]


def main() -> None:
    chosen = arguments()
    kept: list[Outcome] = json.loads(chosen.json.read_text()) if chosen.json.exists() else []
    for seed in range(len(kept), chosen.times):
        kept.append(search(seed, chosen.budget, chosen.several))
        chosen.json.write_text(json.dumps(kept, indent=1) + "\n")
        print(tabulate([line_of(kept[-1])], disable_numparse=True, tablefmt="plain"), file=sys.stderr, flush=True)
    print(tabulate(map(line_of, kept), HEADERS, disable_numparse=True))
    print(
        f"right: {sum(one['right'] for one in kept)} of {len(kept)};"
        f" load: median {median(one['duets_worth'] for one in kept):.1f} duets,"
        f" most {max(one['duets_worth'] for one in kept):.1f};"
        f" time: median {median(one['wall_seconds'] for one in kept):.0f} s,"
        f" most {max(one['wall_seconds'] for one in kept):.0f} s"
    )


def search(seed: int, budget: str, several: bool) -> Outcome:
    """One search, from its repository to its answer."""
    with tempfile.TemporaryDirectory(prefix="perfgate-bench-") as folder:
        lots = random.Random(seed)
        history = SlowedHistory(Path(folder) / "shop", f"{WORK}ms", Path(folder) / "builds", measure="")
        changed = make_line(history, lots, several)
        words = ["bisect", history.good, "main", "--metric", "service_cpu", "--seed", str(seed), "--budget", budget]
        began = time.monotonic()
        killed = seed % 4 == 3 and kill(history, words)
        done = history.perfgate(*words, "--json", "-")
        wall = time.monotonic() - began
    if not done.stdout:
        sys.exit(f"search {seed}: exit code {done.returncode}\n{done.stderr}")
    result = json.loads(done.stdout)
    named = [commit["sha"] for commit in result["commits"]]
    return {
        "seed": seed,
        "right": result["outcome"] == "several" if several else is_right(result["outcome"], named, changed),
        "killed": killed,
        "outcome": result["outcome"],
        "named": len(named),
        "change": [result[key] for key in ("change", "low", "high")],
        "probability": result["probability"],
        "duets": len(result["duets"]),
        "left_out": len(result["left_out"]),
        "duets_worth": result["load_seconds"] / parse_duration(budget),
        "wall_seconds": wall,
    }


def is_right(outcome: str, named: list[str], changed: str) -> bool:
    """Whether the commit is named, alone or with those that do not build before it."""
    return outcome in ("commit", "one_of") and changed in named and len(named) <= 1 + BROKEN


def make_line(history: SlowedHistory, lots: random.Random, several: bool) -> str:
    """All commits; the hash of the one that made it slower, "" where several did."""
    places = lots.sample(range(COMMITS - 1), STEPS if several else 1 + DECOYS)
    steps = dict.fromkeys(places, 0.01) if several else {place: lots.choice((-0.01, 0.01)) for place in places}
    slow = -1
    if not several:
        slow = places[0]
        steps[slow] = 0.1
    quiet = [place for place in range(COMMITS - 1) if place not in steps]
    lots.shuffle(quiet)
    broken, merges = set(quiet[:BROKEN]), set(quiet[BROKEN : BROKEN + MERGES])
    documents = set(quiet[BROKEN + MERGES : BROKEN + MERGES + COMMITS // 3])
    if not several and lots.random() < MERGES / COMMITS:
        merges.add(slow)  # it may be a merge that did it
    cost, found = WORK + OWN, ""
    for place in range(COMMITS):
        cost *= 1 + steps.get(place, 0.0)
        work = f"{cost - OWN:.4f}ms" if place in steps else None
        if place in merges:
            sha = history.merge(work)
        elif work is not None:
            sha = history.change_work(work)
        elif place in broken:
            sha = history.break_build()
        elif place in documents:
            sha = history.change_document()
        else:
            sha = history.change_code()
        if place in broken:
            history.mend_build()
        if place == slow:
            found = sha
    return found


def kill(history: SlowedHistory, words: list[str]) -> bool:
    """Call it, and kill it as soon as some duets are kept; whether that came in time."""
    file = history.folder / ".perfgate" / "bisect.json"
    with subprocess.Popen(
        [sys.executable, "-m", "perfgate", *words],
        cwd=history.folder,
        env=history.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            if file.exists() and len(json.loads(file.read_text())["duets"]) >= KILLED_AT:
                process.kill()
                return True
            time.sleep(0.05)
    return False


HEADERS = ("search", "right", "found", "change", "probability", "duets", "load", "time")


def line_of(outcome: Outcome) -> tuple[str, ...]:
    change, low, high = (f"{value * 100:+.1f} %" for value in outcome["change"])
    chance = outcome["probability"]
    return (
        f"{outcome['seed']}{' (killed)' if outcome['killed'] else ''}",
        "yes" if outcome["right"] else "NO",
        outcome["outcome"] + (f" of {outcome['named']}" if outcome["named"] > 1 else ""),
        f"{change} ({low} to {high})",
        "-" if chance is None else f"{chance:.3f}",
        f"{outcome['duets']}, {outcome['left_out']} left out",
        f"{outcome['duets_worth']:.1f}",
        f"{outcome['wall_seconds']:.0f} s",
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="results are added to it")
    parser.add_argument("--times", type=int, default=20, help="searches in all")
    parser.add_argument("--budget", default="60s", help="of one duet")
    parser.add_argument("--several", action="store_true", help="ten steps of 1 %% in place of one of 10 %%")
    return parser.parse_args()


if __name__ == "__main__":
    main()
