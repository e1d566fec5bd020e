"""subprocess.Popen that a signal cannot lock up, and that loses no child to one."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_SHORTEST_LOOK, _LONGEST_LOOK = 0.0005, 0.05  # seconds, as Popen's own
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Signals that would interrupt what stands inside come right after it. Blocks may be nested: the outermost counts.

    Handlers are exchanged rather than signals blocked, since a child would inherit the block.
    """
    if threading.current_thread() is not threading.main_thread():  # where no handler runs, nothing is interrupted
        yield
        return
    heard: list[int] = []
    before = {number: handler for number in _INTERRUPTS if callable(handler := signal.getsignal(number))}
    try:
        for number in before:
            signal.signal(number, lambda number, _: heard.append(number))
        yield
    finally:
        # No child is started here, and none of the handlers may run before all are back.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, before)
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in dict.fromkeys(heard):
            signal.raise_signal(late)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


class Popen(subprocess.Popen[bytes]):
    """As its parent, for children that one thread alone waits for.

    The parent takes a lock for waitpid(2). An exception that a signal brings (Ctrl-C, or SIGTERM where it is made one)
    between the taking and the `try` behind it leaves the lock taken: from then on `poll` sees no end, and `wait` has
    none. One thread needs no lock.

    A signal during the start would leave a child that nobody knows: such a child is killed, with its session.

    PWD names the folder that a child is started in, where it is given variables of its own.
    """

    def __init__(
        self, *arguments: Any, cwd: Path | None = None, env: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        if cwd is not None and env is not None:
            env = _variables_in(cwd, env)
        placed: dict[str, Any] = {**options, "cwd": cwd, "env": env}
        try:
            with interrupts_held():
                super().__init__(*arguments, **placed)
        except KeyboardInterrupt:
            if self.pid and self.returncode is None:
                self.signal_group(signal.SIGKILL)
                self.kill()
                self.wait()
            raise

    def poll(self) -> int | None:
        return self._reaped(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int:
        if timeout is None:
            code = self._reaped(0)
            assert code is not None
            return code
        deadline = time.monotonic() + timeout
        look = _SHORTEST_LOOK
        while (code := self._reaped(os.WNOHANG)) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(min(look, left))
            look = min(2 * look, _LONGEST_LOOK)
        return code

    def signal_group(self, number: int) -> None:
        """Signal all of the session that it was started in, as far as anybody is left there."""
        # macOS calls a group that is gone a PermissionError.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def _reaped(self, options: int) -> int | None:
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, options)
            except ChildProcessError:
                # Its end was seen, and a signal came before it could be noted.
                self.returncode = 0
            else:
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _variables_in(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """As after a shell's `cd`: who reads PWD, such as `docker compose`, would else find where we were called."""
    kept = {name: text for name, text in variables.items() if name != "OLDPWD"}
    return {**kept, "PWD": os.path.abspath(folder)}
