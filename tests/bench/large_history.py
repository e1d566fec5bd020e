"""How long the commands that read a history take, where it holds 10,000 runs of four scenarios; start-up included.

    python -m tests.bench.large_history [--runs 10000] [--times 5] [--keep FILE]

Each command is a process of its own, in a folder without a repository: the least and the median of its times, and the
least CPU time, which a busy neighbour does not change.
"""

from __future__ import annotations

import argparse
import math
import random
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from perfgate.history.store import open_history
from perfgate.testing import seeded_record, seeded_run
from perfgate.units import format_timestamp
from tests.bench.duet_playing import environment

_TEMPLATES = 20
_LATENCIES = ("avg_ms", "min_ms", "med_ms", "max_ms", "p90_ms", "p95_ms", "p99_ms")
_COMMAND = [sys.executable, "-m", "perfgate"]
COMMANDS = (
    ("--help",),
    ("history", "list"),
    ("history", "show"),
    ("compare", "--quiet"),
    ("trend",),
    ("trend", "--metric", "http_req_failed"),
    ("trend", "--limit", "1000"),
    ("trend", "--since", "2020-01-01"),
)


def main() -> None:
    """Make the history and print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=10_000)
    options.add_argument("--times", type=int, default=5)
    options.add_argument("--keep", type=Path, help="leave the history there")
    wanted = options.parse_args()
    with TemporaryDirectory(prefix="perfgate-bench-") as name:
        path = wanted.keep.absolute() if wanted.keep else Path(name, "perfgate.db")
        make_history(path, wanted.runs)
        print(f"{wanted.runs:,} runs, {path.stat().st_size / 2**20:.0f} MiB\n")
        print(f"{'seconds':<40} {'least':>6} {'median':>7} {'CPU':>6}")
        for command in COMMANDS:
            history = [] if command == ("--help",) else ["--history", str(path)]
            times = [seconds_of([*command, *history], Path(name)) for _ in range(wanted.times)]
            walls, cpus = zip(*times, strict=True)
            line = f"perfgate {' '.join(command):<31} {min(walls):>6.2f} {median(walls):>7.2f} {min(cpus):>6.2f}"
            print(line, flush=True)
        print("\nwanted: compare and trend each under a second, history list at once")


def make_history(path: Path, runs: int) -> None:
    """Put `runs` runs into a new history: a few seeded ones again and again, at levels that wander and shift."""
    with open_history(path, create=True) as history:
        for number in range(min(_TEMPLATES, runs)):
            history.save_run(seeded_run(number))
    pick = random.Random(1)
    level = 0.0
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.row_factory = sqlite3.Row
        templates = [dict(row) for row in connection.execute("SELECT * FROM runs ORDER BY id")]
        results = [rows_of(connection, run["id"]) for run in templates]
        for number in range(_TEMPLATES, runs):
            level += pick.choice((-0.1, 0.1)) if pick.random() < 0.002 else 0.0
            place = number % _TEMPLATES
            record = seeded_record(number)
            began = format_timestamp(record.started_at)
            insert(
                connection,
                "runs",
                [templates[place] | {"id": record.id, "started_at": began, "commit_sha": record.commit}],
            )
            factor = math.exp(level + pick.gauss(0, 0.02))
            insert(connection, "results", [scaled(row, record.id, factor) for row in results[place]])


def rows_of(connection: sqlite3.Connection, run: str) -> list[dict[str, Any]]:
    """The results of a run."""
    return [dict(row) for row in connection.execute("SELECT * FROM results WHERE run_id = ?", [run])]


def scaled(row: dict[str, Any], run: str, factor: float) -> dict[str, Any]:
    """The row as one of another run, its latencies so many times as long."""
    latencies = {name: round(row[name] * factor, 4) for name in _LATENCIES if isinstance(row[name], float)}
    return row | latencies | {"run_id": run}


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[dict[str, object]]) -> None:
    """Put rows of the same columns into a table."""
    columns = list(rows[0])
    marks = ", ".join("?" * len(columns))
    connection.executemany(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
        [[row[name] for name in columns] for row in rows],
    )


def seconds_of(arguments: Sequence[str], folder: Path) -> tuple[float, float]:
    """The wall time and the CPU time of one call of perfgate; its verdict does not matter."""
    began, spent = time.perf_counter(), _cpu_of_children()
    command = [*_COMMAND, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode > 1:
        raise SystemExit(f"perfgate {' '.join(arguments)}: {done.stderr}")
    return took, _cpu_of_children() - spent


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
