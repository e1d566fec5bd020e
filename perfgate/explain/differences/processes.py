"""Facts of a running process: its command, its environment, its runtime and its libraries. Nothing is run for them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePath

import psutil

from perfgate.explain.differences.executables import executable_facts
from perfgate.explain.differences.facts import COMMAND, SERVICE, FactKind, Sheet
from perfgate.explain.differences.installed import installed_packages
from perfgate.explain.differences.own_values import OwnValues

# Programs that only start others.
_LAUNCHERS = frozenset(
    ("sh", "bash", "dash", "ash", "zsh", "busybox", "env", "make", "npm", "npx", "yarn", "pnpm", "uv", "poetry", "pdm")
) | frozenset(("hatch", "pipenv", "tini", "dumb-init", "sudo", "su", "gosu", "runuser", "taskset", "nice", "timeout"))
_DEEPEST = 8


def process_facts(pids: Sequence[int], own: OwnValues, place: str = SERVICE) -> tuple[Sheet, ...]:
    """What is known of the program that runs in these processes or below them; () where it cannot be seen."""
    for pid in pids[:1]:
        with suppress(psutil.Error, OSError):
            return tuple(_facts(_program(psutil.Process(pid)), own, place))
    return ()


def _program(process: psutil.Process) -> psutil.Process:
    """The process, or the first one below it that is more than a launcher."""
    for _ in range(_DEEPEST):
        children = process.children() if _launches(process) else []
        if not children:
            break
        process = min(children, key=lambda child: child.create_time())
    return process


def _launches(process: psutil.Process) -> bool:
    words = process.cmdline()
    names = {PurePath(word.split(" ")[0]).name for word in (words[:1] if words else [process.name()])}
    # A script of a launcher has its interpreter for a program: python /usr/bin/poetry run.
    names |= {PurePath(word).name.removesuffix(".js").removesuffix("-cli") for word in words[1:2]}
    return not _LAUNCHERS.isdisjoint(names)


def _facts(process: psutil.Process, own: OwnValues, place: str) -> list[Sheet]:
    sheets = []
    with suppress(psutil.Error, OSError):
        command = own.neutral(shlex.join(process.cmdline()))
        sheets.append(Sheet(FactKind.COMMAND, place, {COMMAND: command}))
    with suppress(psutil.Error, OSError):
        sheets.append(Sheet(FactKind.ENVIRONMENT, place, own.compared(process.environ())))
    with suppress(psutil.Error, OSError):
        program = Path(process.exe())
        sheets += executable_facts(program, f"/proc/{process.pid}/exe", place)
        if packages := installed_packages(program, process.cmdline()[:1], Path(process.cwd())):
            sheets.append(Sheet(FactKind.PACKAGE, place, packages))
    return sheets
