"""What one worker counts in one round."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from typing import Any

from perfgate.load.wire.interface import Answer
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.request_names import Names
from perfgate.metrics.tally import Tally

_MOST_MISTAKES = 5


class RoundAccount:
    """Counts of a round: the tally, how the clocks did, and what went wrong in the scenario's own code.

    pending: the requests that are under way, each user's name for it and its start (Unix nanoseconds).
    reader_lag, schedule_lag: nanoseconds by which this process noticed answers, and started iterations, late.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self.tally = Tally()
        self.pending: dict[Any, tuple[str, int]] = {}
        self.reader_lag = Histogram()
        self.schedule_lag = Histogram()
        self.stamps_missing = 0
        self.offered = 0
        self.mistakes: Counter[str] = Counter()

    @classmethod
    def unmeasured(cls) -> RoundAccount:
        """An account for what belongs to no round: setup, on_start, teardown."""
        return cls(Names())

    def notice(self, answer: Answer) -> None:
        """Account for the clock of one answer."""
        if answer.stamped:
            self.reader_lag.record(answer.noticed_ns - answer.received_ns)
        else:
            self.stamps_missing += 1

    def fail(self, label: str, duration_ns: int, reason: str) -> None:
        """Count a failed request."""
        requests = self.tally.request(label)
        requests.failed.record(duration_ns)
        requests.errors[reason] += 1

    def cut_short(self, user: Any) -> None:
        """An iteration was ended by force: a request that still waited is one that got no answer in time."""
        self.tally.interrupted_iterations += 1
        waiting = self.pending.pop(user, None)
        if waiting is not None:
            label, began_ns = waiting
            self.fail(label, time.time_ns() - began_ns, "timeout")

    def mistake(self, user: Any, error: Exception) -> None:
        """Note an exception of the scenario's own code with its place. A request that it spoiled never was one."""
        self.pending.pop(user, None)
        place = ""
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if "/perfgate/load/" not in frame.filename] or list(frames)
        if own:
            place = f" ({own[-1].filename}:{own[-1].lineno})"
        text = f"{type(error).__name__}: {error}{place}"
        if text in self.mistakes or len(self.mistakes) < _MOST_MISTAKES:
            self.mistakes[text] += 1
        else:
            self.mistakes["other exceptions"] += 1
