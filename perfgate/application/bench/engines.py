"""The engines: which scenario is played by which, and what each of them must know."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from perfgate.application.context import Context
from perfgate.application.plan import MeasurementPlan
from perfgate.config.values import Config
from perfgate.errors import UsageError
from perfgate.load.engine import Engine
from perfgate.load.engines import Engines, Kind
from perfgate.load.generator.engine import PerfgateEngine, default_workers
from perfgate.load.generator.messages import WorkerConfig
from perfgate.load.generator.unique_ids import NONCES
from perfgate.load.k6.engine import K6Engine
from perfgate.load.k6.launcher import Launcher
from perfgate.load.k6.reader import K6Reader
from perfgate.load.k6.script import ENGINE as K6
from perfgate.load.locust_version import LOCUST, locust_version, require_locust
from perfgate.load.locustfile.engine import LocustfileEngine
from perfgate.load.locustfile.reader import LocustfileReader
from perfgate.load.machines.engine import MachinesEngine
from perfgate.load.machines.messages import ClusterConfig
from perfgate.scenario import AnyScenario, Scenario, Script
from perfgate.scenario.scenario import OWN_ENGINE
from perfgate.scenario.script import Reader

# What can play our own scenario files. A script is played by its own engine, whatever else is asked for.
_PLAY_OUR_OWN = (OWN_ENGINE, LOCUST)


def readers(context: Context, config: Config) -> tuple[Reader, ...]:
    """Who reads the scripts of other engines."""
    return (K6Reader(Launcher(config.k6, context.environment)), LocustfileReader())


def with_engine(scenarios: Sequence[AnyScenario], config: Config) -> tuple[AnyScenario, ...]:
    """The scenarios with the configured engine for our own files. UsageError where it cannot play them."""
    engine = config.engine
    own = [scenario.name for scenario in scenarios if isinstance(scenario, Scenario)]
    if own and engine not in _PLAY_OUR_OWN:
        raise UsageError(
            f"{engine} cannot play {', '.join(own)}: that takes a script of its own",
            "leave --engine out; every file is played by the engine that it is written for",
        )
    if own and engine == LOCUST:
        require_locust()
        _machines_wanted(config.workers)
    return tuple(
        replace(scenario, engine=engine) if isinstance(scenario, Scenario) else scenario for scenario in scenarios
    )


def refuse_idle_workers(scenarios: Sequence[AnyScenario], workers: int | None) -> None:
    """UsageError where --workers was given and nothing that was chosen is played by workers."""
    if workers is not None and not any(isinstance(scenario, Scenario) for scenario in scenarios):
        names = ", ".join(scenario.name for scenario in scenarios)
        raise UsageError(
            f"--workers does nothing for {names}: a script is played by one process of its engine",
            "leave --workers (or PERFGATE_WORKERS) out; one k6 uses all CPUs of the generator, one Locust a single one",
        )


def new_engines(context: Context, plan: MeasurementPlan, say: Callable[[str], None]) -> Engines:
    """The engines of a measurement, none of them started yet. say: told a line at a time of what takes a while."""
    makers: dict[Kind, Callable[[], Engine]] = {
        (OWN_ENGINE, Scenario): partial(_new_perfgate, context, plan),
        (K6, Script): partial(_new_k6, context, plan),
        (LOCUST, Script): lambda: LocustfileEngine(_verify(plan.config)),
        (LOCUST, Scenario): partial(_new_machines, plan, say),
    }
    return Engines(makers)


def engine_versions(context: Context, plan: MeasurementPlan) -> dict[str, str]:
    """The versions of the engines that are not ours, as far as a scenario asks for them."""
    tellers: dict[str, Callable[[], str]] = {
        K6: lambda: Launcher(plan.config.k6, context.environment).version,
        LOCUST: locust_version,
    }
    played_by = {scenario.engine for scenario in plan.scenarios}
    return {engine: version() for engine, version in tellers.items() if engine in played_by}


def _new_k6(context: Context, plan: MeasurementPlan) -> K6Engine:
    launcher = Launcher(plan.config.k6, context.environment, _verify(plan.config))
    return K6Engine(launcher, len(plan.cpus.generator))


def _new_perfgate(context: Context, plan: MeasurementPlan) -> PerfgateEngine:
    scenarios = [scenario for scenario in plan.scenarios if scenario.engine == OWN_ENGINE]
    cpus = plan.cpus.generator
    most_vus = max(scenario.profile.vus_max for scenario in scenarios)
    return PerfgateEngine(
        WorkerConfig(
            folder=str(context.path(plan.folder)),
            wanted=tuple(sorted({str(scenario.file) for scenario in scenarios})),
            vus=plan.overrides.vus,
            duration=plan.overrides.duration,
            scales=dict(plan.overrides.scales),
            workers=plan.config.workers or default_workers(most_vus, len(cpus) or (os.cpu_count() or 1)),
            nonce=secrets.randbelow(NONCES),
            seed=plan.seed,
            cpus=tuple(cpus),
            verify=_verify(plan.config),
        )
    )


def _new_machines(plan: MeasurementPlan, say: Callable[[str], None]) -> MachinesEngine:
    """The engine for our own scenarios on other machines, not started yet."""
    scenarios = [scenario for scenario in plan.scenarios if isinstance(scenario, Scenario)]
    settings = plan.config.locust
    verify = plan.config.service.verify
    if isinstance(verify, Path):
        raise UsageError(
            f"verify under [service] in perfgate.toml: {verify.name} is on this machine, and others make the load",
            "name it on each machine, in the environment variable SSL_CERT_FILE, and leave verify out",
        )
    return MachinesEngine(
        ClusterConfig(
            machines=_machines_wanted(plan.config.workers),
            host=settings.host,
            port=settings.port,
            patience=settings.wait,
            vus=plan.overrides.vus,
            duration=plan.overrides.duration,
            scales=dict(plan.overrides.scales),
            nonce=secrets.randbelow(NONCES),
            seed=plan.seed,
            verify=verify,
        ),
        [scenario for scenario in scenarios if scenario.engine == LOCUST],
        say,
    )


def _verify(config: Config) -> bool | str:
    """How the certificate of a target is verified, as a requests.Session has it."""
    verify = config.service.verify
    return str(verify) if isinstance(verify, Path) else verify


def _machines_wanted(workers: int | None) -> int:
    """How many machines were asked for. UsageError where nobody said."""
    if workers is None:
        raise UsageError(
            "--engine locust plays scenarios on other machines, and nobody said on how many",
            "add --workers N, and run perfgate worker --master HOST on each of them",
        )
    return workers
