"""From what a person writes (a run id, a commit, a branch, `latest`, or the start of one) to the run that is meant."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from perfgate.errors import HistoryError
from perfgate.history.reading import query, runs_where
from perfgate.history.stored import StoredRun
from perfgate.metrics.run import Testbed

LATEST = "latest"

# git, too, takes four digits of a commit at the least.
_START = re.compile(r"[0-9a-f][0-9a-f-]{3,39}")
_MOST_CANDIDATES = 10
_LIST = "`perfgate history list` shows the runs with their commits and branches."


def find_run(connection: sqlite3.Connection, reference: str) -> StoredRun:
    """The one run that `reference` means: of the runs of a commit or branch the newest that finished, if any did.

    Looked for in this order: latest, a whole run id, a whole commit, a branch, the start of a run id or of a commit.
    HistoryError where nothing is meant, or more than one thing.
    """
    if reference == LATEST:
        if run := _newest(connection, "TRUE", ""):
            return run
        raise HistoryError("there is no run in the history yet", "`perfgate run` makes one.")
    for column in ("id", "commit_sha", "branch") if reference else ():
        if run := _newest(connection, f"{column} = :text", reference):
            return run
    candidates = _starting_with(connection, reference.lower())
    if not candidates:
        raise HistoryError(f"the history has no run, commit or branch {reference!r}", _LIST)
    if len(candidates) > 1:
        raise HistoryError(_ambiguous(reference, candidates), f"Write more of the one that you mean. {_LIST}")
    return candidates[0][1]


def find_testbed(text: str, testbeds: Iterable[Testbed]) -> Testbed:
    """The one testbed with this id, or an id that starts so, or a CPU whose name has it in it. HistoryError else."""
    known = list(testbeds)
    found = [testbed for testbed in known if testbed.id.startswith(text)] if text else []
    found = found or [testbed for testbed in known if text.lower() in testbed.cpu_model.lower()]
    if len(found) == 1:
        return found[0]
    listed = "".join(f"\n  {one.id}  {one.cpu_model}, {one.cores} cores" for one in (found or known)[:_MOST_CANDIDATES])
    what = f"{text!r} means {len(found)} testbeds" if found else f"the history has no testbed {text!r}; it has"
    raise HistoryError(f"{what}:{listed}", "Name one by its id, or by the start of it.")


def _newest(connection: sqlite3.Connection, condition: str, text: str) -> StoredRun | None:
    """The newest run that meets the condition on `:text`; one that finished where there is one."""
    for more in ("finished", "TRUE"):
        if runs := runs_where(connection, f"{condition} AND {more}", {"text": text}, limit=1):
            return runs[0]
    return None


def _starting_with(connection: sqlite3.Connection, start: str) -> list[tuple[str, StoredRun]]:
    """The run ids and commits that start so, each with the run it means."""
    if not _START.fullmatch(start):
        return []
    starting = "SELECT DISTINCT {0} AS found FROM runs WHERE substr({0}, 1, length(:text)) = :text ORDER BY found"
    return [
        (row["found"], run)
        for column in ("id", "commit_sha")
        for row in query(connection, starting.format(column), {"text": start})
        if (run := _newest(connection, f"{column} = :text", row["found"]))
    ]


def _ambiguous(reference: str, candidates: list[tuple[str, StoredRun]]) -> str:
    lines = [f"{reference!r} is the start of {len(candidates)} runs and commits:"]
    for found, run in candidates[:_MOST_CANDIDATES]:
        record = run.record
        what = "run   " if found == record.id else "commit"
        lines.append(f"  {what} {found}  {' '.join(filter(None, (record.branch, record.side, *run.scenarios)))}")
    if len(candidates) > _MOST_CANDIDATES:
        lines.append(f"  and {len(candidates) - _MOST_CANDIDATES} more")
    return "\n".join(lines)
