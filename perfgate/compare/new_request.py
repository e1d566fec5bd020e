"""Requests that base does not know yet, as where a change brings an endpoint together with its scenario.

Base answers them with nothing but "no such thing", which is neither slow nor broken: there is nothing to compare. Their
rows inform, and so do those of the whole scenario, since base does less in it. The others are compared as ever, and
failures without what is new. Where base knows nothing of a scenario its latencies stay open: that is no pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from perfgate.compare.rows import DURATION, FAILED, Row
from perfgate.metrics.run import ScenarioRun
from perfgate.metrics.tally import RequestTally, Tally

# What a service says of a path or a method that it does not have (RFC 9110, sections 15.5.5, 15.5.6 and 15.6.2).
_UNKNOWN = frozenset({"status 404", "status 405", "status 501"})
_MOST_NAMES = 3


@dataclass(frozen=True)
class NewRequests:
    """What only head knows of a scenario.

    names: of its requests; () where base knows them all.
    answers: what base said to them, such as "status 404".
    whole: whether base knows no other request of the scenario.
    """

    names: tuple[str, ...]
    answers: tuple[str, ...]
    whole: bool

    def __str__(self) -> str:
        more = len(self.names) - _MOST_NAMES
        listed = f"{', '.join(self.names[:_MOST_NAMES])}{f' and {more} more' if more > 0 else ''}"
        verb = "is" if len(self.names) == 1 else "are"
        said = " and ".join(self.answers)
        return f"{listed} {verb} new on head: base answers {said} alone, so there is nothing to compare with"

    def why_not_compared(self, row: Row) -> str:
        """What is said of a row that has nothing to be compared with; "" of all others."""
        if row.request is not None:
            return str(replace(self, names=(row.request,))) if row.request in self.names else ""
        if not self.names or (row.metric == FAILED and not self.whole):
            return ""
        return f"not the same work on both sides: {self}"

    def leaves_open(self, row: Row) -> bool:
        """Whether a row that has nothing to be compared with gates all the same."""
        return self.whole and row.metric == DURATION

    def known_part(self, tally: Tally) -> Tally:
        """What was counted of the requests that base knows; of the requests alone."""
        return replace(tally, requests={name: one for name, one in tally.requests.items() if name not in self.names})


NOTHING_NEW = NewRequests((), (), False)


def new_requests(base: ScenarioRun, head: ScenarioRun, most_failed: float) -> NewRequests:
    """The requests of a scenario that head answers, and base does not have.

    most_failed: as a fraction; where more of them fail on head, none of them counts as new.
    """
    on_base, on_head = base.total.requests, head.total.requests
    unknown = {name: one for name, one in on_base.items() if _is_unknown(one)}
    # What a scenario asks after an answer that it cannot use is never sent.
    unsent = [name for name in on_head if name not in on_base] if unknown else []
    names = (*unknown, *unsent)
    if not all(name in on_head and _works(on_head[name], most_failed) for name in names):
        return NOTHING_NEW
    answers = sorted({kind for one in unknown.values() for kind in one.errors})
    return NewRequests(names, tuple(answers), whole=bool(unknown) and len(unknown) == len(on_base))


def _is_unknown(requests: RequestTally) -> bool:
    return bool(requests.failed.count) and not requests.ok.count and _UNKNOWN.issuperset(requests.errors)


def _works(requests: RequestTally, most_failed: float) -> bool:
    return bool(requests.ok.count) and requests.failed.count <= most_failed * requests.count
