"""What many machines must know of what was asked for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from perfgate.errors import UsageError
from perfgate.load.generator.unique_ids import NONCES
from perfgate.load.locust_version import LOCUST
from perfgate.load.machines.engine import MachinesEngine, Muster
from perfgate.scenario import Scenario

if TYPE_CHECKING:
    from perfgate.application.planning import Asked


def new_machines(asked: Asked, say: Callable[[str], None]) -> MachinesEngine:
    """The engine for our own scenarios on other machines, not started yet."""
    scenarios = [scenario for scenario in asked.scenarios if isinstance(scenario, Scenario)]
    settings = asked.config.locust
    return MachinesEngine(
        Muster(
            machines=machines_wanted(asked.config.workers),
            host=settings.host,
            port=settings.port,
            patience=settings.wait,
            vus=asked.overrides.vus,
            duration=asked.overrides.duration,
            nonce=secrets.randbelow(NONCES),
            seed=asked.seed,
        ),
        [scenario for scenario in scenarios if scenario.engine == LOCUST],
        say,
    )


def machines_wanted(workers: int | None) -> int:
    """How many machines were asked for. UsageError where nobody said."""
    if workers is None:
        raise UsageError(
            "--engine locust plays scenarios on other machines, and nobody said on how many",
            "add --workers N, and run perfgate worker --master HOST on each of them",
        )
    return workers
