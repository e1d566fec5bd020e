"""Stored runs, found in one history or in two, as rows and summaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from perfgate.compare.stored.baseline import NEWEST_RUNS
from perfgate.compare.stored.prediction import FEWEST_VALUES
from perfgate.errors import HistoryError, did_you_mean
from perfgate.history.branch_runs import BranchRuns, PackedLatencies
from perfgate.history.store import History, open_history
from perfgate.history.stored import MeasuredAs, StoredLoad, StoredResult, StoredRun, StoredScenario, scenarios_of
from perfgate.history.values import Statistic, StoredValue, Wanted
from perfgate.metrics.readings import RunReadings
from perfgate.metrics.run import RunRecord, Testbed
from perfgate.verdict import MOST_INVALID, Compliance, ScenarioSummary, ValidityNote, summary_of


@dataclass(frozen=True)
class RunWithResults:
    """A stored run with its results.

    run: its record, and whether it finished.
    results: by scenario, and by request within a scenario.
    """

    run: StoredRun
    results: tuple[StoredResult, ...]

    @property
    def record(self) -> RunRecord:
        return self.run.record

    @cached_property
    def scenarios(self) -> tuple[StoredScenario, ...]:
        """The results by scenario."""
        return scenarios_of(self.results)

    def believed(self) -> RunWithResults:
        """The run without the scenarios of which no round was valid: their numbers are those of invalid rounds."""
        doubtful = {one.scenario for one in self.scenarios if one.whole.load and not _valid_rounds(one.whole.load)}
        return RunWithResults(self.run, tuple(one for one in self.results if one.scenario not in doubtful))


class StoredRuns:
    """The runs of several histories, read as one. A context manager.

    folder: the folder that FILE in a reference starts from.
    """

    def __init__(self, paths: Iterable[Path], folder: Path) -> None:
        self._folder = folder
        self._paths = list(dict.fromkeys(paths))
        self._stack = ExitStack()

    def __enter__(self) -> StoredRuns:
        try:
            self._histories = [self._open(path) for path in self._paths if path.exists()]
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self, path: Path) -> History:
        return self._stack.enter_context(open_history(path, create=False))

    def find(self, reference: str) -> RunWithResults:
        """The run that `reference` means: an id, a commit, a branch, latest, or FILE:REFERENCE in another history."""
        file, colon, rest = reference.rpartition(":")
        if colon and (self._folder / file).exists():
            return _found(self._open(self._folder / file), rest)
        failure = self.missing()
        candidates = []
        for history in self._histories:
            try:
                candidates.append(_found(history, reference))
            except HistoryError as error:
                failure = error
        if not candidates:
            raise failure
        return max(candidates, key=lambda found: found.run.record.started_at)

    def missing(self) -> HistoryError:
        """What to say where there is no history at all."""
        return HistoryError(
            f"there is no history: no file {' or '.join(map(str, self._paths))}", "perfgate run makes one"
        )

    def runs(self, branch: str | None, limit: int) -> list[StoredRun]:
        """The newest runs, or those of one branch, the newest first. HistoryError where there is no history."""
        if not self._histories:
            raise self.missing()
        runs = {run.record.id: run for history in self._histories for run in history.runs(limit, branch)}
        newest_first = sorted(runs.values(), key=lambda run: (-run.record.started_at, run.record.side == "base"))
        return newest_first[:limit]

    def count(self, branch: str | None) -> int:
        """How many runs there are, or runs of one branch."""
        return len(frozenset().union(*(history.ids(branch) for history in self._histories)))

    def values(self, statistics: Sequence[Statistic], wanted: Wanted) -> list[StoredValue]:
        """Single statistics of many runs, in no particular order."""
        found: list[StoredValue] = []
        for history in self._histories:
            known = {value.run for value in found}
            found += [value for value in history.values(statistics, wanted) if value.run not in known]
        return found

    def branch(self, branch: str) -> BranchRuns:
        """The runs of a branch without their results, in no particular order."""
        found = [history.branch(branch) for history in self._histories]
        runs = {run.id: run for one in found for run in one.runs}
        return BranchRuns(tuple(runs.values()), tuple(sorted({name for one in found for name in one.scenarios})))

    def packed_latencies(self, scenario: str, runs: Sequence[str]) -> list[PackedLatencies]:
        """The latencies of a scenario in these runs, in no particular order."""
        return [one for history in self._histories for one in history.packed_latencies(scenario, runs)]

    def testbeds(self) -> dict[str, Testbed]:
        """The machines by their ids. HistoryError where there is no history."""
        if not self._histories:
            raise self.missing()
        return {testbed.id: testbed for history in self._histories for testbed in history.testbeds()}

    def everything(self, branch: str | None, testbed: str | None, newest: int | None) -> Iterator[RunWithResults]:
        """All runs, or those of a branch or a testbed, the oldest first. newest: only so many, of those that finished.

        HistoryError where there is no history.
        """
        if not self._histories:
            raise self.missing()
        finished = None if newest is None else True
        runs = {
            run.record.id: (history, run)
            for history in self._histories
            for run in history.runs(newest, branch, testbed, finished)
        }
        oldest_first = sorted(runs.values(), key=lambda kept: (kept[1].record.started_at, kept[1].record.id))
        for history, run in oldest_first if newest is None else oldest_first[-newest:]:
            yield RunWithResults(run, history.results(run.record.id))

    def none_of(self, branch: str | None, testbed: str | None) -> HistoryError:
        """What to say where no run is of a branch and a testbed; None for any."""
        what = [f"of branch {branch!r}"] if branch is not None else []
        what += [f"on testbed {testbed}"] if testbed is not None else []
        branches = {run.record.branch for history in self._histories for run in history.runs()} - {""}
        if branch is not None and branch not in branches and branches:
            return HistoryError(f"no run is {' '.join(what)}", did_you_mean(branch, sorted(branches)))
        return HistoryError(f"no run is {' '.join(what)}", "`perfgate history list` shows the runs that are there.")

    def baseline(
        self, head: RunReadings, branch: str, newest: int, later: frozenset[str], before: RunRecord | None = None
    ) -> tuple[RunWithResults, ...]:
        """The newest finished runs of `branch` to compare a run with, heads of duets left out, the newest first.

        They are the newest of each of its scenarios on its testbed, and some more, so that what can only be shown is.
        They began before it, and had a valid round; their scenarios without one are left out. newest: how many of each
        scenario. later: commits of the branch without which the run was made; their runs are left out. Imported runs
        are no baseline, unless the run was imported, too, nor are runs with uncommitted changes, where there are enough
        without. before: another run that all this is said of, but for what was measured and where.
        """
        wanted = _Wanted(before or head.record, branch, later)
        found = [kept for one in _measured(head) for kept in _committed(self._runs_before(wanted, newest, one))]
        more = self._runs_before(wanted, min(newest, NEWEST_RUNS), None)
        return _believed([*found, *(kept for kept in more if not found or not kept.run.record.dirty)])

    def next_to(self, run: RunReadings, branch: str, count: int) -> tuple[RunWithResults, ...]:
        """The runs of `branch` that a baseline has next to a run, so many of each of its scenarios before and after it.

        They are of its testbed; the newest is first.
        """
        wanted = _Wanted(run.record, branch, frozenset())
        found: list[_Kept] = []
        for one in _measured(run):
            after = [
                _Kept(history, other)
                for history in self._histories
                for other in history.runs_after(run.record.started_at, branch, count, one)
            ]
            unique = {kept.run.record.id: kept for kept in after}.values()
            found += [*self._runs_before(wanted, count, one), *sorted(unique, key=_newest_first)[-count:]]
        return _believed(found)

    def _runs_before(self, wanted: _Wanted, newest: int, measured_as: MeasuredAs | None) -> list[_Kept]:
        """The newest of all histories, the newest first."""
        runs = {
            run.record.id: _Kept(history, run)
            for history in self._histories
            for run in history.runs_before(
                wanted.run.started_at,
                wanted.branch,
                newest,
                wanted.later,
                imported=bool(wanted.run.imported_from),
                measured_as=measured_as,
            )
        }
        return sorted(runs.values(), key=_newest_first)[:newest]


@dataclass(frozen=True)
class _Wanted:
    """What a baseline is asked for by: runs of the branch before this one, but for those of later commits."""

    run: RunRecord
    branch: str
    later: frozenset[str]


@dataclass(frozen=True)
class _Kept:
    """A run, and the history that has it."""

    history: History
    run: StoredRun


def _newest_first(kept: _Kept) -> float:
    return -kept.run.record.started_at


def _committed(found: Sequence[_Kept]) -> Sequence[_Kept]:
    """The runs without uncommitted changes, which are experiments; all, where too few are: a build may change files."""
    clean = [kept for kept in found if not kept.run.record.dirty]
    return clean if len(clean) >= FEWEST_VALUES else found


def _measured(run: RunReadings) -> list[MeasuredAs]:
    return [MeasuredAs(run.record.testbed.id, one.scenario, one.scenario_hash) for one in run.scenarios]


def _believed(found: Iterable[_Kept]) -> tuple[RunWithResults, ...]:
    """Each of the runs once with what of it is believed, the newest first."""
    unique = {kept.run.record.id: kept for kept in found}
    return tuple(
        RunWithResults(kept.run, kept.history.results(kept.run.record.id)).believed()
        for kept in sorted(unique.values(), key=_newest_first)
    )


def refuse_unreadable(paths: Iterable[Path]) -> None:
    """HistoryError where one of the histories is there and cannot be read: better now than after minutes of load."""
    with StoredRuns(paths, Path()):
        pass


def _valid_rounds(load: StoredLoad) -> int:
    return load.rounds - load.invalid_rounds


def _found(history: History, reference: str) -> RunWithResults:
    run = history.find(reference)
    return RunWithResults(run, history.results(run.record.id))


def summary_of_stored(found: RunWithResults, side: str) -> tuple[ScenarioSummary, ...]:
    """The load-test summary of a stored run. Its thresholds are known of whole scenarios only."""
    loads = {scenario.scenario: scenario.whole.load for scenario in found.scenarios}

    def compliance(scenario: str, request: str | None) -> Compliance:
        load = loads[scenario] if request is None else None
        return Compliance(load.thresholds_passed or 0, load.thresholds_total or 0) if load else Compliance(0, 0)

    return summary_of(found, side, compliance)


def validity_of_stored(found: RunWithResults) -> tuple[ValidityNote, ...]:
    """What a reader should know of a stored run before believing it."""
    notes = (
        [] if found.run.finished else [ValidityNote("", "the run did not come to its end", "measure it again", False)]
    )
    for whole in (scenario.whole for scenario in found.scenarios):
        if whole.requests == 0 or (whole.requests and whole.failed == whole.requests):
            what = "answered only errors" if whole.requests else "sent no request"
            notes.append(ValidityNote(whole.scenario, what, "see whether the service works at all", True))
        elif whole.load and whole.load.invalid_rounds > MOST_INVALID * whole.load.rounds:
            many = f"{whole.load.invalid_rounds} of {whole.load.rounds} rounds are invalid"
            what = f"{many if _valid_rounds(whole.load) else 'no round was valid'}: {'; '.join(whole.load.problems)}"
            notes.append(ValidityNote(whole.scenario, what, "measure it again", True))
    if not found.results:
        notes.append(ValidityNote("", "the run measured nothing", "measure it again", True))
    return tuple(notes)
