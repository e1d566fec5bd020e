"""Notes on entries of perfgate.toml that are about nothing: a typo there would go unnoticed, and accept nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from perfgate.compare.rows import Row, rows_of_readings
from perfgate.compare.rules import Margin
from perfgate.errors import nearest
from perfgate.metrics.catalogue import covers, metric_of, name_in
from perfgate.metrics.readings import RunReadings
from perfgate.metrics.request_names import OTHER
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


@dataclass(frozen=True)
class Entries:
    """What perfgate.toml and the command line say about rows.

    acceptances: the `[[accept]]`.
    margins: the `[[margins]]`.
    options: the margins of --margin.
    """

    acceptances: Sequence[Acceptance]
    margins: Sequence[Margin]
    options: Sequence[Margin]

    def of_file(self) -> Iterator[tuple[str, Acceptance | Margin]]:
        """Those of perfgate.toml, each with its place and what it does not do if it is about nothing."""
        for number, acceptance in enumerate(self.acceptances, 1):
            yield f"[[accept]] {number} accepts nothing", acceptance
        for number, margin in enumerate(self.margins, 1):
            yield f"[[margins]] {number} holds nowhere", margin

    def of_command_line(self) -> Iterator[tuple[str, Margin]]:
        """Likewise those of --margin."""
        for margin in self.options:
            if margin.metric is not None:
                yield f"--margin {margin.metric} holds nowhere", margin


def check_entries(entries: Entries, played: PlayedScenarios, *runs: RunReadings) -> tuple[ValidityNote, ...]:
    """Notes on entries whose scenario is not declared, sends no such request, or has no such row.

    Where only some scenarios were chosen, nothing is known of the others, and perfgate.toml may mean them. runs: what
    was measured, by side.
    """
    requests: dict[str, set[str]] = {name: set() for name in played.names}
    rows: dict[Row, None] = {}
    for scenario in (scenario for run in runs for scenario in run.scenarios):
        requests.setdefault(scenario.scenario, set()).update(scenario.requests)
        rows |= dict.fromkeys(rows_of_readings(scenario) if scenario.requests else ())
    measured = _Measured(requests, tuple(rows), played.all_there_are)
    of_file = (note for place, entry in entries.of_file() for note in _note_on(place, entry, measured))
    this_time = replace(measured, all_there_are=True)
    return (*of_file, *(note for place, one in entries.of_command_line() for note in _note_on(place, one, this_time)))


@dataclass(frozen=True)
class _Measured:
    """What was measured on any side.

    requests: the names of all that were sent, by scenario.
    rows: what can be compared.
    all_there_are: whether no other scenarios are declared.
    """

    requests: dict[str, set[str]]
    rows: tuple[Row, ...]
    all_there_are: bool


def _note_on(place: str, entry: Acceptance | Margin, measured: _Measured) -> Iterator[ValidityNote]:
    """place: of the entry, with what it does not do."""
    scenario, request, requests = entry.scenario, entry.request, measured.requests
    if scenario is not None and scenario not in requests:
        if measured.all_there_are:
            yield _missing(f"{place}: there is no scenario {scenario!r}", scenario, list(requests))
        return
    sent = requests[scenario] if scenario is not None else set().union(*requests.values())
    if not sent or (scenario is None and not measured.all_there_are):
        return
    if request is not None and not {request, OTHER} & sent:
        who = "no scenario sends a" if scenario is None else f"{scenario} sends no"
        yield _missing(f"{place}: {who} request {request!r}", request, sorted(sent))
    elif OTHER not in sent:
        yield from _note_without_rows(place, entry, measured.rows)


def _note_without_rows(place: str, entry: Acceptance | Margin, rows: Sequence[Row]) -> Iterator[ValidityNote]:
    there = [row for row in rows if entry.scenario in (None, row.scenario) and entry.request in (None, row.request)]
    metric, stat = entry.metric, entry.stat if isinstance(entry, Margin) else None
    if any((metric is None or covers(metric, row.metric)) and stat in (None, row.stat) for row in there):
        return
    what = " ".join(filter(None, (metric, stat))) + ("" if entry.request is None else f" of {entry.request}")
    who = "no scenario has" if entry.scenario is None else f"{entry.scenario} has no"
    named = [row.metric for row in there if metric and name_in(metric) and metric_of(row.metric) is metric_of(metric)]
    yield _missing(f"{place}: {who} {what} to compare", metric or "", sorted(set(named)))


def _missing(message: str, word: str, known: Sequence[str]) -> ValidityNote:
    meant = nearest(word, known)
    hint = f"did you mean {meant!r}?" if meant else "mend it there, or take it out"
    return ValidityNote("", message + what_there_is(known), hint, False)
