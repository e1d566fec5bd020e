"""The file of a search: every duet, and every commit that could not be measured, as soon as it is known."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from perfgate.compare.rows import Row
from perfgate.errors import NoVerdictError

FILE = Path(".perfgate/bisect.json")
_SCHEMA = "perfgate.search/1"


@dataclass(frozen=True)
class KeptDuet:
    """One duet of two commits.

    base, head: their hashes.
    changes: of the row that is followed, in each pair.
    instances: of each side.
    seconds: of load, both sides together (s).
    """

    base: str
    head: str
    changes: tuple[float, ...]
    instances: int
    seconds: float


@dataclass(frozen=True)
class _Content:
    question: dict[str, Any]
    row: Row
    failing: float
    duets: list[KeptDuet]
    untested: dict[str, str]
    untested_seconds: float

    def is_of(self, hashes: Sequence[str]) -> bool:
        """Whether all that was measured are commits of this line, its ends first."""
        ends = self.duets[0]
        known = {*(one.base for one in self.duets), *(one.head for one in self.duets), *self.untested}
        return (ends.base, ends.head) == (hashes[0], hashes[-1]) and known <= set(hashes)


class KeptSearch:
    """A search in its file. What the file holds of another question is forgotten.

    question: all that must be the same for duets to go together: the ends, the load, the service.
    hashes: of the line's commits, both ends among them.
    failing: the share of requests that fail at the ends.
    duets: that of the ends first.
    untested: the reasons by hash.
    untested_seconds: of load that showed them (s).
    """

    def __init__(self, path: Path, question: dict[str, Any], hashes: Sequence[str]) -> None:
        self.path = path
        self._question = question
        self.row: Row | None = None
        self.failing = 0.0
        self.duets: list[KeptDuet] = []
        self.untested: dict[str, str] = {}
        self.untested_seconds = 0.0
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            found = _read(path)
            if found.question == question and found.is_of(hashes):
                self.row, self.failing, self.duets = found.row, found.failing, found.duets
                self.untested, self.untested_seconds = found.untested, found.untested_seconds

    @property
    def seconds(self) -> float:
        """The load of all duets, those that left a commit out among them (s)."""
        return sum(duet.seconds for duet in self.duets) + self.untested_seconds

    def begin(self, row: Row, ends: KeptDuet, failing: float) -> None:
        """Follow a row, by the duet of the ends. failing: the share of requests that fail there."""
        self.row, self.failing, self.duets = row, failing, [ends]
        self.untested, self.untested_seconds = {}, 0.0
        self._write()

    def add(self, duet: KeptDuet) -> None:
        self.duets.append(duet)
        self._write()

    def leave_out(self, reasons: Mapping[str, str], seconds: float) -> None:
        """Note commits that cannot be measured: why, by hash. seconds: of load that showed it."""
        self.untested.update(reasons)
        self.untested_seconds += seconds
        self._write()

    def _write(self) -> None:
        assert self.row is not None
        content = {
            "schema": _SCHEMA,
            "question": self._question,
            "row": asdict(self.row),
            "failing": self.failing,
            "duets": [asdict(duet) for duet in self.duets],
            "untested": self.untested,
            "untested_seconds": self.untested_seconds,
        }
        draft = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
            os.replace(draft, self.path)
        except OSError as error:
            message = f"{self.path} cannot be written: {error.strerror}"
            raise NoVerdictError(message, "make room, or let it be written") from error


def _read(path: Path) -> _Content:
    """What the file holds; a ValueError, or one like it, where that is not what was written."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    if plain["schema"] != _SCHEMA:
        raise ValueError(plain["schema"])
    duets = [
        KeptDuet(**{**one, "changes": tuple(map(float, one["changes"])), "seconds": float(one["seconds"])})
        for one in plain["duets"]
    ]
    for duet in duets:
        if not duet.changes or not all(map(math.isfinite, duet.changes)) or duet.instances < 1:
            raise ValueError(duet)
    if not duets:
        raise ValueError("no duet")
    untested = {str(sha): str(reason) for sha, reason in plain["untested"].items()}
    # Older files have neither of the two.
    seconds, failing = float(plain.get("untested_seconds", 0.0)), float(plain.get("failing", 1.0))
    if not (0 <= seconds < math.inf and 0 <= failing <= 1):
        raise ValueError(seconds, failing)
    return _Content(plain["question"], Row(**plain["row"]), failing, duets, untested, seconds)
