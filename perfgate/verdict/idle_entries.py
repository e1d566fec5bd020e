"""Notes on entries of perfgate.toml that are about nothing: a typo there would go unnoticed, and accept nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfgate.compare.rules import Margin
from perfgate.errors import nearest
from perfgate.metrics.request_names import OTHER
from perfgate.metrics.run import Run
from perfgate.verdict.accept import Acceptance
from perfgate.verdict.values import ValidityNote
from perfgate.verdict.wording import what_there_is


@dataclass(frozen=True)
class PlayedScenarios:
    """The scenarios of a measurement.

    names: of those that were to be measured.
    all_there_are: whether no other ones are declared.
    """

    names: tuple[str, ...]
    all_there_are: bool


def check_entries(
    acceptances: Sequence[Acceptance], margins: Sequence[Margin], played: PlayedScenarios, *runs: Run
) -> tuple[ValidityNote, ...]:
    """Notes on `[[accept]]` and `[[margins]]` whose scenario is not declared, or sends no such request.

    Where only some scenarios were chosen, nothing is known of the others. runs: what was measured, by side.
    """
    requests: dict[str, set[str]] = {name: set() for name in played.names}
    for run in runs:
        for scenario in run.scenarios:
            requests.setdefault(scenario.scenario, set()).update(scenario.total.requests)
    entries: list[tuple[str, Acceptance | Margin]] = [
        *((f"[[accept]] {number} accepts nothing", one) for number, one in enumerate(acceptances, 1)),
        *((f"[[margins]] {number} holds nowhere", one) for number, one in enumerate(margins, 1)),
    ]
    return tuple(note for place, entry in entries for note in _note_on(place, entry, requests, played.all_there_are))


def _note_on(
    place: str, entry: Acceptance | Margin, requests: dict[str, set[str]], all_there_are: bool
) -> Iterator[ValidityNote]:
    """place: of the entry, with what it does not do. requests: the names of all that were sent, by scenario."""
    scenario, request = entry.scenario, entry.request
    if scenario is not None and scenario not in requests:
        if all_there_are:
            yield _missing(f"{place}: there is no scenario {scenario!r}", scenario, list(requests))
        return
    if request is None or (scenario is None and not all_there_are):
        return
    sent = requests[scenario] if scenario is not None else set().union(*requests.values())
    if sent and not {request, OTHER} & sent:
        who = "no scenario sends a" if scenario is None else f"{scenario} sends no"
        yield _missing(f"{place}: {who} request {request!r}", request, sorted(sent))


def _missing(message: str, word: str, known: Sequence[str]) -> ValidityNote:
    meant = nearest(word, known)
    hint = f"did you mean {meant!r}?" if meant else "mend it in perfgate.toml, or take it out there"
    return ValidityNote("", message + what_there_is(known), hint, False)
