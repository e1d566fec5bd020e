"""Making the measurement plan of options, perfgate.toml and scenario files, and the command line that repeats it."""

from __future__ import annotations

import os
import random
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from perfgate.application.bench.engines import readers, refuse_idle_workers, with_engine
from perfgate.application.context import Context
from perfgate.application.plan import Histories, LoadOptions, MeasurementPlan
from perfgate.compare.rules import Margin, Rules
from perfgate.config.reading import load_config
from perfgate.config.values import AUTO, DEFAULT_FILE
from perfgate.errors import UsageError
from perfgate.load.locust_version import LOCUST
from perfgate.machine.cpus import parse_cpus, read_cpus, split_cpus
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.service.trust import checked
from perfgate.units import format_seconds


def plan_measurement(
    context: Context,
    options: LoadOptions,
    wanted: Sequence[str],
    margins: Sequence[Margin] = (),
    budget: float | None = None,
) -> MeasurementPlan:
    """Put options over configuration, load the scenario files. Raises with every mistake that they hold."""
    config = load_config(options.config, context.folder)
    config = replace(
        config,
        scenarios=options.scenarios or config.scenarios,
        round=options.round_seconds or config.round,
        budget=budget or config.budget,
        scale=options.scale or config.scale,
        workers=options.workers or config.workers,
        engine=options.engine or config.engine,
        service=replace(
            config.service,
            cpus=options.cpus or config.service.cpus,
            verify=checked(config.service.verify, context.path(options.config or DEFAULT_FILE).parent),
        ),
        rules=with_margins(config.rules, margins),
    )
    overrides = Overrides(options.vus, options.duration, {} if config.scale in (AUTO, 1.0) else {"": config.scale})
    seed = options.seed if options.seed is not None else config.seed
    machine, wish = read_cpus(), config.service.cpus
    folder = context.path(config.scenarios)
    found = load_scenarios(folder, wanted, overrides, readers(context, config), context.folder)
    own = context.path(options.history or config.local_history)
    refuse_idle_workers(found, options.workers)
    if config.scale == AUTO and config.engine == LOCUST:
        raise UsageError(
            "--scale auto tries the load first, and machines join once", "write how many times, like --scale 4"
        )
    return MeasurementPlan(
        config=config,
        scenarios=with_engine(found, config),
        wanted=tuple(wanted),
        overrides=overrides,
        histories=Histories(own, (own, context.path(config.history))),
        seed=random.SystemRandom().randrange(1, 1_000_000) if seed is None else seed,
        cpus=split_cpus(machine.available, machine.siblings, parse_cpus(wish) if wish else None),
        margins=tuple(margins),
        budget=budget,
    )


def with_margins(rules: Rules, margins: Sequence[Margin]) -> Rules:
    """The rules with --margin: one without a metric is the new default, and takes the file's own margins with it."""
    for margin in margins:
        if margin.metric is None:
            rules = replace(rules, margin=margin.allowed, margins=())
    named = tuple(margin for margin in margins if margin.metric is not None)
    return replace(rules, margins=rules.margins + named)


def command_line(command: str, targets: Sequence[str], plan: MeasurementPlan, options: LoadOptions) -> str:
    """The command that repeats a measurement on a person's machine."""
    words = ["perfgate", command, *targets, *plan.wanted, "--seed", str(plan.seed)]
    if plan.folder != Path("scenarios"):
        words += ["--scenarios", os.fspath(plan.folder)]
    given = {
        "--config": options.config,
        "--vus": options.vus,
        "--duration": options.duration,
        "--scale": options.scale if options.scale in (AUTO, None) else f"{options.scale:g}",
        "--round": options.round_seconds,
        "--engine": options.engine,
        "--workers": options.workers,
        "--cpus": options.cpus,
        "--budget": plan.budget if command == "duet" else None,
    }
    for name, value in given.items():
        if value is not None:
            words += [name, format_seconds(value) if isinstance(value, float) else str(value)]
    for margin in plan.margins if command == "duet" else ():
        allowed = f"{margin.allowed * 100:g}%"
        words += ["--margin", allowed if margin.metric is None else f"{margin.metric}={allowed}"]
    return shlex.join(words)
