"""What a gate would measure, and for how long at most: nothing is built, started or loaded for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perfgate.application.context import Context
from perfgate.application.dry_running.seeing import Foresight, foresight
from perfgate.application.explaining import Explain
from perfgate.application.gate_targets import GateTargets
from perfgate.application.plan import MeasurementPlan
from perfgate.config.values import AUTO, Config
from perfgate.errors import UsageError
from perfgate.load.duet_plan import shares
from perfgate.load.pacer import slices
from perfgate.load.runner import LONGEST_RUN
from perfgate.metrics.run import pair_count
from perfgate.report.dry_run.values import DryRun, PlannedDependency, PlannedScenario, PlannedSide, Way
from perfgate.scenario import AnyScenario
from perfgate.service.commits.refs import look_up_sides
from perfgate.service.placeholders import SHA, SIDE, fill, side_name
from perfgate.service.settings import DependencySettings, LaunchContext
from perfgate.service.target import CommitTarget, ImageTarget, PetstoreTarget, Target, parse_target


def dry_run(context: Context, plan: MeasurementPlan, targets: GateTargets, explain: Explain) -> DryRun:
    """What a gate would do with these targets. UsageError for what it would refuse before any load is sent."""
    config = plan.config
    names = {"base": targets.base, "head": targets.head}
    launch = LaunchContext(config.service, folder=context.folder, environment=context.environment, say=context.say)
    wanted = {side: parse_target(text) for side, text in names.items() if text is not None}
    found = look_up_sides(wanted, lambda _: launch)
    is_duet = "base" in found
    started = any(isinstance(target, (CommitTarget, ImageTarget)) for target in found.values())
    renewed = any(isinstance(target, (CommitTarget, ImageTarget, PetstoreTarget)) for target in found.values())
    seen = foresight(context, plan, is_duet)
    instances = (config.instances if renewed else 1) if is_duet else 0
    return DryRun(
        sides=tuple(_side(side, target, config) for side, target in found.items()),
        dependencies=tuple(map(_dependency, config.service.dependencies)) if started else (),
        seed=_shown(config.service.seed) if started else "",
        scenarios=tuple(_scenario(one, config, instances, seen) for one in plan.scenarios),
        round_seconds=config.round_seconds,
        scaled=config.scale == AUTO,
        explain_seconds=0.0 if explain is Explain.NEVER or not is_duet else config.explain.seconds,
        runs_missing=seen.runs_missing,
    )


def _side(side: str, target: Target, config: Config) -> PlannedSide:
    commit = target.commit if isinstance(target, CommitTarget) else None
    way, what = _start(side, target, config)
    return PlannedSide(
        side=side,
        target=target.text,
        commit=commit.sha if commit else "",
        branch=commit.branch if commit else "",
        changed=bool(commit and commit.tree),
        way=way,
        what=what,
        build_command=_shown(config.service.build_command) if way is Way.COMMAND else "",
    )


def _start(side: str, target: Target, config: Config) -> tuple[Way, str]:
    """How a side is started, and with what."""
    if isinstance(target, PetstoreTarget):
        return Way.PETSTORE, ""
    if isinstance(target, ImageTarget):
        return Way.IMAGE, target.name
    if not isinstance(target, CommitTarget):
        return Way.RUNNING, ""
    service = config.service
    if service.command:
        return Way.COMMAND, _shown(service.command)
    if service.compose:
        return Way.COMPOSE, " ".join(filter(None, (str(service.compose), service.compose_service)))
    if service.image:
        values: Mapping[str, str] = {SIDE: side_name(side), SHA: target.commit.sha}
        return Way.IMAGE, fill(service.image, values)
    return Way.BUILD, str(service.build)


def _shown(command: Sequence[str]) -> str:
    """A command as a person would write it; of a shell what it is given."""
    return command[2] if tuple(command[:2]) == ("sh", "-c") and len(command) == 3 else " ".join(command)


def _dependency(settings: DependencySettings) -> PlannedDependency:
    if settings.image:
        return PlannedDependency(settings.name, Way.IMAGE, settings.image)
    if settings.command:
        return PlannedDependency(settings.name, Way.COMMAND, _shown(settings.command))
    return PlannedDependency(settings.name, Way.RUNNING, "")


def _scenario(scenario: AnyScenario, config: Config, instances: int, seen: Foresight) -> PlannedScenario:
    """instances: of each side, at most; 0 where head alone is measured."""
    first = slices(scenario.profile, min(config.round_seconds, scenario.profile.duration))[0]
    # A round of so many iterations ends with them, at its length at the latest; its warm-up is one such round.
    warm_up = first.length if first.iterations else config.warm_up_timing.longest
    pairs, load = 0, scenario.profile.duration
    if instances:
        load = max(config.budget, 2 * first.length)
        # Both sides at the same time make the most pairs: a slice of time is one then.
        pairs = pair_count(config.budget, first.length * (2 if first.iterations else 1))
        instances = len(shares(pairs, instances))
    elif load > LONGEST_RUN:
        raise UsageError(
            f"{scenario.name} asks for a load of {load / 86_400:.0f} days", "say how long with --duration 20s"
        )
    tried = (2 if instances else 1) * config.warm_up if config.scale == AUTO else 0.0
    foreseen = seen.scenarios.get(scenario.name)
    return PlannedScenario(
        scenario=scenario.name,
        engine=scenario.engine,
        executor=scenario.profile.executor,
        vus=scenario.profile.vus_max,
        load_seconds=load,
        warm_up_seconds=max(1, 2 * instances) * warm_up + tried,
        pairs=pairs,
        instances=max(1, instances),
        rows=foreseen.rows if foreseen else (),
        seen_at=foreseen.seen_at if foreseen else None,
    )
