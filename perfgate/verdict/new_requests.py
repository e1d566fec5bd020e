"""What base does not know yet: notes on it, and base without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perfgate.compare.new_request import NewRequests
from perfgate.compare.pairs import new_on_head
from perfgate.compare.rules import Rules
from perfgate.metrics.run import Run, ScenarioRun
from perfgate.verdict.values import ValidityNote

_HINT = "a threshold can limit it; once base has it, the next change is compared with it"


def find_new(base: Run, head: Run, rules: Rules) -> dict[str, NewRequests]:
    """The requests that only head knows, by scenario; without scenarios that have none."""
    on_head = {scenario.scenario: scenario for scenario in head.scenarios}
    found = {
        scenario.scenario: new_on_head(scenario, on_head[scenario.scenario], rules)
        for scenario in base.scenarios
        if scenario.scenario in on_head
    }
    return {name: new for name, new in found.items() if new.names}


def check_new(found: Mapping[str, NewRequests]) -> tuple[ValidityNote, ...]:
    """A note on each scenario with requests that only head knows."""
    return tuple(ValidityNote(name, str(new), _HINT, False) for name, new in found.items())


def without_new(base: Run, found: Mapping[str, NewRequests]) -> Run:
    """Base as far as it could answer: without scenarios of which it knows nothing, and without requests it lacks."""
    kept = (one for one in base.scenarios if one.scenario not in found or not found[one.scenario].whole)
    return replace(base, scenarios=tuple(_known_part(one, found.get(one.scenario)) for one in kept))


def _known_part(scenario: ScenarioRun, new: NewRequests | None) -> ScenarioRun:
    if new is None:
        return scenario
    rounds = (replace(round_, tally=new.known_part(round_.tally)) for round_ in scenario.rounds)
    return replace(scenario, rounds=tuple(rounds))
