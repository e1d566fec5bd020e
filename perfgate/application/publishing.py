"""What of this checkout's runs is published: from which file, which of them, and what to say of the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perfgate.application.ci_job import in_ci
from perfgate.application.context import Context
from perfgate.config.values import Config
from perfgate.errors import HistoryError
from perfgate.history.store import open_history

if TYPE_CHECKING:
    from perfgate.git import Git


@dataclass(frozen=True)
class OwnRuns:
    """The runs that are to be published.

    file: the history that has them.
    uncommitted: the ids of those that stay: they were measured with changes that nobody else has.
    is_nameless: whether the newest of the others is of no branch.
    is_as_committed: whether the file is as the commit that is checked out has it: nothing was measured into it.
    """

    file: Path
    uncommitted: frozenset[str]
    is_nameless: bool
    is_as_committed: bool


def own_runs(context: Context, config: Config, checkout: Git, named: Path | None) -> OwnRuns:
    """The runs of the file that was named, all of them; of none, what CI has measured, or a person here and committed.

    HistoryError where the file is not there.
    """
    ci = in_ci(context.environment)
    file = named or context.path(config.history if ci else config.local_history)
    if named is None and not file.exists():
        raise _nothing_measured(file, config) if ci else _nothing_here(file)
    with open_history(file, create=False) as history:
        runs = [run.record for run in history.runs()]
    leaving_out = named is None and not ci
    uncommitted = frozenset(run.id for run in runs if run.dirty and leaving_out)
    newest = next((run for run in runs if run.id not in uncommitted), None)
    return OwnRuns(file, uncommitted, newest is not None and not newest.branch, _is_as_committed(checkout, file))


def _is_as_committed(checkout: Git, file: Path) -> bool:
    path = str(file.absolute())
    known = checkout.ask("ls-files", "--error-unmatch", "--", path) is not None
    return known and checkout.ask("diff", "--quiet", "HEAD", "--", path) is not None


def _nothing_measured(file: Path, config: Config) -> HistoryError:
    return HistoryError(
        f"{file}: nothing was measured into it: it is not there",
        f"`perfgate gate` or `perfgate run` makes it, on {config.branch}, in this checkout, before `publish`; "
        "or name the file that has their runs: `perfgate history publish FILE`.",
    )


def _nothing_here(file: Path) -> HistoryError:
    return HistoryError(
        f"{file}: nothing was measured in this checkout yet",
        "`perfgate run` measures; or name the file whose runs are to be published: `perfgate history publish FILE`.",
    )
