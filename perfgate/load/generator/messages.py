"""What the command line's process and a worker say to each other: one JSON object a line, both ways."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from perfgate.load.pacer import Share, Slice
from perfgate.load.phase import Phase


@dataclass(frozen=True)
class Orders:
    """A worker's first line: which scenarios to load, who it is, and where it runs.

    vus, duration: overrides of the command line, None where the scenario's own hold. cpus: to be pinned to; empty: not.
    """

    folder: str
    wanted: list[str]
    vus: int | None
    duration: float | None
    worker: int
    workers: int
    nonce: int
    seed: int
    cpus: list[int]


@dataclass(frozen=True)
class Open:
    """Make a pool for `scenario` against `url`; `side` names it from now on.

    set_up: run the scenario's setup and answer with what it returned; otherwise `data` is that.
    """

    scenario: str
    side: str
    url: str
    set_up: bool
    data: Any


@dataclass(frozen=True)
class Play:
    """Play a share of a slice of a scenario on one side.

    start_at: this machine's monotonic seconds, the same for all its workers; one that is over means at once.
    """

    scenario: str
    side: str
    slice: Slice
    share: Share
    phase: Phase
    number: int
    start_at: float


@dataclass(frozen=True)
class Close:
    """Run the teardown (`tear_down`: this worker does) and forget the pool."""

    scenario: str
    side: str
    tear_down: bool


Command = Open | Play | Close
_COMMANDS: dict[str, type[Open] | type[Play] | type[Close]] = {"open": Open, "play": Play, "close": Close}
_NAMES = {kind: name for name, kind in _COMMANDS.items()}


def write(value: Command) -> bytes:
    """A command as a line."""
    return json.dumps({"do": _NAMES[type(value)], **asdict(value)}).encode() + b"\n"


def read(line: bytes | str) -> Command:
    """The command of a line."""
    plain = json.loads(line)
    kind = _COMMANDS[plain.pop("do")]
    if kind is Play:
        plain["slice"], plain["share"] = Slice(**plain["slice"]), Share(**plain["share"])
        plain["phase"] = Phase(plain["phase"])
    return kind(**plain)
