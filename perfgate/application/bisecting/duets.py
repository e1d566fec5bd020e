"""Duets of two commits on a bench, each kept as soon as it has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from perfgate.application.bench.bench import Bench
from perfgate.application.bisecting.followed_row import RowTrial, instance_noise_of, rows_to_follow, say_enough
from perfgate.application.bisecting.kept_search import KeptDuet, KeptSearch
from perfgate.application.bisecting.unmeasurable import LEAST_PAIRS, why_unmeasurable
from perfgate.application.context import Context
from perfgate.application.plan import MeasurementPlan
from perfgate.application.progress import ProgressReporter
from perfgate.application.scenario_duet import ScenarioDuet
from perfgate.bisecting.pairing import Pair
from perfgate.bisecting.reading import Trial
from perfgate.compare.pair_changes import changes_in
from perfgate.compare.rows import FAILED, Row
from perfgate.errors import NoVerdictError, TargetError, UsageError, came_after_interrupt
from perfgate.load.phase import Phase
from perfgate.metrics.run import Round, ScenarioRun
from perfgate.scenario import AnyScenario
from perfgate.service.kept_trees import KeptTrees
from perfgate.service.target import RefTarget

# A search may take the load of so many whole duets. Most are over after a small part of one; each costs two starts and
# warm-ups all the same, so a call plays no more than so many of them.
MOST_WHOLE_DUETS = 9
_MOST_A_CALL = 30

# The rows of a duet are looked at in steps of so many pairs while it is the ends that are measured.
_LOOK_EVERY = 4

_SHORT = 12


@dataclass(frozen=True)
class EndsDuet:
    """What the duet of the two ends came to.

    rows: all that may be followed.
    seconds: of load, by scenario (s).
    failing: by scenario, the share of requests that failed at the end where more of them did.
    """

    rows: Sequence[RowTrial]
    seconds: Mapping[str, float]
    failing: Mapping[str, float]


class CommitDuets:
    """An Oracle: the trials of a line of commits, by duets.

    hashes: of the places of the line.
    kept: what was measured, also by an earlier call.
    metric: the one that is asked for; None for all rows that gate.
    """

    def __init__(
        self,
        context: Context,
        plan: MeasurementPlan,
        hashes: Sequence[str],
        kept: KeptSearch,
        progress: ProgressReporter,
        metric: str | None,
    ) -> None:
        self._context = context
        self._plan = plan
        self._hashes = hashes
        self._kept = kept
        self._before = len(kept.duets)
        self._progress = _Terse(progress)
        self._metric = metric
        self._trees = KeptTrees()

    def __enter__(self) -> CommitDuets:
        return self

    def __exit__(self, *_: object) -> None:
        with self._trees:
            self._progress.clear()

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All duets so far, as places of the line."""
        places = {sha: place for place, sha in enumerate(self._hashes)}
        return tuple(Trial(places[one.base], places[one.head], one.changes, one.instances) for one in self._kept.duets)

    @property
    def untested(self) -> frozenset[int]:
        """The places that cannot be measured."""
        return frozenset(place for place, sha in enumerate(self._hashes) if sha in self._kept.untested)

    @property
    def spent(self) -> bool:
        """Whether the load of the next duet could be too much, or this call has played many."""
        whole = self._kept.seconds > (MOST_WHOLE_DUETS - 1) * self._plan.config.budget
        return whole or len(self._kept.duets) - self._before >= _MOST_A_CALL

    def instance_noise(self, row: Row) -> float:
        """The standard deviation between instances in that row."""
        return instance_noise_of(row, self._plan.config.instance_noise)

    def ends(self) -> EndsDuet:
        """Measure the two ends."""
        found: list[RowTrial] = []
        seconds: dict[str, float] = {}
        failing: dict[str, float] = {}
        with self._bench((0, len(self._hashes) - 1), self._plan.scenarios) as bench:
            for scenario in self._plan.scenarios:
                base, head = self._play(bench, scenario, self._ends_are_clear)
                seconds[scenario.name] = _load_of(bench, base, head)
                failing[scenario.name] = max(side.read(FAILED, "rate") or 0.0 for side in (base, head))
                found += self._rows(base, head)
        if not found:
            what = f"no pair of valid rounds has a value of {self._metric}" if self._metric else "no valid pair"
            raise NoVerdictError(f"{what} of the two ends", "perfgate duet of the two says why")
        return EndsDuet(found, seconds, failing)

    def duet(self, pair: Pair, is_over: Callable[[Trial], bool]) -> None:
        """Measure two places until that is over, and keep it; or note which of them cannot be measured."""
        row = self._kept.row
        assert row is not None
        (scenario,) = (one for one in self._plan.scenarios if one.name == row.scenario)
        bench = self._bench(pair, (scenario,))
        self._progress.say(f"{' against '.join(self._hashes[place][:_SHORT] for place in pair)}:")
        sides: list[ScenarioRun] = []

        def enough(base: ScenarioRun, head: ScenarioRun) -> bool:
            sides[:] = base, head
            trial = self._trial(pair, row, base, head)
            return bool(self._unmeasurable(pair, row, sides)) or (trial is not None and is_over(trial))

        try:
            with bench:
                self._play(bench, scenario, enough)
        except (TargetError, UsageError) as error:
            place = pair[bench.handled == "head"]
            if came_after_interrupt(error) or place in (0, len(self._hashes) - 1) or not bench.handled:
                raise
            self._leave_out({place: error.message.splitlines()[0]}, _load_of(bench, *sides) if sides else 0.0)
            return
        except KeyboardInterrupt:
            if sides:  # else it came before the first pair
                self._keep(pair, row, sides, _load_of(bench, *sides))
            raise
        if not self._keep(pair, row, sides, _load_of(bench, *sides)):
            raise NoVerdictError(
                "too few pairs are valid to say anything", "allow more with --budget, or see what else runs"
            )

    def _unmeasurable(self, pair: Pair, row: Row, sides: Sequence[ScenarioRun]) -> dict[int, str]:
        """Why places between the ends cannot be measured, as far as a duet of the two shows."""
        base, head = sides
        reasons = zip(pair, why_unmeasurable(row, base, head, self._kept.failing), strict=True)
        return {place: reason for place, reason in reasons if reason and place not in (0, len(self._hashes) - 1)}

    def _keep(self, pair: Pair, row: Row, sides: Sequence[ScenarioRun], seconds: float) -> bool:
        """Keep what a duet has measured, or which place cannot be; whether that was enough. seconds: of load."""
        if not sides:
            return False
        unmeasurable = self._unmeasurable(pair, row, sides)
        if unmeasurable:
            self._leave_out(unmeasurable, seconds)
            return True
        trial = self._trial(pair, row, *sides)
        if trial is None or len(trial.changes) < LEAST_PAIRS:
            return False
        base, head = (self._hashes[place] for place in pair)
        self._kept.add(KeptDuet(base, head, trial.changes, trial.instances, seconds))
        return True

    def _trial(self, pair: Pair, row: Row, base: ScenarioRun, head: ScenarioRun) -> Trial | None:
        changes = changes_in(row, base, head)
        return Trial(*pair, changes, max(1, head.instances)) if changes else None

    def _leave_out(self, reasons: Mapping[int, str], seconds: float) -> None:
        """reasons: by place. seconds: of load that showed it."""
        named = {self._hashes[place]: reason for place, reason in reasons.items()}
        self._kept.leave_out(named, seconds)
        for sha, reason in named.items():
            self._progress.say(f"{sha[:_SHORT]} cannot be measured, and is left out: {reason}")

    def _rows(self, base: ScenarioRun, head: ScenarioRun) -> list[RowTrial]:
        config = self._plan.config
        return rows_to_follow(base, head, len(self._hashes) - 1, config.rules, self._metric, config.instance_noise)

    def _ends_are_clear(self, base: ScenarioRun, head: ScenarioRun) -> bool:
        """Whether the row that they differ in most clearly says well enough by how much."""
        if len(head.rounds) % _LOOK_EVERY:
            return False
        found = self._rows(base, head)
        return bool(found) and say_enough(found, len(self._plan.scenarios), self._plan.config.instance_noise)

    def _bench(self, pair: Pair, scenarios: Sequence[AnyScenario]) -> Bench:
        targets = {
            side: RefTarget(f"ref:{self._hashes[place]}", self._hashes[place])
            for side, place in zip(("base", "head"), pair, strict=True)
        }
        plan = replace(self._plan, scenarios=tuple(scenarios))
        return Bench(self._context, plan, targets, "bisect", self._progress, self._trees)

    def _play(
        self, bench: Bench, scenario: AnyScenario, enough: Callable[[ScenarioRun, ScenarioRun], bool]
    ) -> tuple[ScenarioRun, ScenarioRun]:
        """Pairs of one scenario until there are enough, or the budget is spent."""
        self._progress.scenario(scenario.name)
        duet = ScenarioDuet(scenario, self._plan, bench, _Silent(self._progress))
        with closing(duet.play(to_the_end=True)) as rounds:
            for round_ in rounds:
                if round_.side == "head" and enough(duet.side("base"), duet.side("head")):
                    break
        return duet.side("base"), duet.side("head")


def _load_of(bench: Bench, *sides: ScenarioRun) -> float:
    """The load of a duet as budgets count it (s): of both sides, or the time where they were loaded at once."""
    return bench.runner.load.pair_seconds * max((len(side.rounds) for side in sides), default=0)


class _Terse:
    """A ProgressReporter that says no line twice: each duet would say the same of its commits."""

    def __init__(self, progress: ProgressReporter) -> None:
        self._progress = progress
        self._said: set[str] = set()

    def scenario(self, name: str) -> None:
        self._progress.scenario(name)

    def announce(self, phase: Phase, number: int, count: int) -> None:
        self._progress.announce(phase, number, count)

    def round_ended(self, round_: Round) -> None:
        self._progress.round_ended(round_)

    def say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._progress.say(text)

    def clear(self) -> None:
        self._progress.clear()


class _Silent(_Terse):
    """One that shows how far a duet is, and says nothing of what it will show: it ends when the search has enough."""

    def say(self, text: str) -> None:
        pass
