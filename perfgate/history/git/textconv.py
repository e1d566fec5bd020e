"""A history as text, one line for each result, so that git can show what a commit added."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from perfgate.errors import HistoryError
from perfgate.history.opening import BUSY_SECONDS, open_for_reading
from perfgate.history.sqlite_errors import refusing

_RUNS = """
SELECT run_id, started_at, branch, commit_sha, note, scenario, request, requests, failed_percent,
  avg_ms, med_ms, p95_ms, requests_per_s
FROM trend
"""


def lines_of(path: Path) -> Iterator[str]:
    """The lines, oldest run first. A file that cannot be read is one line that says why: git would stop at an error."""
    try:
        with refusing(path), closing(open_for_reading(path, BUSY_SECONDS)) as connection:
            for row in connection.execute(_RUNS):
                yield _line(row)
    except HistoryError as error:
        yield f"{error.message.removeprefix(f'{path}: ')}"


def _line(row: tuple[object, ...]) -> str:
    run_id, started_at, branch, commit, note, scenario, request, requests, failed, avg, med, p95, rate = row
    what = " ".join(str(text) for text in (run_id, started_at, branch or "-", commit or "-", scenario, request) if text)
    numbers = f"{_or_dash(requests)} requests, {_or_dash(failed)} % failed, avg {_or_dash(avg)} med {_or_dash(med)}"
    tail = f" p(95) {_or_dash(p95)} ms, {_or_dash(rate)}/s"
    return f"{what}: {numbers}{tail}" + (f" ({note})" if note else "")


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)
