"""The scenarios of a worker: each pool of users gets them from a run of their file of its own.

What a file keeps (tokens, ids, caches) is of the service that it was got from, and means nothing to another.
"""

from __future__ import annotations

import sys
from pathlib import Path

from perfgate.errors import NoVerdictError, PerfgateError, ProblemsError
from perfgate.scenario import Scenario
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.loading import PythonReader, allow_late_imports, forget_neighbours
from perfgate.scenario.overrides import Overrides
from perfgate.scenario.source import place


class ScenarioCopies:
    """The scenarios of a folder. ProblemsError and UsageError as `load_scenarios`.

    wanted: names or files of those to load; () for all. seed: of what the files draw from `random` as they are run.
    known: the scenarios by name, as they were loaded first.
    """

    def __init__(self, folder: Path, wanted: tuple[str, ...], overrides: Overrides, seed: int) -> None:
        self._folder = folder
        self._overrides = overrides
        self._reader = PythonReader(seed)
        self.known = self._load(wanted)
        self._taken: set[Path] = set()
        allow_late_imports(scenario.file.parent for scenario in self.known.values())
        self._modules = set(sys.modules)

    def take(self, name: str) -> Scenario:
        """The scenario from a run of its file that nobody else has taken one from. NoVerdictError where there can be
        no further one.
        """
        known = self.known[name]
        if known.file not in self._taken:
            self._taken.add(known.file)
            return known
        # What was imported late is one module for all copies; what a file imports as it is run is its own.
        forget_neighbours(known.file.parent, self._modules)
        try:
            copy = self._load((str(known.file),)).get(name)
        except PerfgateError as error:
            raise _unrepeatable(known, _what(error)) from None
        if copy is None:
            raise _unrepeatable(known, f"there is no {name} in it then")
        return copy

    def _load(self, wanted: tuple[str, ...]) -> dict[str, Scenario]:
        found = load_scenarios(self._folder, wanted, self._overrides, (self._reader,))
        return {scenario.name: scenario for scenario in found if isinstance(scenario, Scenario)}


def _what(error: PerfgateError) -> str:
    if isinstance(error, ProblemsError):
        return "; ".join(f"{problem.message} ({problem.place})" for problem in error.problems)
    return error.message


def _unrepeatable(scenario: Scenario, why: str) -> NoVerdictError:
    return NoVerdictError(
        f"{place(scenario.file)} cannot be run again: {why}",
        "it is run once for each service, so that tokens and ids of one are not sent to another: leave out of it, and"
        " of what it imports from its folder, what can be done but once in a process",
    )
