"""perfgate.toml as values, with the defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from perfgate.compare.interference import FOREIGN_CPU
from perfgate.compare.rules import Rules
from perfgate.compare.stored.baseline import NEWEST_RUNS
from perfgate.explain.settings import ExplainSettings
from perfgate.load.k6.launcher import K6Settings
from perfgate.load.locust_version import LOCUST
from perfgate.load.machines.protocol import DEFAULT_PORT
from perfgate.load.warm_up_timing import WarmUpTiming
from perfgate.scenario.scenario import OWN_ENGINE
from perfgate.service.settings import ServiceSettings
from perfgate.verdict import Acceptance

DEFAULT_FILE = Path("perfgate.toml")
LOCAL_HISTORY = Path(".perfgate/local.db")
ENGINES = (OWN_ENGINE, "k6", LOCUST)

# The load that fits the service (`application.scaling`).
AUTO: Literal["auto"] = "auto"
MOST_SCALE = 1000

# A rank test over several scenarios needs a dozen pairs before it can prove anything, and twice that to be at ease.
_ENOUGH_PAIRS = 24
_LONGEST_ROUND = 0.5
_SHORTEST_ROUND = 0.25

# A runtime that compiles itself may get faster for so long (s), where the load is worth waiting for.
_LONGEST_WARM_UP = 60.0


@dataclass(frozen=True)
class LocustSettings:
    """`[locust]`: the place of Locust's master.

    host: where machines find the master: an address of this machine and a port; "*" for all addresses.
    port: the port to listen on; 0 for any that is free.
    wait: how long to wait for machines (s).
    """

    host: str = "*"
    port: int = DEFAULT_PORT
    wait: float = 120.0


@dataclass(frozen=True)
class Config:
    """The settings of perfgate.toml; the default of each field holds where the file lacks it.

    scenarios: the folder of the scenario files.
    round: length of a round (s); None for half a second, less where the budget is small.
    budget: load spent on each scenario, both sides together (s).
    warm_up: the least load before the first round on each target (s), left out of everything.
    warm_up_most: the most of it, while the service still gets faster (s); None for a minute, or the budget if less.
    scale: how many times the users and arrival rates of every scenario; "auto" until the service is a third busy.
    instances: how often a duet starts the service of each side, one after the other; 1 where a start takes long.
    workers: generator processes, or machines with Locust; None for as many as load and CPUs ask for.
    engine: the engine of scenario files of our own; scripts are played by theirs.
    locust: the settings of `[locust]`.
    seed: seed of pair order, data and think times; None for a new one each time.
    service: the settings of `[service]`.
    foreign_cpu: CPU that other processes may take from one round of a pair more than from the other; where one target
        is measured alone, all that they may take from a round (0.1 is 10 %).
    instance_noise: the standard deviation between instances of one program (0.01 is 1 %); None where unknown.
    base: the target string of the base, or "none" to measure head alone; None for the base commit of a pull request,
        with `[service]`.
    head: the target string of the head; None for `ref:HEAD` with `[service]`, else the petstore.
    accept_label: the label of a pull request that accepts what made its gate red; "" for none.
    on_inconclusive: the outcome of a gate that could not decide.
    history: the shared history file, where CI keeps runs.
    history_branch: the branch that holds the shared history alone; None for the branch that is measured.
    k6: the settings of `[k6]`.
    branch: the default branch, whose stored runs are the baseline.
    baseline_runs: how many of the newest runs make the baseline; 5 to 60.
    release: a commit, tag or branch that slow creep is measured from; None for none.
    rules: margins and error rate.
    acceptances: the accepted regressions.
    paths: patterns of files, from the top of the repository: a pull request that touches none of them is not measured.
    explain: the settings of `[explain]`.
    folder: the folder that perfgate.toml lies in, from the one that the command is called in.
    """

    scenarios: Path = Path("scenarios")
    round: float | None = None
    budget: float = 60.0
    warm_up: float = 2.0
    warm_up_most: float | None = None
    scale: float | Literal["auto"] = 1.0
    instances: int = 2
    workers: int | None = None
    engine: str = ENGINES[0]
    locust: LocustSettings = field(default_factory=LocustSettings)
    seed: int | None = None
    service: ServiceSettings = field(default_factory=ServiceSettings)
    foreign_cpu: float = FOREIGN_CPU
    instance_noise: float | None = None
    base: str | None = None
    head: str | None = None
    accept_label: str = "perfgate: accepted"
    on_inconclusive: Literal["pass", "fail"] = "pass"
    history: Path = Path("history/perfgate.db")
    history_branch: str | None = None
    k6: K6Settings = field(default_factory=K6Settings)
    branch: str = "main"
    baseline_runs: int = NEWEST_RUNS
    release: str | None = None
    rules: Rules = field(default_factory=Rules)
    acceptances: tuple[Acceptance, ...] = ()
    paths: tuple[str, ...] = ()
    explain: ExplainSettings = field(default_factory=ExplainSettings)
    folder: Path = Path()

    @property
    def local_history(self) -> Path:
        """The file for the runs of this checkout. Each service of a monorepo has its own, beside its configuration."""
        return self.folder / LOCAL_HISTORY

    @property
    def head_target(self) -> str:
        """What is measured where nobody names it: as configured, else what is checked out, else the petstore."""
        return self.head or ("ref:HEAD" if self.service.starts_commits else "petstore")

    @property
    def round_seconds(self) -> float:
        """The length of a round: as configured, else half a second, or less where the budget pays for few pairs."""
        if self.round is not None:
            return self.round
        return max(_SHORTEST_ROUND, min(_LONGEST_ROUND, self.budget / (2 * _ENOUGH_PAIRS)))

    @property
    def warm_up_timing(self) -> WarmUpTiming:
        """How long each target warms up: at most as configured, else a minute, but no longer than the budget."""
        most = min(_LONGEST_WARM_UP, self.budget) if self.warm_up_most is None else self.warm_up_most
        return WarmUpTiming(self.warm_up, max(self.warm_up, most))
