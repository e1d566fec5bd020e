"""The parent's end of a child process that makes load: messages go in, answers come out."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from perfgate.errors import GeneratorError, NoVerdictError, UsageError
from perfgate.load.processes.messages import Complaint, News, Reply, from_line, from_plain, to_line
from perfgate.popen import Popen

T = TypeVar("T")


def _ignore(text: str) -> None:
    """Children that have no news to tell."""


class Child:
    """`python -m MODULE` as a child process. The end of its input is the child's end, so none outlives its parent.

    called: the child's name in messages ("worker 0 of the generator").
    on_news: called with each line of news.
    patience: how long it may take to end by itself in `stop` (s).
    """

    def __init__(
        self,
        module: str,
        called: str,
        on_news: Callable[[str], None] = _ignore,
        patience: float = 1.0,
    ) -> None:
        self._called = called
        self._on_news = on_news
        self._patience = patience
        # A session of its own: Ctrl-C at the terminal is the parent's to answer.
        self._process = Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._buffer = b""

    def send(self, message: Any) -> None:
        """Send one message, a dataclass. GeneratorError if the child is no more."""
        try:
            self._in.write(to_line(message))
            self._in.flush()
        except OSError:
            raise self._death() from None

    def receive(self, kind: type[T], patience: float) -> T:
        """The next reply, which is of that kind. GeneratorError if none comes in `patience` seconds.

        A complaint is raised: as NoVerdictError, or as UsageError if it says so.
        """
        deadline = time.monotonic() + patience
        while True:
            line = self._line(deadline, patience)
            try:
                answer = from_line(line, Reply, News, Complaint)
                if isinstance(answer, Reply):
                    return from_plain(kind, answer.value)
            except (ValueError, TypeError, LookupError, AttributeError, StopIteration, RecursionError) as error:
                what = f"{self._called} said what is no message ({type(error).__name__}: {error})"
                raise GeneratorError(what, "does anything else write to its standard output?") from error
            if isinstance(answer, News):
                self._on_news(answer.text)
            else:
                raise (UsageError if answer.usage else NoVerdictError)(answer.error, answer.hint)

    def _line(self, deadline: float, patience: float) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise GeneratorError(f"{self._called} did not answer in {patience:.0f} s")
                data = os.read(self._out.fileno(), 1 << 20)
                if not data:
                    raise self._death()
                self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _death(self) -> GeneratorError:
        try:
            code: int | str = self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            code = "unknown"
        how = f"signal {-code}" if isinstance(code, int) and code < 0 else f"exit code {code}"
        return GeneratorError(f"{self._called} died ({how})")

    def stop(self) -> None:
        """End the process: first by closing its input, then by force."""
        with suppress(OSError):  # it may have died with something unread
            self._in.close()
        try:
            self._process.wait(timeout=self._patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()
