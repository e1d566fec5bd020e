"""What was asked for: options, perfgate.toml and scenario files as one value, checked before any load is sent."""

from __future__ import annotations

import os
import random
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perfgate.application.engines import readers, refuse_idle_workers, with_engine
from perfgate.cli.options import LoadOptions
from perfgate.compare.rules import Margin, Rules
from perfgate.config.reading import Config, load_config
from perfgate.machine.cpus import CpuSets, parse_cpus, read_cpus, split_cpus
from perfgate.scenario import AnyScenario
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.units import format_seconds

LOCAL_HISTORY = Path(".perfgate/local.db")


@dataclass(frozen=True)
class Asked:
    """Everything that a measuring command needs to know.

    cpus: for the generator and for the service. margins, budget: as the command line gave them, to say it again.
    """

    config: Config
    scenarios: tuple[AnyScenario, ...]
    wanted: tuple[str, ...]
    overrides: Overrides
    history: Path
    seed: int
    cpus: CpuSets
    margins: tuple[Margin, ...] = ()
    budget: float | None = None

    @property
    def folder(self) -> Path:
        return self.config.scenarios

    @property
    def names(self) -> tuple[str, ...]:
        """The scenarios that were declared, all of which must be measured."""
        return tuple(scenario.name for scenario in self.scenarios)


def ask(
    options: LoadOptions, wanted: Sequence[str], margins: Sequence[Margin] = (), budget: float | None = None
) -> Asked:
    """Put options over configuration, load the scenario files. Raises with every mistake that they hold."""
    config = load_config(options.config)
    config = replace(
        config,
        scenarios=options.scenarios or config.scenarios,
        round=options.round_seconds or config.round,
        budget=budget or config.budget,
        workers=options.workers or config.workers,
        engine=options.engine or config.engine,
        service=replace(config.service, cpus=options.cpus or config.service.cpus),
        rules=with_margins(config.rules, margins),
    )
    overrides = Overrides(options.vus, options.duration)
    seed = options.seed if options.seed is not None else config.seed
    machine, wish = read_cpus(), config.service.cpus
    found = load_scenarios(config.scenarios, wanted, overrides, readers(config))
    refuse_idle_workers(found, options.workers)
    return Asked(
        config=config,
        scenarios=with_engine(found, config),
        wanted=tuple(wanted),
        overrides=overrides,
        history=options.history or LOCAL_HISTORY,
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


def command_line(command: str, targets: Sequence[str], asked: Asked, options: LoadOptions) -> str:
    """The command that repeats a measurement on a person's machine."""
    words = ["perfgate", command, *targets, *asked.wanted, "--seed", str(asked.seed)]
    if asked.folder != Path("scenarios"):
        words += ["--scenarios", os.fspath(asked.folder)]
    given = {
        "--config": options.config,
        "--vus": options.vus,
        "--duration": options.duration,
        "--round": options.round_seconds,
        "--engine": options.engine,
        "--workers": options.workers,
        "--cpus": options.cpus,
        "--budget": asked.budget if command == "duet" else None,
    }
    for name, value in given.items():
        if value is not None:
            words += [name, format_seconds(value) if isinstance(value, float) else str(value)]
    for margin in asked.margins if command == "duet" else ():
        allowed = f"{margin.allowed * 100:g}%"
        words += ["--margin", allowed if margin.metric is None else f"{margin.metric}={allowed}"]
    return shlex.join(words)
