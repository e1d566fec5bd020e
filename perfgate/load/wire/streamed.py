"""An answer that is read piece by piece: its head is there, its body is still to come."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from perfgate.load.wire.failure import DeadlineExceeded, WireError, classify
from perfgate.load.wire.interface import UNOPENED, Limits, RawResponse, Request

EXCHANGE_ERRORS = (OSError, WireError, DeadlineExceeded)


class StreamingConnection(Protocol):
    """A connection that can hand out an answer in pieces. reusable: another request may follow."""

    reusable: bool

    def begin(self, request: Request, limits: Limits) -> tuple[RawResponse, int]:
        """Send a request and read the head of its answer: that, without a body, and when its first byte came (ns)."""

    def more(self, answer: RawResponse, seconds: float) -> bytes:
        """The next piece of the body, b"" at its end; the times and bytes of `answer` grow with it."""

    def close(self) -> None: ...


class AnswerInPieces:
    """A StreamedAnswer, on a connection that is given back at its end."""

    def __init__(
        self,
        connection: StreamingConnection,
        begun: tuple[RawResponse, int],
        seconds: float,
        give_back: Callable[[], None],
    ) -> None:
        self.answer, self._first_ns = begun
        self.is_open = True
        self._connection = connection
        self._seconds = seconds
        self._give_back = give_back

    def next(self, seconds: float | None = None) -> bytes:
        """See StreamedAnswer."""
        if not self.is_open:
            return b""
        try:
            patience = self._seconds if seconds is None else min(self._seconds, seconds)
            piece = self._connection.more(self.answer, patience)
        except EXCHANGE_ERRORS as error:
            self._end(reusable=False)
            raise classify(error, connecting=False) from None
        except BaseException:  # the greenlet is being ended
            self._end(reusable=False)
            raise
        if not piece:
            self._end(self._connection.reusable)
        return piece

    def close(self) -> None:
        """Read no more of it."""
        if self.is_open:
            self._end(reusable=False)

    def _end(self, reusable: bool) -> None:
        self.is_open = False
        receiving_ns = self.answer.received_ns - self._first_ns
        self.answer.phases = (self.answer.phases or UNOPENED)._replace(receiving_ns=max(0, receiving_ns))
        if not reusable:
            self._connection.reusable = False
        self._give_back()


def tell_times(answer: RawResponse, stamp_ns: int, received_bytes: int) -> None:
    """Say of an answer what has come of it by now, and when. stamp_ns: the kernel's, 0 for none."""
    noticed_ns = time.time_ns()
    answer.stamped = answer.sent_ns <= stamp_ns <= noticed_ns
    answer.received_ns = stamp_ns if answer.stamped else noticed_ns
    answer.noticed_ns = noticed_ns
    answer.received_bytes = received_bytes
