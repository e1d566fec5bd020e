"""What the dependencies of a scenario cost, as rows of `dependencies` and as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from perfgate.metrics.run import ScenarioRun

_MS_DECIMALS = 4


@dataclass(frozen=True)
class StoredDependency:
    """One dependency of one scenario; None where it could not be had.

    cpu_ms: CPU time per request (ms).
    memory_bytes: its peak memory.
    """

    cpu_ms: float | None
    memory_bytes: int | None


def dependencies_of(scenario_run: ScenarioRun) -> dict[str, StoredDependency]:
    """What a scenario is known to depend on, by name."""
    used = scenario_run.total.dependencies or {}
    return {
        name: StoredDependency(
            None if use.cpu_milliseconds is None else round(use.cpu_milliseconds, _MS_DECIMALS),
            use.memory_bytes or None,
        )
        for name, use in sorted(used.items())
    }


def rows_of_dependencies(
    run_id: str, scenario: str, dependencies: Mapping[str, StoredDependency]
) -> list[dict[str, Any]]:
    """The rows of `dependencies`."""
    return [{"run_id": run_id, "scenario": scenario, "name": name, **asdict(one)} for name, one in dependencies.items()]


def dependencies_by_scenario(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, StoredDependency]]:
    """The dependencies of a run's scenarios, by the rows of `dependencies`."""
    found: dict[str, dict[str, StoredDependency]] = {}
    for row in rows:
        found.setdefault(row["scenario"], {})[row["name"]] = StoredDependency(row["cpu_ms"], row["memory_bytes"])
    return found
