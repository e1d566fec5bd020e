"""k6's own log, one JSON object a line: what scripts raised, and what k6 complains of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from perfgate.load.raised import count_raised

# A script that raises in every iteration writes a line each time: what is wrong stands in the first of them.
_MOST_LINES = 20_000
# So is what it writes of itself.
_MOST_WRITTEN = 5


@dataclass
class K6Log:
    """What k6 logged.

    raised: exceptions of the script's iterations, and how often each was raised.
    complaints: k6's own errors, in their order.
    written: the first lines that the script wrote with `console.log` and the like.
    """

    raised: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Iterable[str]) -> K6Log:
        """The log in `lines`. What is not JSON (a panic, say) is a complaint."""
        log = cls()
        for line in islice(lines, _MOST_LINES):
            log.add(line)
        return log

    def add(self, line: str) -> None:
        """Count one more line."""
        try:
            entry = json.loads(line)
            level, message = entry["level"], str(entry["msg"])
        except (ValueError, KeyError, TypeError, RecursionError):
            if line.strip():
                self.complaints.append(line.strip())
            return
        if entry.get("source") == "console":
            self.written += [message] * (len(self.written) < _MOST_WRITTEN)
            return
        if level not in ("error", "fatal", "panic"):
            return
        if entry.get("source") == "stacktrace":
            count_raised(self.raised, _first_line(message))
        else:
            self.complaints.append(message.strip())


def _first_line(message: str) -> str:
    """An exception and the place in the script that raised it."""
    head, *frames = message.strip().split("\n")
    where = next((frame.strip() for frame in frames if "file://" in frame), "")
    return f"{head} {where}".strip()
