"""The child's end: how every child process begins, hears its parent and answers."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from typing import Any

from perfgate.errors import PerfgateError
from perfgate.load.processes.messages import Complaint, News, Reply, from_line, to_line, to_plain

_CHUNK = 1 << 20
_PLEASE = "please report it"


class Parent:
    """The process that started this one. The end of its messages is this process's own end.

    Reading waits in `select`, which gevent makes cooperative in the children that it patches.
    """

    def __init__(self, messages: int, answers: int) -> None:
        self._messages = messages
        self._answers = answers
        self._buffer = b""

    def receive(self, *kinds: type[Any]) -> Any:
        """The next message, which is of one of these kinds; None at the end of the parent."""
        line = self.receive_line()
        return from_line(line, *kinds) if line else None

    def receive_line(self) -> bytes:
        """The next line, empty at the end of the parent."""
        while b"\n" not in self._buffer:
            select.select([self._messages], [], [])
            data = os.read(self._messages, _CHUNK)
            if not data:
                return b""
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def reply(self, value: Any) -> None:
        """Answer a message."""
        self._send(Reply(to_plain(value)))

    def news(self, text: str) -> None:
        """Have the parent tell its user."""
        self._send(News(text))

    def complain(self, error: str, hint: str, usage: bool = False) -> None:
        """Answer a message with the reason why it could not be carried out."""
        self._send(Complaint(error, hint, usage))

    def answer(self, step: Callable[[], Any], failing: str, hint: str = _PLEASE) -> None:
        """Answer a message with what `step` returns, or with why it fails.

        failing, hint: the message for exceptions of our own code, which the parent must hear of, too.
        """
        try:
            self.reply(step())
        except BrokenPipeError:
            os._exit(0)  # nobody is left to tell
        except Exception as error:
            self.complain_of(error, failing, hint)

    def complain_of(self, error: Exception, failing: str, hint: str = _PLEASE) -> None:
        """Answer a message with an exception that carrying it out raised; `failing` and `hint` as for `answer`."""
        if isinstance(error, PerfgateError):
            self.complain(error.message, error.hint)
        else:
            self.complain(f"{failing}: {type(error).__name__}: {error}", hint)

    def _send(self, message: Reply | News | Complaint) -> None:
        data = to_line(message)
        while data:
            data = data[os.write(self._answers, data) :]


def run_child(serve: Callable[[Parent], None]) -> None:
    """Serve the parent of this process until it closes the pipe, then end at once.

    The answers go out on what was standard output; what scenarios print goes to standard error.
    """
    answers = os.dup(1)
    os.dup2(2, 1)
    serve(Parent(os.dup(0), answers))
    os._exit(0)  # requests that still wait are not waited for
