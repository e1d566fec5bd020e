"""Measuring scenario after scenario on a bench; what was measured is kept after every round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from perfgate.application.bench.bench import ALONE, Bench
from perfgate.application.bench.loaded_side import LoadedSide
from perfgate.application.keeping import Keeper
from perfgate.application.plan import MeasurementPlan
from perfgate.application.progress import ProgressReporter
from perfgate.application.scenario_duet import ScenarioDuet, names_of
from perfgate.compare.comparison import Comparison
from perfgate.compare.interference import flag_round
from perfgate.errors import ExitCode, HistoryError, NoVerdictError, TargetError, came_after_interrupt
from perfgate.explain.cause import Cause
from perfgate.explain.differences.difference import NO_DIFFERENCES, Differences
from perfgate.git import GitError
from perfgate.history.store import History
from perfgate.metrics.run import Round, Run, RunRecord, ScenarioRun
from perfgate.metrics.threshold import ThresholdResult, aborts, evaluate
from perfgate.report.page.details import SeenStacks
from perfgate.scenario import AnyScenario
from perfgate.scenario.concurrent_profiles import is_timed
from perfgate.verdict import DuetMethod, ValidityNote

# As git abbreviates the commits of the largest repositories.
_SHORT_COMMIT = 12


@dataclass(frozen=True)
class Ending:
    """The end of a measurement.

    interrupted: whether a person, or the system, stopped it.
    aborted: the crossed threshold that ended it; "" for none.
    stopped: the trouble with a target that ended it; None for none.
    other_containers: the names of unrelated containers that ran on the machine.
    unkept: why the run is not in the history; None where it is.
    kept_in: the file that has the run instead; None for none.
    unknown_commit: why git does not tell what was measured; None where it does, or where there is no repository.
    teardowns: the errors of scenarios' teardowns that failed.
    """

    interrupted: bool
    aborted: str
    stopped: TargetError | None
    other_containers: tuple[str, ...]
    unkept: HistoryError | None
    kept_in: Path | None
    unknown_commit: GitError | None
    teardowns: tuple[NoVerdictError, ...]

    def exit_code(self, verdict: ExitCode) -> ExitCode:
        """The last word: an interruption outweighs the verdict on what was measured until then."""
        return ExitCode.INTERRUPTED if self.interrupted else verdict


@dataclass(frozen=True)
class MeasuredRun:
    """One target's measurement.

    run: its rounds, by scenario.
    thresholds: the results of all thresholds.
    unsteady: the scenarios in which the service still got faster when its warm-up had to end.
    ending: how it ended.
    """

    run: Run
    thresholds: tuple[ThresholdResult, ...]
    unsteady: tuple[str, ...]
    ending: Ending

    @property
    def runs(self) -> tuple[Run, ...]:
        """The one run."""
        return (self.run,)


@dataclass(frozen=True)
class Explanation:
    """Why head is slower.

    causes: what takes more time, the most telling first in each scenario.
    notes: what a reader should know, such as what was missing.
    seen: what profilers saw, for a page.
    """

    causes: tuple[Cause, ...]
    notes: tuple[ValidityNote, ...]
    seen: tuple[SeenStacks, ...]


@dataclass(frozen=True)
class MeasuredDuet:
    """Two targets' measurement in pairs.

    base, head: the rounds of each side, by scenario.
    rows: the comparisons, as of the last look.
    methods: how the duet of each scenario was measured.
    thresholds: the results of head's thresholds.
    ending: how it ended.
    explanation: why head is slower; None where that was not looked for.
    differences: what else differs between base and head; none where nobody looked.
    """

    base: Run
    head: Run
    rows: tuple[Comparison, ...]
    methods: tuple[DuetMethod, ...]
    thresholds: tuple[ThresholdResult, ...]
    ending: Ending
    explanation: Explanation | None
    differences: Differences

    @property
    def runs(self) -> tuple[Run, ...]:
        """Base and head."""
        return self.base, self.head

    @property
    def seen(self) -> tuple[SeenStacks, ...]:
        """What profilers saw."""
        return self.explanation.seen if self.explanation else ()


def shown_target(record: RunRecord) -> str:
    """The target string, as it may be shown and used again: a ref moves on, its commit does not."""
    return f"ref:{record.commit[:_SHORT_COMMIT]}" if record.target.startswith("ref:") else record.target


def thresholds_of(scenario: AnyScenario, run: ScenarioRun, of_duet: bool) -> tuple[ThresholdResult, ...]:
    """The scenario's thresholds on everything that its valid rounds counted.

    of_duet: whether they lasted until it was decided: then counts are those of as long a load as the scenario declares.
    """
    seconds = scenario.profile.duration if of_duet and is_timed(scenario.profile) else None
    return tuple(evaluate(threshold, scenario.name, run.total, seconds) for threshold in scenario.thresholds)


def scenario_run(scenario: AnyScenario, rounds: list[Round]) -> ScenarioRun:
    """All rounds of a scenario so far."""
    return ScenarioRun(scenario.name, scenario.hash, scenario.profile.executor, tuple(rounds))


def why_to_abort(results: tuple[ThresholdResult, ...], run: ScenarioRun) -> str:
    """The first crossed threshold that asks to end a run; "" for none. Rounds that are invalid cross nothing."""
    for result in results if run.valid_rounds else ():
        if aborts(result, run.total):
            return f"{result.threshold.selector}: {result.threshold.expression}"
    return ""


class Measuring:
    """One measurement: a bench, the history that keeps its rounds, and the listener to its progress."""

    def __init__(self, plan: MeasurementPlan, bench: Bench, history: History, progress: ProgressReporter) -> None:
        self._plan = plan
        self._bench = bench
        self._keeper = Keeper(history)
        self._progress = progress
        self._interrupted = False
        self._aborted = ""
        self._stopped: TargetError | None = None

    def run(self) -> MeasuredRun:
        """Every scenario on the one target."""
        done: list[ScenarioRun] = []
        unsteady: list[str] = []
        with self._until_stopped():
            for scenario in self._plan.scenarios:
                self._progress.scenario(scenario.name)
                rounds: list[Round] = []
                done.append(scenario_run(scenario, rounds))
                names = names_of(scenario)
                for played in self._bench.runner.run(scenario, LoadedSide(self._bench, ALONE)):
                    names.admit(played.tally)
                    round_ = flag_round(played, self._plan.config.foreign_cpu)
                    self._progress.round_ended(round_)
                    rounds.append(round_)
                    done[-1] = scenario_run(scenario, rounds)
                    results = thresholds_of(scenario, done[-1], of_duet=False)
                    self._keeper.save(self._bench.record(ALONE), done[-1], results)
                    self._bench.confirm_running()
                    self._aborted = why_to_abort(results, done[-1])
                    if self._aborted:
                        break
                if any(warmth.unsteady for warmth in self._bench.runner.warmths):
                    unsteady.append(scenario.name)
                if self._aborted:
                    break
            else:
                self._keeper.finish(self._bench.record(ALONE).id)
        return MeasuredRun(
            Run(self._bench.record(ALONE), tuple(done)),
            self._thresholds(done, of_duet=False),
            tuple(unsteady),
            self._ending(),
        )

    def duet(self, to_the_end: bool = False) -> MeasuredDuet:
        """Every scenario on base and head, in pairs until it is decided or its budget is spent.

        to_the_end: being decided ends nothing.
        """
        duets: list[ScenarioDuet] = []
        with self._until_stopped():
            for scenario in self._plan.scenarios:
                self._progress.scenario(scenario.name)
                duets.append(ScenarioDuet(scenario, self._plan, self._bench, self._progress))
                for round_ in duets[-1].play(to_the_end):
                    run = duets[-1].side(round_.side)
                    results = thresholds_of(scenario, run, of_duet=True) if round_.side == "head" else ()
                    self._keeper.save(self._bench.record(round_.side), run, results)
            for side in ("base", "head"):
                self._keeper.finish(self._bench.record(side).id)
        heads = [duet.side("head") for duet in duets]
        return MeasuredDuet(
            base=Run(self._bench.record("base"), tuple(duet.side("base") for duet in duets)),
            head=Run(self._bench.record("head"), tuple(heads)),
            rows=tuple(row for duet in duets for row in duet.rows()),
            methods=tuple(method for duet in duets if (method := duet.method()) is not None),
            thresholds=self._thresholds(heads, of_duet=True),
            ending=self._ending(),
            explanation=None,
            differences=NO_DIFFERENCES,
        )

    def _thresholds(self, runs: list[ScenarioRun], of_duet: bool) -> tuple[ThresholdResult, ...]:
        by_name = {run.scenario: run for run in runs}
        return tuple(
            result
            for scenario in self._plan.scenarios
            for result in thresholds_of(scenario, by_name.get(scenario.name, scenario_run(scenario, [])), of_duet)
        )

    def _ending(self) -> Ending:
        return Ending(
            interrupted=self._interrupted,
            aborted=self._aborted,
            stopped=self._stopped,
            other_containers=self._bench.other_containers(),
            unkept=self._keeper.trouble,
            kept_in=self._keeper.kept_in,
            unknown_commit=self._bench.unknown_commit,
            teardowns=tuple(self._bench.runner.teardowns),
        )

    @contextmanager
    def _until_stopped(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            self._interrupt()
        except TargetError as error:
            if came_after_interrupt(error):
                self._interrupt()
            else:
                self._stopped = error

    def _interrupt(self) -> None:
        self._interrupted = True
        self._progress.say("Interrupted: stopping what was started; what was measured is kept.")
