"""What the master and the machines say to each other, besides what Locust says by itself.

    machine -> master   HELLO    who it is (Hello)
    master -> machine   CONFIG   what will be played (MachineConfig), or REFUSAL
    machine -> master   FIT      it has all of that, or REFUSAL
    master -> machine   COMMAND  one of generator.messages, with its number (MachineCommand)
    machine -> master   ANSWER   to all commands but rounds (MachineAnswer)
    both ways           REFUSAL  why not: error, hint

What a round counted travels in the report that a Locust worker makes anyway, under the key REPORT. No message has a
time in it: clocks of machines differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from perfgate.load.generator.unique_ids import WORKERS
from perfgate.version import VERSION

HELLO = "perfgate_hello"
CONFIG = "perfgate_config"
FIT = "perfgate_fit"
REFUSAL = "perfgate_refusal"
COMMAND = "perfgate_command"
ANSWER = "perfgate_answer"
REPORT = "perfgate"

DEFAULT_PORT = 5557  # Locust's own

_SAME_FILES = "bring its scenario files to the state of the gate's, or name their folder with --scenarios"


@dataclass(frozen=True)
class Hello:
    """How a machine introduces itself. name: of the machine, to people."""

    name: str
    version: str


@dataclass(frozen=True)
class MachineConfig:
    """What a machine will play.

    files: names of the scenario files.
    hashes: of the scenarios, by name.
    vus, duration: overrides of the command line.
    worker: the machine's number, which no other ever has.
    machines: how many were asked for.
    nonce: makes the ids of this run unlike those of others.
    seed: of all chance.
    scales: how many times the users of a scenario are wanted, by its name; under "" of all others.
    """

    files: tuple[str, ...]
    hashes: dict[str, str]
    vus: int | None
    duration: float | None
    worker: int
    machines: int
    nonce: int
    seed: int
    scales: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class MachineCommand:
    """A command for a machine.

    number: of the command; 0 where no answer is wanted.
    users: as many as the scenario ever has.
    command: tagged plain form of a generator's command.
    """

    number: int
    users: int
    command: dict[str, Any]


@dataclass(frozen=True)
class MachineAnswer:
    """A machine's answer to a command.

    number: of the command.
    value: plain form of the reply; None where the command could not be carried out.
    error, hint: why not.
    """

    number: int
    value: dict[str, Any] | None
    error: str
    hint: str


@dataclass(frozen=True)
class Refusal:
    """Why a machine does not take part, and what would mend that."""

    error: str
    hint: str


def unfit(hello: Hello, number: int) -> Refusal | None:
    """Why the master refuses a machine that says so of itself and would have that number; None: it does not."""
    if number >= WORKERS:
        return Refusal(f"{hello.name} comes after {WORKERS} others, and there are no ids for more", "start a new run")
    if hello.version == VERSION:
        return None
    error = f"{hello.name} has perfgate {hello.version}, the gate has {VERSION}"
    return Refusal(error, "install the same version on both machines")


def differing(name: str, wanted: dict[str, str], found: dict[str, str]) -> Refusal | None:
    """Why the machine of that name cannot play what is wanted: the scenarios that it lacks or has otherwise."""
    missing = sorted(set(wanted) - set(found))
    other = sorted(scenario for scenario in set(wanted) & set(found) if wanted[scenario] != found[scenario])
    if missing:
        return Refusal(f"{name} has no scenario {', '.join(missing)}", _SAME_FILES)
    if other:
        return Refusal(f"{name} has another {', '.join(other)} than the gate", _SAME_FILES)
    return None


def unreadable(name: str, message: str) -> Refusal:
    """The refusal of a machine whose scenario files cannot be loaded."""
    return Refusal(f"{name} cannot load the scenarios: {message}", _SAME_FILES)


def place_of(text: str, default_port: int = DEFAULT_PORT) -> tuple[str, int]:
    """Host and port of "host", "host:5557" or "[::1]:5557". ValueError where it is none of these."""
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")) or port.endswith("]"):
        host, port = text, str(default_port)
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or len(port) > 5 or not int(port) < 65536:
        raise ValueError(f"{text!r} is no machine; write it like 10.0.0.1 or 10.0.0.1:{default_port}")
    return host, int(port)
