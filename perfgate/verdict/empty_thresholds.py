"""Notes on thresholds that nothing was measured for: a typo in the name that one is for is the usual reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfgate.errors import nearest
from perfgate.metrics.catalogue import COUNTER, count_of, dependency_of, metric_of, name_in
from perfgate.metrics.request_names import OTHER
from perfgate.metrics.run import Run
from perfgate.metrics.tally import Tally
from perfgate.metrics.threshold import Threshold, ThresholdResult
from perfgate.verdict.values import ValidityNote
from perfgate.verdict.wording import what_there_is


def check_thresholds(run: Run, results: Sequence[ThresholdResult]) -> tuple[ValidityNote, ...]:
    """Notes on thresholds without data whose request, dependency or counter is none of those that were measured."""
    totals = {scenario.scenario: scenario.total for scenario in run.scenarios}
    empty = [result for result in results if result.value is None and result.scenario in totals]
    notes = [note for one in empty for note in _notes_on(one.scenario, one.threshold, totals[one.scenario])]
    return tuple(dict.fromkeys(notes))


def _notes_on(scenario: str, threshold: Threshold, total: Tally) -> Iterator[ValidityNote]:
    what, name, known = _wanted(threshold, total)
    if name is None or not total.request_count or {name, OTHER} & set(known):
        return
    message = f"no {what} is called {name!r}, which a threshold is for{what_there_is(known)}"
    meant = nearest(name, known)
    hint = f"did you mean {meant!r}?" if meant else f"mend the name in the scenario, or see what became of that {what}"
    yield ValidityNote(scenario, message, hint, False)


def _wanted(threshold: Threshold, total: Tally) -> tuple[str, str | None, list[str]]:
    """What a threshold is for, by its name (None where it has none), and what there is of the kind."""
    if threshold.request is not None:
        return "request", threshold.request, list(total.requests)
    if dependency_of(threshold.metric):
        return "dependency", name_in(threshold.metric), list(total.dependencies or ())
    if count_of(threshold.metric) and metric_of(threshold.metric).name == COUNTER:
        return "counter", name_in(threshold.metric), list(total.counters or ())
    if count_of(threshold.metric):
        entries = {name for request in total.requests.values() for name in request.timings}
        return "entry of Server-Timing", name_in(threshold.metric), sorted(entries)
    return "", None, []
