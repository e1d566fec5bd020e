"""`--scale auto`: as much load as keeps the service's CPUs a third busy, found by trying the load as it is."""

from __future__ import annotations

import math
from dataclasses import replace

from perfgate.application.bench.bench import Bench
from perfgate.application.bench.loaded_side import LoadedSide
from perfgate.application.measuring import MeasuredDuet
from perfgate.application.plan import MeasurementPlan
from perfgate.application.progress import ProgressReporter
from perfgate.config.values import AUTO, MOST_SCALE
from perfgate.scenario import AnyScenario
from perfgate.scenario.overrides import with_overrides
from perfgate.scenario.script import Script
from perfgate.units import format_short

# A little less than a third of the CPUs, for all sides together: beyond it they would take turns (`load.warm_up`).
_GOAL = 0.3

# Few different factors, so that runs of one load are mostly of one load, and can be compared with each other.
_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)


def fit_scale(plan: MeasurementPlan, bench: Bench, progress: ProgressReporter) -> MeasurementPlan:
    """The plan with load that fits the service, where that was asked for; the bench then plays that."""
    if plan.config.scale != AUTO:
        return plan
    scales = {}
    for scenario in plan.scenarios:
        progress.scenario(scenario.name)
        busy = bench.runner.probe(scenario, tuple(LoadedSide(bench, side) for side in bench.sides)).busy
        scales[scenario.name] = fitting(busy)
        why = f"as the load keeps the CPUs {format_short(busy * 100)} % busy"
        progress.say(f"{scenario.name}: --scale {scales[scenario.name]:g}, {why}")
    fitted = replace(
        plan,
        scenarios=tuple(_scaled(scenario, scales[scenario.name]) for scenario in plan.scenarios),
        overrides=replace(plan.overrides, scales=scales),
    )
    bench.play_by(fitted)
    return fitted


def fitting(busy: float) -> float:
    """How many times a load that keeps the CPUs this busy may be played, never less than once."""
    most = min(float(MOST_SCALE), _GOAL / busy) if busy > 0 else 1.0
    if most < 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return max(step * power for step in _STEPS if step * power <= most)


def enough(times: float) -> float:
    """The smallest step that is at least so many times the load."""
    power = 10.0 ** math.floor(math.log10(max(1.0, times)))
    return next(step * power for step in (*_STEPS, 10.0) if step * power >= times)


def busy_share(measured: MeasuredDuet) -> float | None:
    """The share of its CPUs that the load of both sides keeps the service busy, at most; None where unknown.

    Its dependencies count, as if they ran on its CPUs, too.
    """
    cpus = len(measured.head.record.cpus.get("service", ()))
    used: dict[str, float] = {}
    for run in (*measured.base.scenarios, *measured.head.scenarios):
        total = run.total
        if total.service_cpu_seconds is None or not total.seconds or not cpus:
            return None
        spent = total.service_cpu_seconds + sum(one.cpu_seconds for one in (total.dependencies or {}).values())
        used[run.scenario] = used.get(run.scenario, 0.0) + spent / total.seconds / cpus
    return max(used.values(), default=None)


def _scaled(scenario: AnyScenario, factor: float) -> AnyScenario:
    profile = with_overrides(scenario.profile, scale=factor)
    if isinstance(scenario, Script):
        return replace(scenario, profile=profile)
    return replace(scenario, profile=with_overrides(scenario.profile, scale=factor))
