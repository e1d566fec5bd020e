"""Measuring a streamed answer while a scenario reads it: its first byte, its events, its end."""

from __future__ import annotations

import time

from perfgate.load.generator.expected import is_success
from perfgate.load.generator.recorder import Pending, RoundRecorder
from perfgate.load.generator.round_over import RoundOver
from perfgate.load.http.response import Response
from perfgate.load.http.wire_adapter import ExchangeStats
from perfgate.load.wire.failure import FailureKind, WireError
from perfgate.load.wire.interface import UNOPENED, RawResponse
from perfgate.metrics.phases import EVENT_WAITING
from perfgate.metrics.tally import RequestTally


class MeasuredStream:
    """One streamed answer of a user: a Watch. It counts once, when it ends.

    An event stream has no end of its own: that of the round ends it, and it counts as an answer.
    """

    def __init__(
        self, request: Pending, response: Response, stats: ExchangeStats, round_: tuple[RoundRecorder, float]
    ) -> None:
        assert stats.streamed is not None
        assert stats.first is not None
        self._label = request.label
        self._expected = request.expected
        self._response = response
        self._stats = stats
        self._body = stats.streamed
        self._answer = stats.streamed.streamed.answer
        self._sent_ns = stats.first.sent_ns
        self._start_ns = request.start_ns(stats.first)
        self._recorder, self._deadline = round_
        self._head_bytes = self._answer.received_bytes
        self._event_ns = self._answer.sent_ns
        self._is_awaited = False
        self._counted = False

    @property
    def is_over(self) -> bool:
        return self._counted

    def next(self) -> bytes:
        """The next piece, b"" at the end. WireError, and RoundOver while waiting for events."""
        streamed, left = self._body.streamed, None
        if self._body.is_event_stream:
            left = self._deadline - time.monotonic()
            if left <= 0:
                self._leave_round()
        self._is_awaited = True
        try:
            piece = streamed.next(left)
        except WireError as error:
            if error.kind is FailureKind.TIMEOUT and left is not None and time.monotonic() >= self._deadline:
                self._leave_round()
            self.fail(error)
            raise
        self._is_awaited = False
        if not piece:
            self.close()
        return piece

    def _leave_round(self) -> None:
        self.close()
        raise RoundOver

    def came(self, events: int) -> None:
        """So many events have come, all of them with the last piece."""
        now_ns = self._answer.received_ns
        waited = self._recorder.tally.request(self._label).phases.of(EVENT_WAITING)
        waited.record(now_ns - self._event_ns)
        self._event_ns = now_ns
        waited.record_zeros(events - 1)

    def fail(self, error: WireError) -> None:
        """Count a failed request; the scenario sees what came until then, and the error."""
        self._response.error = error
        if self._is_last_word():
            self._recorder.fail(self._label, time.time_ns() - self._start_ns, error.kind.value)

    def break_off(self) -> None:
        """The user is ended by force. An answer that has an end, and did not come to it in time, has failed."""
        if self._body.is_event_stream or not self._is_awaited:
            self.close()
        elif self._is_last_word():
            self._recorder.fail(self._label, time.time_ns() - self._start_ns, FailureKind.TIMEOUT.value)

    def close(self) -> None:
        """Count the answer as far as it was read."""
        if not self._is_last_word():
            return
        recorder, answer = self._recorder, self._answer
        recorder.notice(answer)
        duration = answer.received_ns - self._start_ns
        if is_success(self._response.status_code, self._expected):
            counted = recorder.tally.request(self._label)
            counted.ok.record(duration)
            record_phases(counted, duration, self._sent_ns - self._start_ns, answer)
        else:
            recorder.fail(self._label, duration, f"status {self._response.status_code}")

    def _is_last_word(self) -> bool:
        """Whether it was not counted before. Nothing of it is read from now on."""
        if self._counted:
            return False
        self._counted = True
        self._body.streamed.close()
        tally, stats = self._recorder.tally, self._stats
        tally.data_sent += stats.sent_bytes
        tally.data_received += stats.received_bytes - self._head_bytes + self._answer.received_bytes
        return True


def record_phases(counted: RequestTally, duration_ns: int, late_ns: int, answer: RawResponse) -> None:
    """The phases of a request that succeeded. late_ns: by which it was sent after its intended start."""
    phases = answer.phases or UNOPENED
    waiting_ns = duration_ns - late_ns - phases.sending_ns - phases.receiving_ns
    counted.phases.record(duration_ns, max(0, waiting_ns), phases)
