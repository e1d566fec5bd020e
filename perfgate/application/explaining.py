"""Why head is slower: more pairs under a profiler once the verdict is known. No verdict and no history has them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from perfgate.application.bench import Bench
from perfgate.application.context import Context
from perfgate.application.judging import judge_duet
from perfgate.application.measuring import Explanation, MeasuredDuet
from perfgate.application.plan import MeasurementPlan
from perfgate.application.profiling import Profiling
from perfgate.application.progress import ProgressReporter
from perfgate.errors import NoVerdictError
from perfgate.explain.cause import Cause
from perfgate.explain.causes import find_causes
from perfgate.explain.profilers.choice import choose_profiler
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.git import Git
from perfgate.service.target import CommitTarget
from perfgate.tokens import without_tokens
from perfgate.verdict import ValidityNote

# A longer round leaves fewer pairs.
_LONGEST_ROUND = 2
# More scenarios would leave too little load for each.
_MOST_SCENARIOS = 2


class Explain(str, Enum):
    """When a duet is explained."""

    NEVER = "never"
    AFTER_RED = "after red"
    """After a regression, where a profiler serves."""
    ALWAYS = "always"
    """Whatever the verdict; where no profiler serves, a note says what is missing."""


def explained(
    context: Context,
    plan: MeasurementPlan,
    bench: Bench,
    measured: MeasuredDuet,
    when: Explain,
    progress: ProgressReporter,
) -> MeasuredDuet:
    """The duet with its causes, where they are asked for, while its services still run."""
    ending = measured.ending
    if when is Explain.NEVER or ending.interrupted or ending.stopped:
        return measured
    names = _scenarios_to_explain(context, plan, measured, when)
    if not names:
        return measured
    explanation: Explanation | None = None
    try:
        explanation = _explain(context, plan, bench, measured, names, progress)
    except ProfilerError as error:
        # What nobody asked for is not missed.
        if when is Explain.ALWAYS:
            explanation = _unexplained(error.message, error.hint)
    except NoVerdictError as error:
        explanation = _unexplained(error.message, error.hint)
    except KeyboardInterrupt:
        progress.say("Interrupted: the verdict stands, and is not explained.")
    return replace(measured, explanation=explanation)


def _scenarios_to_explain(
    context: Context, plan: MeasurementPlan, measured: MeasuredDuet, when: Explain
) -> tuple[str, ...]:
    """Those with regressions, the worst first; where there is none, and causes are asked for, the first ones."""
    reasons = judge_duet(context, plan, measured, "").reasons
    red = tuple(dict.fromkeys(reason.row.row.scenario for reason in reasons if reason.is_regression and reason.row))
    names = red or (plan.names if when is Explain.ALWAYS else ())
    return names[:_MOST_SCENARIOS]


def _explain(
    context: Context,
    plan: MeasurementPlan,
    bench: Bench,
    measured: MeasuredDuet,
    names: Sequence[str],
    progress: ProgressReporter,
) -> Explanation:
    settings = plan.config.explain
    pids = [bench.service(side).instance.processes() for side in ("base", "head")]
    profiler = choose_profiler(settings, pids, ProfilerPlace(context.folder, without_tokens(context.environment)))
    changed = _changed_files(context, bench)
    profiling = Profiling(bench, profiler)
    causes: list[Cause] = []
    notes: list[ValidityNote] = []
    for scenario in plan.scenarios:
        if scenario.name not in names:
            continue
        progress.scenario(scenario.name)
        length = _round_seconds(measured, scenario.name)
        count = int(settings.seconds / len(names) / (2 * length))
        found = find_causes(profiling.pairs(scenario, count, length), scenario.name, profiler.name, changed)
        causes += found
        if not found:
            notes.append(_nothing_rose(scenario.name, profiler.name))
    return Explanation(tuple(causes), tuple(notes))


def _round_seconds(measured: MeasuredDuet, scenario: str) -> int:
    """As in the duet, in whole seconds: many profilers take no others."""
    rounds = [method.round_seconds for method in measured.methods if method.scenario == scenario]
    return min(_LONGEST_ROUND, max(1, math.ceil(max(rounds, default=1.0))))


def _changed_files(context: Context, bench: Bench) -> frozenset[str] | None:
    """The files that differ between the two commits; None where the sides are no commits."""
    base, head = bench.looked_up("base"), bench.looked_up("head")
    if not isinstance(base, CommitTarget) or not isinstance(head, CommitTarget):
        return None
    git = Git(context.folder, context.environment)
    listed = git.ask("diff", "--name-only", "--no-renames", "-z", base.commit.treeish, head.commit.treeish, "--")
    return None if listed is None else frozenset(filter(None, listed.split("\0")))


def _unexplained(message: str, hint: str) -> Explanation:
    return Explanation((), (ValidityNote("", f"the cause was not looked for: {message}", hint, False),))


def _nothing_rose(scenario: str, profiler: str) -> ValidityNote:
    message = f"no function takes more CPU than on base, as far as {profiler} saw"
    return ValidityNote(
        scenario, message, "where requests still take longer, they wait: for a dependency, a lock or a timer", False
    )
