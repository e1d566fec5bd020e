"""The phases of requests by k6's names, and the events of streams, kept so that an ordinary request costs nothing.

Most requests go out at once on a connection that is open, and their answers come in one piece: all of their time is
waiting, and they are in the histogram of their durations already. Only the others are recorded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from perfgate.metrics.histogram import Histogram

BLOCKED, CONNECTING, TLS_HANDSHAKING = "http_req_blocked", "http_req_connecting", "http_req_tls_handshaking"
SENDING, WAITING, RECEIVING = "http_req_sending", "http_req_waiting", "http_req_receiving"
EVENT_WAITING, EVENTS = "sse_event_waiting", "sse_events"

# Before a request, of its connection; and those besides waiting that its duration is made of.
OF_CONNECTIONS = (BLOCKED, CONNECTING, TLS_HANDSHAKING)
BESIDES_WAITING = (*OF_CONNECTIONS, SENDING, RECEIVING)
PHASES = (*OF_CONNECTIONS, SENDING, WAITING, RECEIVING)
TIMINGS = (*PHASES, EVENT_WAITING)


class PhaseTally:
    """The phases of the requests of one name that succeeded (ns).

    apart: durations of the requests whose time was more than waiting.
    values: by metric, what those had of each phase, above zero; all other requests had none of it. The waiting of those
        requests, and the waiting for events.
    """

    __slots__ = ("apart", "values")

    def __init__(self) -> None:
        self.apart = Histogram()
        self.values: dict[str, Histogram] = {}

    def record(self, duration: int, waiting: int, others: Sequence[int]) -> None:
        """One request whose time was more than waiting. others: in the order of `BESIDES_WAITING`."""
        self.apart.record(duration)
        self.of(WAITING).record(waiting)
        for metric, value in zip(BESIDES_WAITING, others, strict=True):
            if value > 0:
                self.of(metric).record(value)

    def of(self, metric: str) -> Histogram:
        """What is kept of one metric, made when first asked for."""
        histogram = self.values.get(metric)
        if histogram is None:
            histogram = self.values[metric] = Histogram()
        return histogram

    def distribution(self, metric: str, ok: Histogram) -> Histogram:
        """The values of one metric over all requests. ok: the durations of all of them."""
        kept = self.values.get(metric, Histogram())
        if metric == WAITING:
            whole = ok.without(self.apart)
            whole.merge(kept)
            return whole
        whole = Histogram()
        whole.merge(kept)
        if metric != EVENT_WAITING:
            whole.record_zeros(ok.count - kept.count)
        return whole

    def merge(self, other: PhaseTally) -> None:
        """Add the phases of other requests."""
        self.apart.merge(other.apart)
        for metric, histogram in other.values.items():
            self.of(metric).merge(histogram)

    def to_plain(self) -> dict[str, Any]:
        """A JSON-able value that `from_plain` reads."""
        plain = {metric: histogram.to_plain() for metric, histogram in self.values.items()}
        return {"apart": self.apart.to_plain(), "values": plain} if plain else {}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> PhaseTally:
        """The tally that `to_plain` wrote."""
        phases = cls()
        if plain:
            phases.apart = Histogram.from_plain(plain["apart"])
            phases.values = {metric: Histogram.from_plain(one) for metric, one in plain["values"].items()}
        return phases

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PhaseTally) and (self.apart, self.values) == (other.apart, other.values)


def together(tallies: Iterable[PhaseTally]) -> PhaseTally:
    """The phases of requests of several names as one."""
    whole = PhaseTally()
    for tally in tallies:
        whole.merge(tally)
    return whole
