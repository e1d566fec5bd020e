"""Locust's request events as our tally."""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import Any

from locust.exception import CatchResponseError

from perfgate.load.http.urls import TargetUrls, origin_of
from perfgate.load.raised import count_raised
from perfgate.load.server_timing import HEADER, count_entries
from perfgate.metrics.request_names import Names
from perfgate.metrics.tally import Tally
from perfgate.tokens import without_user_info

_LATEST = 200  # cycles that say how long one is
_UNKNOWN = "an unknown host"


class Count:
    """The count of one round, by Locust's events.

    elsewhere: requests to other places than the target, or to it under another name, by place.
    untimed: requests without a time.
    """

    def __init__(self, url: str, names: Names | None = None) -> None:
        self.tally = Tally()
        self.names = names or Names()
        self.elsewhere: Counter[str] = Counter()
        self.scenario_errors: Counter[str] = Counter()
        self.untimed = 0
        self._urls = TargetUrls(url)

    def request(
        self,
        request_type: str,
        name: str,
        response_time: float | None,
        response_length: int | None,
        exception: Any = None,
        response: Any = None,
        url: str | None = None,
        **_: Any,
    ) -> None:
        """A listener of Locust's event `request`."""
        if url and not self._urls.has(url):
            self.elsewhere[origin_of(url) or _UNKNOWN] += 1
        if response_time is None:
            self.untimed += 1
            return
        counted = self.tally.request(self._label(request_type, name))
        self.tally.data_received += response_length or 0
        if exception is None:
            counted.ok.record(round(response_time * 1e6))
            if said := _server_timing(response):
                count_entries(counted.timings, [said])
        else:
            counted.failed.record(round(response_time * 1e6))
            counted.errors[_kind(exception, response)] += 1

    def error(self, user_instance: Any, exception: BaseException, tb: Any, **_: Any) -> None:
        """A listener of Locust's event `user_error`."""
        text = f"{type(exception).__name__}: {exception}".partition("\n")[0]
        count_raised(self.scenario_errors, without_user_info(text))

    def _label(self, request_type: str, name: str) -> str:
        """Paths get {id} for their ids; names that the locustfile gives stay as they are.

        Locust's FastHttpUser names a request of an absolute URL by all of it.
        """
        if name.startswith(("/", "http://", "https://")):
            return self.names.of(request_type, self._urls.path(name))
        return self.names.given(f"{request_type} {name}", request_type, name)


def _server_timing(response: Any) -> str:
    """What a response says in Server-Timing, one of requests' or of geventhttpclient's; "" where it says nothing."""
    headers: Any = getattr(response, "headers", None)
    return str(headers.get(HEADER.decode()) or "") if hasattr(headers, "get") else ""


def _kind(exception: Any, response: Any) -> str:
    """What reports group a failed request by."""
    if isinstance(exception, CatchResponseError):
        return "marked as failed"
    status = getattr(response, "status_code", 0) or 0
    return f"status {status}" if status >= 400 else type(exception).__name__


class Cycles:
    """How long users need for a task and the wait after it: what iterations are elsewhere."""

    def __init__(self) -> None:
        self._began: dict[Any, int] = {}
        self._foreseen: dict[Any, int] = {}
        self._latest: deque[int] = deque(maxlen=_LATEST)

    def began(self, taskset: Any, count: Count | None) -> None:
        """A user begins a task, and so has come to the end of the cycle before."""
        now = time.monotonic_ns()
        before = self._began.get(taskset)
        self._began[taskset] = now
        if before is not None and count is not None:
            count.tally.iterations.record(now - before)

    def waits(self, taskset: Any, seconds: float) -> None:
        """A user has ended a task and waits: its cycle is known before it ends."""
        before = self._began.get(taskset)
        if before is not None:
            cycle = time.monotonic_ns() - before + round(seconds * 1e9)
            self._foreseen[taskset] = cycle
            self._latest.append(cycle)

    @property
    def usual(self) -> float:
        """The mean of the latest cycles (s); 0 where none is known."""
        return sum(self._latest) / len(self._latest) / 1e9 if self._latest else 0.0

    def count_foreseen(self, count: Count) -> None:
        """Count the cycles that users are in, as long as they will be."""
        for cycle in self._foreseen.values():
            count.tally.iterations.record(cycle)

    def clear(self) -> None:
        """All users are gone."""
        self._began.clear()
        self._foreseen.clear()
