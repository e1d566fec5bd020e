"""The counts of one worker in one round."""

from __future__ import annotations

import os
import time
import traceback
from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

from perfgate.load.raised import count_raised
from perfgate.load.wire.interface import RawResponse
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.request_names import Names
from perfgate.metrics.tally import Tally
from perfgate.tokens import without_user_info

# Only the median of these lags is told.
_EVERY_LAG, _ONE_LAG_IN = 256, 8
# What begins at zero when a slice does.
_COUNTED = (
    *("tally", "stamped", "reader_lag", "schedule_lag", "stamps_missing", "offered", "scenario_errors", "elsewhere"),
)
# The folder of Python's own modules.
_PYTHON = os.path.join(os.path.dirname(os.__file__), "")


class Pending(NamedTuple):
    """A request under way.

    began_ns: Unix ns.
    late_ns: how late its iteration began; None of all but the first request of an iteration that was due.
    expected: the statuses that are a success; None for 200 to 399.
    greenlet: what sends it and waits for its answer.
    elsewhere: where it goes if that is not the target, else "".
    """

    label: str
    began_ns: int
    late_ns: int | None
    expected: Collection[int] | None
    greenlet: Any
    elsewhere: str

    def start_ns(self, first: RawResponse) -> int:
        """When the time of a request begins whose first answer this is (Unix ns).

        One that was due was so before it had a connection, too. What the scenario did before it, nobody waited for.
        """
        if self.late_ns is None:
            return first.sent_ns
        return first.sent_ns - self.late_ns - (first.phases.blocked_ns if first.phases else 0)

    def lasted_ns(self) -> int:
        """The time until now of a request that was never answered."""
        return time.time_ns() - self.began_ns + (self.late_ns or 0)


class RoundRecorder:
    """Counts of a round: the tally, the clocks, and the errors of the scenario's own code.

    names: request names by method and path.
    tally: requests, iterations and checks.
    pending: requests under way by user.
    stamped: answers with a time stamp of the kernel.
    reader_lag: how late this process noticed them (ns): the first ones, then one in eight.
    schedule_lag: how late it started iterations of an open model (ns).
    stamps_missing: answers without a time stamp of the kernel.
    offered: iterations that were due in an open model.
    scenario_errors: exceptions of the scenario's own code with their places, and how often each was raised.
    elsewhere: requests that did not go to the target, or not only, by scheme, host and port.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self.tally = Tally()
        self.pending: dict[Any, list[Pending]] = {}
        self.reader_lag = Histogram()
        self.schedule_lag = Histogram()
        self.stamped = 0
        self.stamps_missing = 0
        self.offered = 0
        self.scenario_errors: Counter[str] = Counter()
        self.elsewhere: Counter[str] = Counter()

    @classmethod
    def unmeasured(cls) -> RoundRecorder:
        """A recorder for what belongs to no round: setup, on_start, teardown."""
        return cls(Names())

    def begin(self, user: Any, request: Pending) -> None:
        """A request is under way from now on; a user may have several at the same time, each in its own greenlet."""
        self.pending.setdefault(user, []).append(request)

    def end(self, user: Any, request: Pending) -> bool:
        """It is under way no more. False where it was counted already, with an iteration that was ended by force."""
        try:
            self.pending[user].remove(request)
        except (KeyError, ValueError):
            return False
        if request.elsewhere:
            self.elsewhere[request.elsewhere] += 1
        return True

    def notice(self, answer: RawResponse) -> None:
        """Count which clock timed one answer, and how late it was noticed."""
        if answer.stamped:
            self.stamped += 1
            if self.stamped < _EVERY_LAG or not self.stamped % _ONE_LAG_IN:
                self.reader_lag.record(answer.noticed_ns - answer.received_ns)
        else:
            self.stamps_missing += 1

    def fail(self, label: str, duration_ns: int, reason: str) -> None:
        """Count a failed request."""
        requests = self.tally.request(label)
        requests.failed.record(duration_ns)
        requests.errors[reason] += 1

    def cut(self) -> RoundRecorder:
        """What was counted so far, as a recorder of its own; this one counts on from zero.

        Requests that are under way belong to what follows.
        """
        counted = RoundRecorder(self.names)
        fresh = RoundRecorder(self.names)
        fresh.tally.vus = fresh.tally.vus_max = self.tally.vus
        for field in _COUNTED:
            setattr(counted, field, getattr(self, field))
            setattr(self, field, getattr(fresh, field))
        return counted

    def leave_out(self) -> Tally:
        """Leave out what was counted so far, which is returned. What the scenario's own code raised is told even so."""
        before = self.cut()
        self.scenario_errors.update(before.scenario_errors)
        return before.tally

    def waiting(self, seconds: float) -> int:
        """How many requests have been under way for longer than that."""
        since_ns = time.time_ns() - round(seconds * 1e9)
        return sum(one.began_ns < since_ns for requests in self.pending.values() for one in requests)

    def give_up(self, user: Any, timed_out: bool) -> list[Any]:
        """No request of this user is waited for any more; returns the greenlets that did.

        timed_out: they got no answer in time, and are counted; else nobody wants to know.
        """
        requests = self.pending.pop(user, [])
        if timed_out:
            for request in requests:
                self.fail(request.label, request.lasted_ns(), "timeout")
                if request.elsewhere:
                    self.elsewhere[request.elsewhere] += 1
        return [request.greenlet for request in requests]

    def scenario_error(self, error: Exception) -> None:
        """Count an exception of the scenario's own code."""
        count_raised(self.scenario_errors, describe_exception(error))


def describe_exception(error: BaseException) -> str:
    """An exception of a scenario as "KeyError: 'id' (scenarios/pets.py:12)", without the passwords of URLs.

    The place is the last line that is neither ours nor of an installed package, or else the last that is not ours.
    """
    place = ""
    frames = traceback.extract_tb(error.__traceback__)
    not_ours = [frame for frame in frames if "/perfgate/load/" not in frame.filename]
    own = [frame for frame in not_ours if not _is_installed(frame.filename)] or not_ours or list(frames)
    if own:
        place = f" ({own[-1].filename}:{own[-1].lineno})"
    return f"{type(error).__name__}: {without_user_info(str(error))}{place}"


def _is_installed(file: str) -> bool:
    """Whether a file of a traceback is of a package or of Python itself, some of whose modules are "<frozen os>"."""
    return file.startswith(("<", _PYTHON)) or "site-packages" in file or "dist-packages" in file
