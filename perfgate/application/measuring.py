"""Measuring scenario after scenario on a bench; what was measured is kept after every round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from perfgate.application.bench import Bench
from perfgate.application.plan import MeasurementPlan
from perfgate.application.progress import ProgressReporter
from perfgate.compare.comparison import Comparison
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.interference import flag_pair, flag_round
from perfgate.errors import ExitCode, TargetError
from perfgate.history.store import History
from perfgate.metrics.run import Round, Run, ScenarioRun
from perfgate.metrics.threshold import ThresholdResult, evaluate
from perfgate.scenario import AnyScenario

# As git abbreviates the commits of the largest repositories.
_SHORT_COMMIT = 12


@dataclass
class Measured:
    """What a measurement yields: the runs by side, the rows of a duet, the thresholds of head, and how it ended.

    stopped: what kept it from going on. neighbours: the other containers that ran on the machine.
    """

    runs: dict[str, Run] = field(default_factory=dict)
    rows: tuple[Comparison, ...] = ()
    thresholds: tuple[ThresholdResult, ...] = ()
    interrupted: bool = False
    aborted: str = ""
    stopped: TargetError | None = None
    neighbours: tuple[str, ...] = ()

    @property
    def shown(self) -> dict[str, str]:
        """The target strings by side, as they may be shown and used again: a ref moves on, its commit does not."""
        return {
            side: f"ref:{run.record.commit[:_SHORT_COMMIT]}"
            if run.record.target.startswith("ref:")
            else run.record.target
            for side, run in self.runs.items()
        }

    def exit_code(self, verdict: ExitCode) -> ExitCode:
        """The last word: an interruption outweighs the verdict on what was measured until then."""
        return ExitCode.INTERRUPTED if self.interrupted else verdict


def thresholds_of(scenario: AnyScenario, run: ScenarioRun) -> tuple[ThresholdResult, ...]:
    """The scenario's thresholds held against everything that its valid rounds counted."""
    return tuple(evaluate(threshold, scenario.name, run.total) for threshold in scenario.thresholds)


def scenario_run(scenario: AnyScenario, rounds: list[Round]) -> ScenarioRun:
    """All rounds of a scenario so far."""
    return ScenarioRun(scenario.name, scenario.hash, scenario.profile.executor, tuple(rounds))


class Measuring:
    """One measurement: a bench, the history that keeps its rounds, and the listener to its progress."""

    def __init__(self, plan: MeasurementPlan, bench: Bench, history: History, progress: ProgressReporter) -> None:
        self._plan = plan
        self._bench = bench
        self._history = history
        self._progress = progress

    def run(self) -> Measured:
        """Every scenario on the one target (side "")."""
        measured = Measured(neighbours=self._bench.neighbours())
        record = self._bench.record("")
        done: list[ScenarioRun] = []
        with self._until_stopped(measured):
            for scenario in self._plan.scenarios:
                self._progress.scenario(scenario.name)
                rounds: list[Round] = []
                done.append(scenario_run(scenario, rounds))
                for played in self._bench.runner.run(scenario, self._bench.target("")):
                    round_ = flag_round(played, self._plan.config.foreign_cpu)
                    self._progress.round_ended(round_)
                    rounds.append(round_)
                    done[-1] = scenario_run(scenario, rounds)
                    results = thresholds_of(scenario, done[-1])
                    self._history.save(record, done[-1], results)
                    measured.aborted = _crossed_for_good(results)
                    if measured.aborted:
                        break
                if measured.aborted:
                    break
            else:
                self._history.finish(record.id)
        measured.runs[""] = Run(record, tuple(done))
        measured.thresholds = self._thresholds(done)
        return measured

    def duet(self, to_the_end: bool = False) -> Measured:
        """Every scenario on base and head, in pairs until it is decided or its budget is spent.

        to_the_end: being decided ends nothing.
        """
        measured = Measured(neighbours=self._bench.neighbours())
        sides: dict[str, list[ScenarioRun]] = {"base": [], "head": []}
        rows: list[Comparison] = []
        with self._until_stopped(measured):
            for scenario in self._plan.scenarios:
                self._progress.scenario(scenario.name)
                rows += self._duet_of(scenario, sides, to_the_end)
            for side in sides:
                self._history.finish(self._bench.record(side).id)
        measured.runs = {side: Run(self._bench.record(side), tuple(runs)) for side, runs in sides.items()}
        measured.rows = tuple(rows)
        measured.thresholds = self._thresholds(sides["head"])
        return measured

    def _duet_of(
        self, scenario: AnyScenario, sides: dict[str, list[ScenarioRun]], to_the_end: bool
    ) -> tuple[Comparison, ...]:
        """One scenario's pairs; its rows as of the last look."""
        bench, config = self._bench, self._plan.config
        rounds: dict[str, list[Round]] = {side: [] for side in sides}
        for side in sides:
            sides[side].append(scenario_run(scenario, rounds[side]))
        pairs_plan: DuetPlan | None = None
        pairs = bench.runner.duet(scenario, bench.target("base"), bench.target("head"), config.budget)
        for pair in pairs:
            for round_ in flag_pair(pair.base, pair.head, config.foreign_cpu):
                side = round_.side
                rounds[side].append(round_)
                self._progress.round_ended(round_)
                sides[side][-1] = scenario_run(scenario, rounds[side])
                results = thresholds_of(scenario, sides[side][-1]) if side == "head" else ()
                self._history.save(bench.record(side), sides[side][-1], results)
            pairs_plan = pairs_plan or DuetPlan(
                len(self._plan.scenarios), config.budget, bench.runner.round_seconds, config.foreign_cpu
            )
            if not to_the_end and pairs_plan.is_look(len(rounds["head"])):
                judgement = judge(pairs_plan, config.rules, sides["base"][-1], sides["head"][-1])
                if judgement.decided:
                    pairs.close()
                    return judgement.rows
        if pairs_plan is None:
            return ()
        return judge(pairs_plan, config.rules, sides["base"][-1], sides["head"][-1], last=True).rows

    def _thresholds(self, runs: list[ScenarioRun]) -> tuple[ThresholdResult, ...]:
        by_name = {run.scenario: run for run in runs}
        return tuple(
            result
            for scenario in self._plan.scenarios
            for result in thresholds_of(scenario, by_name.get(scenario.name, scenario_run(scenario, [])))
        )

    @contextmanager
    def _until_stopped(self, measured: Measured) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            measured.interrupted = True
            self._progress.say("Interrupted: stopping what was started; what was measured is kept.")
        except TargetError as error:
            measured.stopped = error


def _crossed_for_good(results: tuple[ThresholdResult, ...]) -> str:
    """The first crossed threshold that asks to abort, "" if there is none."""
    for result in results:
        if result.threshold.abort_on_fail and not result.passed:
            return f"{result.threshold.selector}: {result.threshold.expression}"
    return ""
