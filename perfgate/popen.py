"""subprocess.Popen that a signal cannot lock up."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress

_SHORTEST_LOOK, _LONGEST_LOOK = 0.0005, 0.05  # seconds, as Popen's own


class Popen(subprocess.Popen[bytes]):
    """As its parent, for children that one thread alone waits for.

    The parent takes a lock for waitpid(2). An exception that a signal brings (Ctrl-C, or SIGTERM where it is made one)
    between the taking and the `try` behind it leaves the lock taken: from then on `poll` sees no end, and `wait` has
    none. One thread needs no lock.
    """

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
