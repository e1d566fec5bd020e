"""Commands that are run to their end for a stack: seeds, teardowns, and the question whether a dependency is ready."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from perfgate.errors import TargetError
from perfgate.service.placeholders import fill_words
from perfgate.service.processes.process import ProcessContext, ServiceProcess
from perfgate.service.processes.surroundings import variables_for
from perfgate.units import format_seconds

# Up to the last @: a password may hold one that nobody quoted.
_PASSWORD = re.compile(r"(://[^:/@]*):.*@", re.DOTALL)
_PLAIN = re.compile(r"[\w@%+=:,./{}-]+")


@dataclass(frozen=True)
class CommandEnd:
    """The end of a command.

    failure: how it failed, like "exit code 1"; "" where it succeeded.
    logs: the last lines that it wrote.
    """

    failure: str
    logs: str


@dataclass(frozen=True)
class Place:
    """Where commands of a stack run.

    folder: their working folder.
    inherited: the environment variables that they get besides their own.
    mark: of all their processes.
    cpus: where they may run; empty for all.
    spared: the sessions of processes that carry the mark, and do not end with them.
    """

    folder: Path
    inherited: Mapping[str, str]
    mark: str
    cpus: tuple[int, ...] = ()
    spared: tuple[int, ...] = ()


def run_to_its_end(words: Sequence[str], variables: Mapping[str, str], place: Place, seconds: float) -> CommandEnd:
    """Run a command; what it leaves running ends with it, and all of it with an interruption.

    seconds: the most that it may take.
    """
    environment = variables_for(place.inherited, variables, place.mark)
    context = ProcessContext(place.folder, environment, place.mark, piped=False, spared=place.spared)
    try:
        process = ServiceProcess(words, place.cpus, context)
    except TargetError as error:
        return CommandEnd(error.message, "")
    try:
        in_time = process.wait(seconds)
        how = process.ended() or f"no end after {format_seconds(seconds)}"
    finally:
        process.stop()
    failure = "" if in_time and how == "exit code 0" else how
    return CommandEnd(failure, process.logs())


def shown_words(words: Sequence[str], values: Mapping[str, str]) -> str:
    """A command as a person would write it, with its placeholders filled in, but for the passwords of URLs."""
    shown = fill_words(words, {name: _PASSWORD.sub(r"\1:***@", value) for name, value in values.items()})
    if tuple(words[:2]) == ("sh", "-c"):
        return shown[2]
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in shown)


def all_cpus(cpus: tuple[int, ...]) -> tuple[int, ...]:
    """The CPUs of the service, with the generator's: nothing is measured meanwhile."""
    return (*os.sched_getaffinity(0), *cpus) if cpus else ()
