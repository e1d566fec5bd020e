"""The peak of a control group's memory since a reset."""

from __future__ import annotations

import threading
from contextlib import suppress

from perfgate.service.containers.cgroup import Cgroup

_LOOK_EVERY = 0.1  # seconds


class MemoryPeak:
    """Kept by the kernel where that can reset it; else by looking ten times a second."""

    def __init__(self, cgroup: Cgroup) -> None:
        self._cgroup = cgroup
        self._seen = 0
        self._over = threading.Event()
        if not cgroup.reset_peak():
            threading.Thread(target=self._look, name="memory peak", daemon=True).start()

    def read(self) -> int:
        """Bytes. OSError where the group is gone."""
        self._seen = max(self._seen, self._cgroup.memory_bytes())
        return max(self._seen, self._cgroup.peak_bytes() or 0)

    def reset(self) -> None:
        """Begin anew."""
        self._cgroup.reset_peak()
        self._seen = 0

    def close(self) -> None:
        """Stop looking."""
        self._over.set()

    def _look(self) -> None:
        with suppress(OSError):  # the group is gone, and so is the service
            while not self._over.wait(_LOOK_EVERY):
                self._seen = max(self._seen, self._cgroup.memory_bytes())
