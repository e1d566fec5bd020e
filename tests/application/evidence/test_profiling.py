"""How the time for causes is shared out: what gets too little of it could name no function."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from perfgate.application.evidence import profiling as module
from perfgate.application.evidence.profiling import Profiling, RoundLength, how_many_fit, more_usable
from perfgate.explain.cause import CauseKind
from perfgate.explain.profile import Profile
from perfgate.explain.subject import Subject
from perfgate.load.runner import Runner, Timing
from perfgate.load.warm_up_timing import WarmUpTiming
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.testing import SeededEngine
from tests.support.load_target import LoadTarget

SHORT_ITERATION = 0.02


@pytest.mark.parametrize(
    ("rounds", "seconds", "count"),
    [
        ([1], 12, 1),
        ([1, 1], 18, 1),
        ([1, 1], 20, 2),
        ([1, 1, 1], 20, 2),
        ([1, 1, 2], 20, 2),
        ([2, 1], 20, 1),
        ([2], 12, 1),
    ],
)
def test_no_more_scenarios_share_the_time_than_can_name_a_function(rounds, seconds, count):
    assert how_many_fit([RoundLength(length, SHORT_ITERATION) for length in rounds], seconds) == count


def test_long_iterations_share_the_time_with_no_others():
    assert how_many_fit([RoundLength(1, 0.3), RoundLength(1, SHORT_ITERATION)], 20) == 1


@pytest.mark.parametrize(
    ("wanted", "spread", "seconds", "length"),
    [(1, 0, 12, 1), (2, 0, 18, 2), (2, 0, 17, 1), (2, 0, 12, 1), (2, 0.25, 18, 1), (2, 0.25, 20, 1), (2, 5, 20, 1)],
)
def test_a_round_is_shorter_where_too_few_would_be_left(wanted, spread, seconds, length):
    assert RoundLength(wanted, spread).that_fits(seconds) == RoundLength(length, spread)


@pytest.mark.parametrize(
    ("spread", "played", "seconds", "hint"),
    [
        (0.6, 3, 18, "raise seconds under [explain], or send more load"),
        (0.6, 3, 20, "send more load"),
        (2, 2, 18, "explain a scenario whose iterations are shorter"),
        (2, 4, 20, "send more load"),
    ],
)
def test_where_too_few_rounds_can_be_used_the_hint_is_one_that_helps(spread, played, seconds, hint):
    assert more_usable(RoundLength(2, spread), played, seconds) == hint


@dataclass
class Remembering:
    """A profiler that sees nothing, and remembers for how long it was asked to look (s)."""

    name = "none"
    asked: set[int] = field(default_factory=set)

    @contextmanager
    def record(self, pids, seconds):
        self.asked.add(seconds)
        yield SimpleNamespace(profile=lambda: Profile({}, {}, None))


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ("vus=2, duration='60s'", 3),
        ("executor='constant-arrival-rate', rate=9, pre_allocated_vus=2, duration='60s'", 1),
    ],
)
def test_a_profiler_also_looks_while_users_begin(options, seconds, tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text(
        f"from perfgate import scenario\n@scenario({options})\ndef a(user):\n    user.get('/a')\n"
    )
    (scenario,) = load_scenarios(tmp_path, (), Overrides())
    targets = {side: LoadTarget(side, f"http://{side}") for side in ("base", "head")}
    runner = Runner(SeededEngine(iteration_ms=2_500), Timing(1.0, WarmUpTiming(2.0, 2.0)), 1, lambda *_: None)
    next(runner.duet(scenario, targets["base"], targets["head"], 60))
    assert runner.spread(scenario) == pytest.approx(2.5, rel=0.01)
    service = SimpleNamespace(instance=SimpleNamespace(processes=lambda: [1]))
    monkeypatch.setattr(module, "LoadedSide", lambda _, side, counts: targets[side])
    bench: Any = SimpleNamespace(runner=runner, service=lambda _: service)
    profiler = Remembering()
    profiling = Profiling(bench, [Subject(CauseKind.CPU, "", profiler)], None, RoundLength(1, runner.spread(scenario)))
    assert profiling.pairs(scenario, 18)
    assert profiler.asked == {seconds}
