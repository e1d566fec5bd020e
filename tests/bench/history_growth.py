"""What a run adds to a git repository, packed: a commit for each run of four scenarios, then `git gc`.

    python -m tests.bench.history_growth [--commits 1000] [--rounds 5] [--requests 400] [--dependencies 0]

The table has what the pack holds after every fifth of the commits, and what `perfgate history prune` makes of the file.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from perfgate.history.pruning import Plan, rehearse
from perfgate.history.store import open_history
from perfgate.metrics.dependency_use import DependencyUse
from perfgate.testing import seeded_run

TARGET_BYTES = 4096


def main() -> None:
    """Make the commits and print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--commits", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--requests", type=int, default=400, help="of each request name in a round")
    options.add_argument("--dependencies", type=int, default=0, help="of each scenario")
    wanted = options.parse_args()
    with TemporaryDirectory(prefix="perfgate-bench-") as name:
        folder = Path(name)
        began = time.monotonic()
        git(folder, "init", "--quiet")
        print(f"{'commits':>8} {'file':>12} {'packed':>12} {'a run':>8}")
        for number in range(wanted.commits):
            commit_run(folder, number, wanted)
            if (number + 1) % max(1, wanted.commits // 5) == 0:
                print_size(folder, number + 1)
        kept = max(1, wanted.commits // 10)
        pruned = rehearse(folder / "perfgate.db", Plan(kept, None, None, None, None))
        print(f"prune --keep {kept}: file {pruned.bytes_before:,} -> {pruned.bytes_after:,} bytes")
        print(f"wanted: at most {TARGET_BYTES:,} packed bytes a run ({time.monotonic() - began:.0f} s)")


def commit_run(folder: Path, number: int, wanted: argparse.Namespace) -> None:
    """Save a run as `perfgate run` does, and commit the file."""
    run = seeded_run(number, rounds=wanted.rounds, requests_per_round=wanted.requests)
    chance = random.Random(number)
    for scenario_run in run.scenarios:
        for round_ in scenario_run.rounds:
            count = round_.tally.request_count
            round_.tally.dependencies = {
                name: DependencyUse(count, count * chance.uniform(0.0009, 0.0011), chance.randint(40, 50) * 2**20)
                for name in ("postgres", "redis", "kafka", "minio")[: wanted.dependencies]
            }
    with open_history(folder / "perfgate.db", create=True) as history:
        history.save_run(run)
    git(folder, "add", "perfgate.db")
    git(folder, "commit", "--quiet", "--message", f"history: Add run {number}")


def print_size(folder: Path, commits: int) -> None:
    """Pack a clone afresh, and say what that takes."""
    with TemporaryDirectory(prefix="perfgate-bench-") as name:
        git(folder, "clone", "--quiet", "--bare", str(folder), name)
        git(Path(name), "gc", "--quiet", "--prune=now")
        packed = sum(pack.stat().st_size for pack in Path(name, "objects/pack").glob("*.pack"))
    size = (folder / "perfgate.db").stat().st_size
    print(f"{commits:>8,} {size:>12,} {packed:>12,} {packed / commits:>8,.0f}", flush=True)


def git(folder: Path, *arguments: str) -> None:
    """git with a name to commit by, and without packing of its own accord."""
    settings = ("user.name=perfgate", "user.email=perfgate@users.noreply.github.com", "gc.auto=0")
    configured = [part for setting in settings for part in ("-c", setting)]
    subprocess.run(["git", "-C", str(folder), *configured, *arguments], check=True)


if __name__ == "__main__":
    main()
