"""The duet of one scenario: pairs are measured and judged until it is decided."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from perfgate.application.bench.bench import Bench
from perfgate.application.bench.loaded_side import LoadedSide
from perfgate.application.plan import MeasurementPlan
from perfgate.application.progress import ProgressReporter
from perfgate.compare.comparison import Comparison
from perfgate.compare.duet import DuetPlan, Judgement, judge
from perfgate.compare.forecast import WarmUpCounts, forecast
from perfgate.compare.interference import flag_pair
from perfgate.compare.unsteady import downgrade_unsteady
from perfgate.load.coverage import evenness
from perfgate.load.duet_plan import DuetLoad
from perfgate.load.warm_up import Warmth
from perfgate.metrics.run import Round, ScenarioRun
from perfgate.metrics.run_names import RunNames
from perfgate.report.forecast import forecast_lines
from perfgate.scenario import AnyScenario
from perfgate.verdict import DuetMethod


class ScenarioDuet:
    """Base and head of one scenario, as far as they were measured."""

    def __init__(self, scenario: AnyScenario, plan: MeasurementPlan, bench: Bench, progress: ProgressReporter) -> None:
        self._scenario = scenario
        self._plan = plan
        self._bench = bench
        self._runner = bench.runner
        self._targets = LoadedSide(bench, "base"), LoadedSide(bench, "head")
        self._progress = progress
        self._rounds: dict[str, list[Round]] = {"base": [], "head": []}
        self._judgement: Judgement | None = None
        self._load = self._runner.load
        self._warmths: tuple[Warmth, ...] = ()

    def play(self, to_the_end: bool) -> Generator[Round, None, None]:
        """Measure pair after pair; each round as it is known. TargetError where a service has ended.

        to_the_end: being decided ends nothing.
        """
        config = self._plan.config
        names = names_of(self._scenario)
        with closing(self._runner.duet(self._scenario, *self._targets, config.budget, self._foretell)) as pairs:
            for pair in pairs:
                self._load, self._warmths = self._runner.load, tuple(self._runner.warmths)
                names.admit(pair.base.tally, pair.head.tally)
                for round_ in flag_pair(pair.base, pair.head, config.foreign_cpu):
                    self._rounds[round_.side].append(round_)
                    self._progress.round_ended(round_)
                    yield round_
                self._bench.confirm_running()
                if not to_the_end and self._pairs_plan.is_look(len(self._rounds["head"])):
                    judgement = self._judge(last=False)
                    # Requests that hang have failed once nobody waits for them any more.
                    if judgement.decided and not (pair.base.generator.unanswered or pair.head.generator.unanswered):
                        self._judgement = judgement
                        break

    def side(self, side: str) -> ScenarioRun:
        """All rounds of one side so far."""
        scenario = self._scenario
        return ScenarioRun(scenario.name, scenario.hash, scenario.profile.executor, tuple(self._rounds[side]))

    def rows(self) -> tuple[Comparison, ...]:
        """The comparison as of the look that decided, else of all pairs."""
        if not self._rounds["head"]:
            return ()
        judgement = self._judgement or self._judge(last=True)
        return downgrade_unsteady(judgement.rows, self._unsteady, max(warmth.fallen for warmth in self._warmths))

    def method(self) -> DuetMethod | None:
        """How it was measured; None where nothing was."""
        head, load = self.side("head"), self._load
        if not head.rounds:
            return None
        seconds = load.pair_seconds if load.at_once else load.pair_seconds / 2
        return DuetMethod(
            scenario=head.scenario,
            pairs=len(head.rounds),
            round_seconds=seconds,
            at_once=load.at_once,
            turn_seconds=0.0 if load.at_once else load.turn or seconds,
            instances=head.instances,
            unsteady=self._unsteady,
            scale=self._scale,
            instance_noise=self._plan.config.instance_noise,
        )

    def _foretell(self, warmth: Warmth, load: DuetLoad) -> None:
        """Say what the duet will show, and what is missing where it cannot decide, before its rounds are played."""
        self._load, profile = load, self._scenario.profile
        base, head = warmth.tallies["base"], warmth.tallies["head"]
        counts = WarmUpCounts(self._scenario.name, profile.executor, base, head, evenness(profile))
        found = forecast(counts, self._plan.config.rules, self._pairs_plan, load.at_once)
        alone = len(self._plan.scenarios) == 1  # --vus is for all of them
        vus = profile.vus_max if alone and not profile.is_open else None
        for line in forecast_lines(found, vus, warmth.busy, self._scale):
            self._progress.say(line)

    @property
    def _scale(self) -> float:
        return self._plan.overrides.scale_of(self._scenario.name)

    @property
    def _unsteady(self) -> tuple[str, ...]:
        """The sides that were not steady after a warm-up."""
        return tuple(sorted({side for warmth in self._warmths for side in warmth.unsteady}))

    @property
    def _pairs_plan(self) -> DuetPlan:
        config = self._plan.config
        return DuetPlan(
            len(self._plan.scenarios),
            config.budget,
            self._load.pair_seconds,
            config.foreign_cpu,
            config.rules.miss_rate,
            config.instance_noise,
        )

    def _judge(self, last: bool) -> Judgement:
        base, head = self.side("base"), self.side("head")
        return judge(self._pairs_plan, self._plan.config.rules, base, head, last, head.instances)


def names_of(scenario: AnyScenario) -> RunNames:
    """The names of its requests; those with thresholds of their own are kept in any case."""
    return RunNames(threshold.request for threshold in scenario.thresholds if threshold.request)
