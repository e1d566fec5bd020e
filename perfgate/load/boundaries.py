"""The moments at which slices of load begin and end, met while the results of earlier ones are being read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_LOOK = 0.002  # seconds between looks at whether a moment is over


class Boundaries:
    """Calls `boundary` with each of `count` + 1 moments, when it has come.

    They are `length` seconds apart, the first is `began` (monotonic seconds). A thread does, since what else is done
    between slices may take longer than a slice. A context manager.
    """

    def __init__(self, began: float, length: float, count: int, boundary: Callable[[float], None]) -> None:
        self._moments = [began + number * length for number in range(count + 1)]
        self._boundary = boundary
        self._passed = 0
        self._failure: Exception | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._meet, name="boundaries", daemon=True)

    def __enter__(self) -> Boundaries:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    @property
    def passed(self) -> int:
        """How many of them are over. What went wrong at one is raised here."""
        if self._failure is not None:
            raise self._failure
        return self._passed

    def wait_for(self, count: int) -> None:
        """Return once so many of them are over. What went wrong at one is raised here."""
        while self.passed < count:
            time.sleep(_LOOK)

    def _meet(self) -> None:
        try:
            for moment in self._moments:
                if self._stopped.wait(max(0.0, moment - time.monotonic())):
                    return
                self._boundary(moment)
                self._passed += 1
        except Exception as error:  # it is the reader's
            self._failure = error
