"""Why head is slower: more pairs under a profiler once the verdict is known. No verdict and no history has them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum

from perfgate.application.bench.bench import Bench
from perfgate.application.context import Context
from perfgate.application.evidence.commit_changes import changes_between
from perfgate.application.evidence.differing import find_differences
from perfgate.application.evidence.profiling import Profiling, RoundLength, how_many_fit, more_usable, processes_of
from perfgate.application.evidence.querying import Querying, find_querying
from perfgate.application.judging import judge_duet
from perfgate.application.measuring import Explanation, MeasuredDuet
from perfgate.application.pages.seen_stacks import seen_stacks
from perfgate.application.plan import MeasurementPlan
from perfgate.application.progress import ProgressReporter
from perfgate.compare.comparison import Comparison
from perfgate.errors import PerfgateError
from perfgate.explain.cause import Cause, CauseKind
from perfgate.explain.causes import find_causes, in_order, told_apart
from perfgate.explain.differences.difference import NO_DIFFERENCES, Differences
from perfgate.explain.installed_copies import as_in_repository
from perfgate.explain.profilers.choice import choose_profiler, choose_waiting_profiler
from perfgate.explain.profilers.processes import folder_in_its_tree
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.explain.queries import FEWEST_PAIRS as FEWEST_QUERIED
from perfgate.explain.queries import QUERIES_SEEN_BY, find_queries
from perfgate.explain.rise import FEWEST_PAIRS
from perfgate.explain.rows import dependency_causes, known_rise, waiting_somewhere, waits
from perfgate.explain.settings import ExplainSettings
from perfgate.explain.subject import Subject
from perfgate.report.page.details import SeenStacks
from perfgate.scenario import AnyScenario
from perfgate.tokens import without_tokens
from perfgate.verdict import ValidityNote

# A longer round leaves fewer pairs (s).
_LONGEST_ROUND = 2
_SIDES = ("base", "head")
_CAUSE, _QUERIES, _DIFFERENCES = "the cause was", "queries were", "other differences were"


class Explain(str, Enum):
    """When a duet is explained."""

    NEVER = "never"
    AFTER_RED = "after red"
    """After a regression."""
    ALWAYS = "always"
    """Whatever the verdict."""


def explained(
    context: Context,
    plan: MeasurementPlan,
    bench: Bench,
    measured: MeasuredDuet,
    when: Explain,
    progress: ProgressReporter,
) -> MeasuredDuet:
    """The duet with its causes, where they are asked for, while its services still run."""
    if when is Explain.NEVER or measured.ending.interrupted or measured.ending.stopped:
        return measured
    scenarios = _scenarios_to_explain(context, plan, measured, when)
    if not scenarios:
        return measured
    explainer = _Explainer(context, plan, bench, measured, asked=when is Explain.ALWAYS, say=progress.say)
    found: list[FoundCauses] = []
    differences = NO_DIFFERENCES
    failed: tuple[ValidityNote, ...] = ()
    try:
        differences, failed = _differences(context, plan, bench)
        now, later = explainer.share(scenarios)
        for scenario in now:
            progress.scenario(scenario.name)
            found.append(explainer.explain(scenario, plan.config.explain.seconds / len(now)))
        found.append(explainer.by_rows(later))
    except KeyboardInterrupt:
        progress.say("Interrupted: the verdict stands, and is not explained.")
    causes = tuple(cause for one in found for cause in one.causes)
    notes = tuple(dict.fromkeys([*failed, *(note for one in found for note in one.notes)]))
    explanation = Explanation(causes, notes, tuple(explainer.seen))
    return replace(measured, explanation=explanation, differences=differences)


def _differences(context: Context, plan: MeasurementPlan, bench: Bench) -> tuple[Differences, tuple[ValidityNote, ...]]:
    """What else differs. What fails becomes a note: the verdict is known, and stands."""
    try:
        return find_differences(context, bench, plan.config.service), ()
    except PerfgateError as error:
        return NO_DIFFERENCES, (_not_looked_for(_DIFFERENCES, error.message, error.hint),)
    except Exception as error:
        return NO_DIFFERENCES, (_failed(_DIFFERENCES, error),)


def _scenarios_to_explain(
    context: Context, plan: MeasurementPlan, measured: MeasuredDuet, when: Explain
) -> Sequence[AnyScenario]:
    """Those with regressions, the worst first; where there is none, and causes are asked for, all."""
    reasons = judge_duet(context, plan, measured, "").reasons
    red = tuple(dict.fromkeys(reason.row.row.scenario for reason in reasons if reason.is_regression and reason.row))
    names = red or (plan.names if when is Explain.ALWAYS else ())
    by_name = {scenario.name: scenario for scenario in plan.scenarios}
    return [by_name[name] for name in names]


@dataclass(frozen=True)
class FoundCauses:
    """The causes in one scenario, and notes on the search."""

    causes: tuple[Cause, ...]
    notes: tuple[ValidityNote, ...]


class _Explainer:
    """A measured duet whose services still run, and what looks for causes there.

    asked: whether somebody asked for causes: then it is told where nothing could look for any.
    say: takes progress, a line at a time.
    seen: what profilers saw so far.
    looked: whether anything has looked at a round.
    """

    def __init__(
        self,
        context: Context,
        plan: MeasurementPlan,
        bench: Bench,
        measured: MeasuredDuet,
        *,
        asked: bool,
        say: Callable[[str], None],
    ) -> None:
        self._say = say
        self.seen: list[SeenStacks] = []
        self.looked = False
        self._asked = asked
        self._settings = plan.config.explain
        self._bench = bench
        self._measured = measured
        self._place = ProfilerPlace(context.folder, without_tokens(context.environment))
        folder = folder_in_its_tree(bench.service("head").instance.processes())
        self._changes = changes_between(context, bench.looked_up("base"), bench.looked_up("head"), folder)

    def share(self, scenarios: Sequence[AnyScenario]) -> tuple[Sequence[AnyScenario], Sequence[AnyScenario]]:
        """The first ones, for which there is time: fewer pairs than the fewest would name nothing. And the others."""
        count = how_many_fit([self._rounds(scenario) for scenario in scenarios], self._settings.seconds)
        return scenarios[:count], scenarios[count:]

    def by_rows(self, scenarios: Sequence[AnyScenario]) -> FoundCauses:
        """The causes in scenarios for which there is no time: what their rows say."""
        causes = [cause for one in scenarios for cause in _with_those_of_rows((), self._rows(one.name))]
        names = ", ".join(scenario.name for scenario in scenarios)
        notes = (_no_time(names, self._settings.seconds),) if scenarios and self.looked else ()
        return FoundCauses(tuple(causes), notes)

    def _rows(self, scenario: str) -> list[Comparison]:
        return [row for row in self._measured.rows if row.row.scenario == scenario]

    def explain(self, scenario: AnyScenario, seconds: float) -> FoundCauses:
        """The causes under this scenario's load, looked for in so many seconds. What fails becomes a note."""
        rows = self._rows(scenario.name)
        pids = [self._bench.service(side).instance.processes() for side in _SIDES]
        notes: list[ValidityNote] = []
        found: Sequence[Cause] = ()
        # What runs elsewhere cannot be looked at, and nobody asked for it.
        looks = self._asked or all(pids)
        try:
            found = self._profiled(scenario, rows, pids, seconds, notes) if looks else ()
        except PerfgateError as error:
            notes.append(_not_looked_for(_CAUSE, error.message, error.hint))
        except Exception as error:
            notes.append(_failed(_CAUSE, error))
        causes = _with_those_of_rows(found, rows)
        if looks and not causes and not notes:
            notes.append(_nothing_rose(scenario.name))
        return FoundCauses(causes, tuple(notes))

    def _profiled(
        self,
        scenario: AnyScenario,
        rows: Sequence[Comparison],
        pids: Sequence[Sequence[int]],
        seconds: float,
        notes: list[ValidityNote],
    ) -> list[Cause]:
        """Queries that rose, and what takes more CPU; where requests take longer than that explains, where they wait.

        pids: the first processes of each side.
        """
        querying = self._querying(rows, notes)
        subjects = self._subjects(rows, pids, querying, notes)
        users = self._users(scenario.name)
        if waits(rows, users):
            waiting = choose_waiting_profiler(pids, self._place)
            subjects += [Subject(CauseKind.WAITING, "", waiting)] if waiting else []
        if not subjects and querying is None:
            return []
        seen_by = [*(subject.profiler.name for subject in subjects), *([QUERIES_SEEN_BY] if querying else [])]
        self._say(f"Causes are looked for with {' and '.join(dict.fromkeys(seen_by))}.")
        self.looked = True
        rounds = self._rounds(scenario)
        profiling = Profiling(self._bench, subjects, querying, rounds.that_fits(seconds))
        known = known_rise(rows)
        found: list[Cause] = []
        for subject, seen in zip(subjects, profiling.pairs(scenario, seconds), strict=True):
            pairs = as_in_repository(seen, self._changes)
            waited = subject.kind is CauseKind.WAITING
            proven = None if subject.dependency or waited else known
            self.seen += seen_stacks(scenario.name, subject, pairs)
            usable = sum(pair.usable for pair in pairs)
            if usable < FEWEST_PAIRS and not subject.dependency and not waited:
                hint = more_usable(rounds, len(pairs), self._settings.seconds)
                notes.append(_too_few(scenario.name, "a function", usable, FEWEST_PAIRS, hint))
            more = find_causes(scenario.name, subject, pairs, self._changes, proven)
            found = told_apart(found, more, users, known) if waited else [*found, *more]
        if querying is None:
            return found
        usable = sum(pair.usable for pair in profiling.queried)
        if usable < FEWEST_QUERIED and querying.trouble:
            notes.append(_not_looked_for(_QUERIES, querying.trouble.message, querying.trouble.hint))
        elif usable < FEWEST_QUERIED:
            hint = more_usable(rounds, len(profiling.queried), self._settings.seconds)
            notes.append(_too_few(scenario.name, "a query", usable, FEWEST_QUERIED, hint))
        return [*found, *find_queries(scenario.name, querying.dependency, profiling.queried)]

    def _querying(self, rows: Sequence[Comparison], notes: list[ValidityNote]) -> Querying | None:
        """What reads queries; where they cannot be read, that is worth a note only where they may be the cause."""
        try:
            return find_querying(self._bench, _SIDES, self._place)
        except ProfilerError as error:
            if self._asked or dependency_causes(rows):
                notes.append(_not_looked_for(_QUERIES, error.message, error.hint))
            return None

    def _subjects(
        self,
        rows: Sequence[Comparison],
        pids: Sequence[Sequence[int]],
        querying: Querying | None,
        notes: list[ValidityNote],
    ) -> list[Subject]:
        """The service, and its dependencies that take more CPU, each with the profiler that serves."""
        subjects = []
        urls = [self._bench.service(side).instance.url for side in _SIDES]
        try:
            subjects.append(Subject(CauseKind.CPU, "", choose_profiler(self._settings, pids, self._place, urls)))
        except ProfilerError as error:
            notes.append(_not_looked_for(_CAUSE, error.message, error.hint))
        for cause in dependency_causes(rows):
            if querying is None or cause.dependency != querying.dependency:
                with suppress(ProfilerError):  # its row says already that it takes more
                    beside = [processes_of(self._bench, side, cause.dependency) for side in _SIDES]
                    profiler = choose_profiler(ExplainSettings(), beside, self._place)
                    subjects.append(Subject(CauseKind.CPU, cause.dependency, profiler))
        return subjects

    def _users(self, scenario: str) -> int:
        """The most users at a time."""
        return max((run.total.vus_max for run in self._measured.head.scenarios if run.scenario == scenario), default=1)

    def _rounds(self, scenario: AnyScenario) -> RoundLength:
        """How long rounds are: as in the duet, in whole seconds."""
        rounds = [method.round_seconds for method in self._measured.methods if method.scenario == scenario.name]
        seconds = min(_LONGEST_ROUND, max(1, math.ceil(max(rounds, default=1.0))))
        return RoundLength(seconds, self._bench.runner.spread(scenario))


def _not_looked_for(what: str, message: str, hint: str) -> ValidityNote:
    return ValidityNote("", f"{what} not looked for: {message}", hint, False)


def _failed(what: str, error: Exception) -> ValidityNote:
    return _not_looked_for(what, f"perfgate failed at it: {type(error).__name__}: {error}", "report it")


def _with_those_of_rows(found: Sequence[Cause], rows: Sequence[Comparison]) -> tuple[Cause, ...]:
    """The causes that were found by looking, and those that the rows of the scenario tell besides."""
    seen_inside = {cause.dependency for cause in found}
    whole = [cause for cause in dependency_causes(rows) if cause.dependency not in seen_inside]
    return in_order((*found, *whole)) or waiting_somewhere(rows)


def _no_time(names: str, seconds: float) -> ValidityNote:
    message = f"no function was looked for in {names}: {seconds:g} s are too few"
    return ValidityNote("", message, "to have one explained, name it alone and add --explain", False)


def _too_few(scenario: str, what: str, usable: int, fewest: int, hint: str) -> ValidityNote:
    message = f"too few rounds to name {what}: {usable} usable pairs, and it takes {fewest}"
    return ValidityNote(scenario, message, hint, False)


def _nothing_rose(scenario: str) -> ValidityNote:
    return ValidityNote(scenario, "no function was seen to take more CPU than on base", "", False)
