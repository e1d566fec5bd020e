"""Requests that went elsewhere than to the target: a scenario that names a host itself loads that one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from perfgate.load.engine import RoundResult
from perfgate.load.http.same_place import is_same
from perfgate.load.http.urls import host_and_port
from perfgate.load.reports import WorkerReport

_REMEDY = (
    'give paths, as in user.get("/pet/1"), and leave hosts out; '
    "where the service redirects there, tell the service its own URL, or ask with allow_redirects=False"
)


class Strays:
    """The judgement of where one target's rounds went. url: of the target."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._reached = False

    def judged(self, played: RoundResult, reports: Iterable[WorkerReport]) -> RoundResult:
        """A round with a warning where some of its requests went elsewhere; invalid where all did, and none before it
        went to the target: in a short slice there may be one request alone.
        """
        elsewhere: Counter[str] = Counter()
        for report in reports:
            elsewhere.update(report.elsewhere)
        away = [place for place, _ in elsewhere.most_common() if not self._is_target(place)]
        tally = played.tally
        if tally.attempts - tally.uncounted > sum(elsewhere[place] for place in away):
            self._reached = True
        if not away:
            return played
        there = f"requests went to {', '.join(away)} instead of the target"
        if self._reached:
            return replace(played, warnings=(*played.warnings, f"some {there}, and are counted too"))
        return replace(played, problems=(f"all {there}: {_REMEDY}", *played.problems))

    def _is_target(self, place: str) -> bool:
        """Whether it is the target, or what a target that wants https leads to."""
        host, port = host_and_port(self._url)
        return is_same(place, self._url) or (port == 80 and host_and_port(place) == (host, 443))
