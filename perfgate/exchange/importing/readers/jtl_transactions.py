"""Transactions of JMeter's request log: rows that sum up other rows of the same thread, or stand in their place.

A transaction controller writes a row of its own after those of its parts, or, with "Generate parent sample", instead of
them. https://jmeter.apache.org/usermanual/component_reference.html#Transaction_Controller. As in JMeter's own report,
transactions whose parts are there are rows of their own and no part of the total.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from perfgate.exchange.importing.columns import Line
from perfgate.exchange.importing.parsed_run import ParsedResult, ParsedScenario
from perfgate.exchange.importing.samples import ScenarioSamples

_MESSAGE = "Number of samples in transaction : "
# Transactions lie within each other; of those of a thread more need not be remembered.
_MOST_NESTED = 16
_HALF_A_MILLISECOND = 0.0005  # times are in whole ones; sums of floats are not


@dataclass(frozen=True)
class JtlRow:
    """One row of a request log.

    label: the request name.
    thread: what it ran in, and on which machine.
    began: when it began (Unix seconds).
    milliseconds: how long it took (ms).
    error: "" where it succeeded, else its kind.
    sent: bytes sent.
    received: bytes received.
    sums_up: whether it is a transaction.
    """

    label: str
    thread: tuple[str, str]
    began: float
    milliseconds: float
    error: str
    sent: int
    received: int
    sums_up: bool

    @property
    def ended(self) -> float:
        return self.began + self.milliseconds / 1000


def sums_up(line: Line) -> bool:
    """Whether a line is that of a transaction, which has this message in every language."""
    return not line.text("dataType") and line.text("responseMessage").startswith(_MESSAGE)


def is_empty(line: Line) -> bool:
    """Whether it is a transaction of no request at all, as of a controller whose parts were skipped."""
    return sums_up(line) and line.text("responseMessage").startswith(f"{_MESSAGE}0,")


class Transactions:
    """The transactions of a log as they are read, by label, and which of them have their parts beside them.

    The lines of a thread follow each other by their ends, as JMeter writes them, or by their starts, once sorted.
    """

    def __init__(self) -> None:
        self._samples = ScenarioSamples()
        self._sent: Counter[str] = Counter()
        self._received: Counter[str] = Counter()
        self._with_parts: Counter[str] = Counter()
        self._last_start: dict[tuple[str, str], float] = {}
        self._awaiting: dict[tuple[str, str], deque[JtlRow]] = {}

    def add(self, row: JtlRow) -> None:
        """A transaction."""
        label, thread = row.label, row.thread
        self._samples.request(label, row.milliseconds, row.error, row.ended, row.began)
        self._sent[label] += row.sent
        self._received[label] += row.received
        if self._last_start.get(thread, -1.0) >= row.began:
            self._with_parts[label] += 1
        else:
            self._awaiting.setdefault(thread, deque(maxlen=_MOST_NESTED)).append(row)

    def part(self, row: JtlRow) -> None:
        """Another row, which may be a part of a transaction."""
        began = row.began
        self._last_start[row.thread] = began
        for one in self._awaiting.pop(row.thread, ()):
            self._with_parts[one.label] += one.began <= began < one.ended - _HALF_A_MILLISECOND or began == one.began

    def add_in_place_of_parts(self, samples: ScenarioSamples) -> None:
        """Count those whose parts are not there as the requests that they stand for."""
        for label, requests in self._samples.tally.requests.items():
            if not self._has_parts(label):
                samples.tally.request(label).merge(requests)
                samples.tally.data_sent += self._sent[label]
                samples.tally.data_received += self._received[label]
                samples.extend(self._samples.began, self._samples.ended)

    def beside(self, scenario: ParsedScenario) -> tuple[ParsedScenario, str]:
        """The scenario with those whose parts are there as rows of their own, and a sentence about it, "" for none."""
        found = {result.request: result for result in self._samples.found("", {}).named}
        own = {label: result for label, result in found.items() if self._has_parts(label)}
        if not own:
            return scenario, ""
        named = [replace(result, request=f"{label} (transaction)") for label, result in own.items()]
        count = sum(result.requests or 0 for result in named)
        what = "1 transaction" if count == 1 else f"{count} transactions"
        note = f"{what} ({_some(own)}) from the sums of the whole scenario, which have the parts"
        return replace(scenario, named=(*scenario.named, *named), total=_total(scenario)), note

    def _has_parts(self, label: str) -> bool:
        """Whether the parts are there; a start that falls together by chance is outnumbered."""
        return 2 * self._with_parts[label] > self._samples.tally.requests[label].count


def _total(scenario: ParsedScenario) -> ParsedResult:
    requests = sum(result.requests or 0 for result in scenario.named)
    return ParsedResult("", requests, sum(result.failed or 0 for result in scenario.named))


def _some(labels: Mapping[str, object]) -> str:
    shown = list(labels)[:3]
    return ", ".join(shown) + (", ..." if len(labels) > len(shown) else "")
