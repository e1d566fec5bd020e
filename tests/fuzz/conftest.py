"""The time that fuzzing takes, what must hold for each input, and the table at the end."""

from __future__ import annotations

import faulthandler
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase

# Ten minutes a target is what `make fuzz` takes; .ci/run has a short round.
SECONDS = float(os.environ.get("FUZZ_SECONDS", 600))
SEED = int(os.environ.get("FUZZ_SEED", random.SystemRandom().randrange(2**32)))

# Longer than any input may take, also on a busy machine (s). It is counted by an alarm that rings every second: while
# the process is stopped, none does.
_DEADLINE = 20
# What hangs outside of Python's sight ends the process (s).
_END = 1_200
# No input is larger than a few hundred KB: none has a reason to take this much more memory than the largest before it.
_MOST_GROWTH = 300 * 2**20
_MOST_MEMORY = 6 * 2**30
_INPUTS_A_TURN = 400


class Hang(BaseException):
    """An input that takes too long. No reader takes it for an error of its own."""


@dataclass
class Tried:
    """One target's figures.

    inputs: how many were tried.
    seconds: how long it took in all.
    slowest: how long the slowest input took (s).
    findings: 1 where one failed.
    """

    name: str
    inputs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    findings: int = 0


_TRIED: list[Tried] = []


@pytest.fixture
def fuzz(request: pytest.FixtureRequest) -> Callable[[Any, Callable[[Any], None]], None]:
    """Gives inputs of a strategy to a function for the time that a target has. It raises what the function raises."""

    def play(strategy: Any, target: Callable[[Any], None]) -> None:
        tried = Tried(request.node.name.removeprefix("test_").replace("_", " "))
        _TRIED.append(tried)
        began = time.monotonic()
        turn = 0
        try:
            while (left := began + SECONDS - time.monotonic()) > 0:
                _one_turn(strategy, target, tried, SEED + turn, time.monotonic() + left)
                turn += 1
        finally:
            tried.seconds = time.monotonic() - began

    return play


def _one_turn(strategy: Any, target: Callable[[Any], None], tried: Tried, seed: int, until: float) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=_INPUTS_A_TURN,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def one(given: Any) -> None:
        if time.monotonic() > until and not tried.findings:
            return
        tried.inputs += 1
        began = time.monotonic()
        try:
            guarded(target, given)
        except BaseException:
            tried.findings = 1  # it is played again, smaller and smaller
            raise
        finally:
            tried.slowest = max(tried.slowest, time.monotonic() - began)

    one()


def guarded(target: Callable[[Any], None], given: Any) -> None:
    """Play one input, in time and in bounded memory."""
    before = _peak()
    faulthandler.dump_traceback_later(_END, exit=True, file=sys.__stderr__)
    _rung.clear()
    signal.setitimer(signal.ITIMER_REAL, 1, 1)
    try:
        target(given)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
    assert _peak() - before < _MOST_GROWTH, "it takes memory without bound"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


_rung: list[float] = []


def _hang(*_: Any) -> None:
    _rung.append(time.monotonic())
    if len(_rung) >= _DEADLINE:
        _rung.clear()
        raise Hang(f"it takes more than {_DEADLINE} s")


@pytest.fixture(autouse=True)
def _limits() -> Any:
    """An alarm for what hangs, and an end of memory: the machine's is others', too."""
    previous = signal.signal(signal.SIGALRM, _hang)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)
    signal.signal(signal.SIGALRM, previous)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _TRIED:
        return
    terminalreporter.section(f"fuzzing, FUZZ_SECONDS={SECONDS:g} FUZZ_SEED={SEED}")
    width = max(len(tried.name) for tried in _TRIED)
    terminalreporter.write_line(f"{'target':<{width}}  {'inputs':>9}  {'seconds':>7}  {'slowest':>7}  findings")
    for tried in _TRIED:
        figures = f"{tried.inputs:>9,}  {tried.seconds:>7.0f}  {tried.slowest:>7.2f}  {tried.findings:>8}"
        terminalreporter.write_line(f"{tried.name:<{width}}  {figures}")
    inputs, seconds = sum(tried.inputs for tried in _TRIED), sum(tried.seconds for tried in _TRIED)
    findings = sum(tried.findings for tried in _TRIED)
    terminalreporter.write_line(f"{'in all':<{width}}  {inputs:>9,}  {seconds:>7.0f}  {'':>7}  {findings:>8}")
