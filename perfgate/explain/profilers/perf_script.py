"""What `perf script` prints: samples, each with its frames from the innermost on.

Of the fields pid, ip, sym, symoff and dso a sample is a line with the process, a line for each frame, and an empty one:

      1234
              47b2e5 main.discount+0x25 (/srv/shop/server)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

FIELDS = "pid,ip,sym,symoff,dso"

_PID = re.compile(r"\s*[0-9]{1,9}")
_FRAME = re.compile(
    r"\s*(?P<address>[0-9a-f]{1,16}) (?P<symbol>.+?)(?:\+0x(?P<offset>[0-9a-f]{1,16}))? \((?P<image>[^()]*)\)"
)
_DELETED = " (deleted)"
_UNKNOWN = "[unknown]"
_KERNEL_BIT = 63


@dataclass(frozen=True)
class PerfFrame:
    """A frame as perf knows it.

    address: in the memory of the process.
    symbol: "" where perf knows none.
    offset: from the symbol's beginning on.
    image: the file that holds it, or a perf map; "" where unknown.
    """

    address: int
    symbol: str
    offset: int
    image: str

    @property
    def in_kernel(self) -> bool:
        """Whether the address is one of the kernel."""
        return bool(self.address >> _KERNEL_BIT)


@dataclass(frozen=True)
class Sample:
    """A stack of a process. frames: from the innermost on."""

    pid: int
    frames: tuple[PerfFrame, ...]


def parse_script(lines: Iterable[str]) -> Counter[Sample]:
    """How often each sample was seen."""
    found: Counter[Sample] = Counter()
    pid = 0
    frames: list[PerfFrame] = []
    for line in lines:
        text = line.rstrip()
        if not text:
            if frames:
                found[Sample(pid, tuple(frames))] += 1
            frames = []
        elif not frames and _PID.fullmatch(text):
            pid = int(text)
        elif frame := _frame(text):
            frames.append(frame)
    if frames:
        found[Sample(pid, tuple(frames))] += 1
    return found


@lru_cache(maxsize=65536)
def _frame(text: str) -> PerfFrame | None:
    match = _FRAME.fullmatch(text.replace(_DELETED, ""))
    if match is None:
        return None
    symbol, image = match["symbol"], match["image"]
    return PerfFrame(
        int(match["address"], 16),
        "" if symbol == _UNKNOWN else symbol,
        int(match["offset"] or "0", 16),
        "" if image == _UNKNOWN else image,
    )
