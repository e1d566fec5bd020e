"""The bench: services that run, the engine that loads them, and the record of both."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace

from perfgate.application.bench.base_start import base_named
from perfgate.application.bench.cpu_interference import CpuInterference
from perfgate.application.bench.engines import new_engines
from perfgate.application.bench.records import new_records
from perfgate.application.context import Context
from perfgate.application.plan import MeasurementPlan
from perfgate.application.progress import ProgressReporter
from perfgate.application.separation import BuildsApart, sharing_named
from perfgate.errors import TargetError
from perfgate.git import GitError
from perfgate.load.engines import Engines
from perfgate.load.runner import Runner, Timing
from perfgate.machine.cpus import CpuSets, read_cpus, set_dependencies_apart
from perfgate.metrics.run import RunRecord
from perfgate.service.attribution.attribution import Attribution
from perfgate.service.attribution.pinning import Pinning
from perfgate.service.commits.refs import look_up_sides
from perfgate.service.counters.reading import CounterReader
from perfgate.service.ending import EndedPart, first_ended
from perfgate.service.kept_trees import KeptTrees
from perfgate.service.known_values import known_values
from perfgate.service.log import said_last
from perfgate.service.opening import open_target
from perfgate.service.resetting import prepare_round
from perfgate.service.service import Service
from perfgate.service.settings import LaunchContext
from perfgate.service.starting import with_heading
from perfgate.service.target import PetstoreTarget, Target

# The side of a run of one target, in records and rounds: it is neither base nor head.
ALONE = ""


class Bench:
    """A context manager: inside, all targets are ready and pinned; afterwards nothing of them is left.

    targets: by side: "base" and "head", or ALONE.
    trees: where work trees of commits go when it ends; None to remove them.
    handled: the side whose service was last opened, renewed or made ready: where that failed, the one to blame.
    """

    def __init__(
        self,
        context: Context,
        plan: MeasurementPlan,
        targets: Mapping[str, Target],
        command: str,
        progress: ProgressReporter,
        trees: KeptTrees | None = None,
    ) -> None:
        self._context = context
        self._trees = trees
        self.handled = ""
        self._plan = plan
        self._targets = targets
        self._command = command
        self._progress = progress
        self._stack = ExitStack()
        self._engine: Engines | None = None
        self._ended: dict[str, EndedPart] = {}
        self._builds = BuildsApart()

    def __enter__(self) -> Bench:
        plan = self._plan
        self._cpus = plan.cpus
        try:
            # All of them first: nothing is started where one of them does not exist.
            self._targets = look_up_sides(self._targets, self._opening)
            apart = set_dependencies_apart(plan.cpus, read_cpus().siblings)
            self._pin(apart if _names_dependencies(plan) else plan.cpus)
            self._services = {side: self._open(side, target) for side, target in self._targets.items()}
            self._counters = self._open_counters()
            environment = self._context.environment
            self._attribution = Attribution(self._services, environment, Pinning((), environment, self._progress.say))
            self._attribution.look()
            if any(map(self._attribution.dependencies, self._services)):
                self._pin(apart)
            self._stack.enter_context(self._attribution).pin_to(self._cpus.beside)
            self._stack.callback(self._stop_engine)
            self.play_by(plan)
        except BaseException:
            self._stack.close()
            raise
        self._records, self._refusal = new_records(self._context, plan, self._targets, self._command)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.clear()
        self._stack.close()

    def play_by(self, plan: MeasurementPlan) -> None:
        """Play the load of this plan from now on; services and machine stay as they are."""
        self._stop_engine()
        self._plan = plan = replace(plan, cpus=self._cpus)
        self._engine = new_engines(self._context, plan, self._progress.say)
        config = plan.config
        self.runner = Runner(
            self._engine,
            Timing(config.round_seconds, config.warm_up_timing, config.instances),
            plan.seed,
            self._progress.announce,
        )

    def _stop_engine(self) -> None:
        if self._engine is not None:
            self._engine.stop()
            self._engine = None

    @property
    def sides(self) -> tuple[str, ...]:
        """All that there are."""
        return tuple(self._targets)

    def other_containers(self) -> tuple[str, ...]:
        """The names of containers on this machine that belong to no side, as far as is known now; () without Docker."""
        measured = [service.instance.container for service in self._services.values()]
        measured += [one.container for side in self._services for one in self._attribution.dependencies(side)]
        if not any(measured):
            return ()
        from perfgate.service.containers.other_containers import other_containers

        return other_containers(measured, self._context.environment)

    @property
    def dependency_cpus(self) -> int:
        """How many CPUs dependencies have for themselves; 0 where they share the service's."""
        return len(self._cpus.dependencies)

    @property
    def resets(self) -> bool:
        """Whether services are set back before every round."""
        return self._plan.config.service.reset is not None

    def looked_up(self, side: str) -> Target:
        """The target on that side, a commit with its hash."""
        return self._targets[side]

    def service(self, side: str) -> Service:
        return self._services[side]

    def values(self, side: str) -> Mapping[str, str]:
        """What the placeholders of perfgate.toml stand for on that side."""
        return known_values(self._services[side], self._opening(side))

    def watch(self, side: str) -> CpuInterference:
        """A watch for a round on that side."""
        for name in self._attribution.found_late():
            self._progress.say(f"{name} was found only now: what CPU time it took before counted as other processes'")
        return CpuInterference(self._watched(), self._apart_from(side), self._attribution)

    def stands_alone(self, side: str) -> bool:
        """Whether the other side is another service, and not the same process, or container, under another address."""
        return len(self._apart_from(side)) == len(self._services) - 1

    def _apart_from(self, side: str) -> list[Service]:
        """The services of other sides, as far as they share no process with that of this one."""
        service = self._services[side]
        first = set(service.instance.processes())
        return [
            other
            for other in self._services.values()
            if other is not service and first.isdisjoint(other.instance.processes())
        ]

    @property
    def attribution(self) -> Attribution:
        """Tells what the services depend on."""
        return self._attribution

    def record(self, side: str) -> RunRecord:
        """The record of the run on that side, with the CPUs that everything was pinned to until now."""
        instance = self._services[side].instance
        found = {"generator": list(self._cpus.generator), "service": list(instance.cpus)}
        pinned = {cpu for one in self._attribution.dependencies(side) for cpu in one.cpus}
        return replace(self._records[side], cpus={**found, "dependencies": sorted(pinned)} if pinned else found)

    def _pin(self, cpus: CpuSets) -> None:
        """Keep this process, and the workers that inherit it, off all other CPUs of the sets while the bench stands."""
        self._cpus = cpus
        if not cpus.generator or not hasattr(os, "sched_setaffinity"):
            return
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cpus.generator)
        self._stack.callback(os.sched_setaffinity, 0, before)

    def _open(self, side: str, target: Target) -> Service:
        opening = self._opening(side)
        self.handled = side
        with base_named(side if self._command == "gate" else "", target), sharing_named(target, opening):
            service = self._stack.enter_context(open_target(target, opening))
        self._builds.confirm(target, service.instance.processes(), opening.settings)
        return service

    def _open_counters(self) -> dict[str, CounterReader]:
        """The readers of the sides that have counters: what perfgate.toml says is not about the embedded petstore."""
        found = {}
        for side, service in self._services.items():
            if self._plan.config.service.counters and not isinstance(self._targets[side], PetstoreTarget):
                found[side] = CounterReader(service, self._opening(side))
                found[side].check()
        return found

    def counters(self, side: str) -> CounterReader | None:
        """What reads the counters of that side; None where there are none."""
        return self._counters.get(side)

    def renew(self, side: str) -> None:
        """Put another instance of a service in the place of the one that runs."""
        self.handled = side
        with sharing_named(self._targets[side], self._opening(side)):
            self._services[side].renew()

    def _opening(self, side: str) -> LaunchContext:
        return LaunchContext(
            self._plan.config.service,
            self._cpus.service,
            self._context.folder.absolute(),
            self._context.environment,
            self._progress.say,
            side,
            own_cpus=self._cpus.dependencies,
            trees=self._trees,
        )

    def _watched(self) -> CpuSets:
        """The CPUs that belong to generator and services alone; none where a service runs who knows where.

        Dependencies that have CPUs of their own are part of the service here: a neighbour there disturbs it as well.
        """
        cpus = self._cpus
        if any(service.instance.cpus != cpus.service for service in self._services.values()):
            return CpuSets((), ())
        return CpuSets(cpus.generator, tuple(sorted((*cpus.service, *cpus.dependencies))))

    def prepare(self, side: str) -> None:
        """Make a service ready for a round; one that ended since the last one has its log shown."""
        self.handled = side
        try:
            prepare_round(self._targets[side], self._services[side], self._opening(side))
        except TargetError:
            self.trouble(side)
            raise
        self._attribution.load_begins()

    def trouble(self, side: str) -> str:
        """What is wrong with a service after a round, in a sentence; "" if nothing. Its log is shown once."""
        ended = first_ended(self._targets[side], self._services[side].instance)
        if ended is None:
            return ""
        if side not in self._ended:
            self._ended[side] = ended
            self._progress.say(f"{ended.called[0].upper()}{ended.called[1:]} has ended. {with_heading(ended.logs)}")
        return f"{ended.called} ended during the round{said_last(ended.logs)}"

    def confirm_running(self) -> None:
        """TargetError where a service was seen to have ended, so that nothing more of it can be measured.

        One that is there again did not answer for a moment: that round is invalid, and no more than that.
        """
        for side, ended in tuple(self._ended.items()):
            if first_ended(self._targets[side], self._services[side].instance) is None:
                del self._ended[side]
                continue
            self.handled = side
            raise ended.gone()

    @property
    def unknown_commit(self) -> GitError | None:
        """Why git does not tell what was measured, though there is a repository; None where it does."""
        return self._refusal if any(not record.commit for record in self._records.values()) else None


def _names_dependencies(plan: MeasurementPlan) -> bool:
    """Whether perfgate.toml says that services have dependencies on this machine."""
    return bool(plan.config.service.dependencies or plan.config.service.compose)
