"""Single requests, folded as they are read, so that a file of any size takes little memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perfgate.errors import MistakeError
from perfgate.exchange.importing.parsed_run import ParsedScenario, duration_of, measured
from perfgate.exchange.importing.places import at
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.tally import Tally
from perfgate.metrics.tally_statistics import NANOSECONDS_PER_MILLISECOND, latencies, read

# A request name is no URL: with an id in each, every request would be a row of its own.
_MOST_NAMES = 500
_GROUP_THEM = "group requests by name, as in k6 with tags: { name: 'GET /pet/{id}' }"
_LONGEST_MS = 1e12


@dataclass
class ScenarioSamples:
    """The requests and iterations of one scenario.

    tally: what was counted.
    began: the start of the first one (Unix seconds).
    ended: the end of the last one (Unix seconds).
    """

    tally: Tally = field(default_factory=Tally)
    began: float = math.inf
    ended: float = -math.inf

    def request(self, name: str, milliseconds: float, error: str, ended: float, began: float) -> None:
        """Count a request. error: "" where it succeeded, else its kind."""
        requests = self.tally.request(name)
        if not requests.count and len(self.tally.requests) > _MOST_NAMES:
            raise MistakeError(f"it has more than {_MOST_NAMES} request names, such as {name[:60]!r}", _GROUP_THEM)
        if error:
            requests.failed.record(_nanoseconds(milliseconds))
            requests.errors[error] += 1
        else:
            requests.ok.record(_nanoseconds(milliseconds))
        self.extend(began, ended)

    def iteration(self, milliseconds: float) -> None:
        self.tally.iterations.record(_nanoseconds(milliseconds))

    def extend(self, began: float, ended: float) -> None:
        """Note that there was load from one moment to another."""
        self.began = min(self.began, began)
        self.ended = max(self.ended, ended)

    def found(self, name: str, load: Mapping[str, Any]) -> ParsedScenario:
        """The scenario. load: those fields of StoredLoad that are known."""
        tally = self.tally
        return ParsedScenario(
            name,
            named=tuple(
                measured(request, requests.ok, requests.failed.count, Counter(requests.errors))
                for request, requests in sorted(tally.requests.items())
            ),
            seconds=max(0.0, self.ended - self.began) or None,
            duration=duration_of(latencies(tally, None)),
            load=load,
        )


def iterations_of(tally: Tally) -> dict[str, Any]:
    """The fields of StoredLoad that iterations give; none where there were none."""
    if not tally.iterations.count:
        return {}
    stats = {"iteration_avg_ms": "avg", "iteration_med_ms": "med", "iteration_p95_ms": "p(95)"}
    found = {column: read(tally, "iteration_duration", stat) for column, stat in stats.items()}
    return {"iterations": tally.iterations.count, **found}


def histogram_of(milliseconds: list[float], place: str) -> Histogram:
    """A histogram, in nanoseconds. place: where they stand, for complaints."""
    try:
        return Histogram.of(_nanoseconds(value) for value in milliseconds)
    except MistakeError as error:
        raise at(place, error) from None


def _nanoseconds(milliseconds: float) -> int:
    if not 0 <= milliseconds <= _LONGEST_MS:
        raise MistakeError(f"{milliseconds} ms is not a duration", "a duration is neither negative nor endless")
    return round(milliseconds * NANOSECONDS_PER_MILLISECOND)


def repeated(milliseconds: float, count: int, place: str) -> Histogram:
    """A histogram of one value that was counted so often."""
    found = histogram_of([milliseconds], place)
    for bucket in found.buckets:
        found.buckets[bucket] = count
    found.count, found.total = count, found.total * count
    return found if count else Histogram()
