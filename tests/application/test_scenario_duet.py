"""When the duet of one scenario ends."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from perfgate.application import scenario_duet
from perfgate.application.scenario_duet import ScenarioDuet
from perfgate.config.values import Config
from perfgate.load.runner import Runner, Timing
from perfgate.load.warm_up_timing import WarmUpTiming
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.testing import SeededEngine
from tests.application.bench.test_bench import Silent
from tests.support.load_target import LoadTarget


class Hanging(SeededEngine):
    """An engine with requests that are not answered."""

    def __init__(self, unanswered, **options):
        super().__init__(**options)
        self._generator = replace(self._generator, unanswered=unanswered)


@pytest.mark.parametrize(("unanswered", "early"), [(0, True), (1, False)])
def test_a_duet_does_not_end_green_while_requests_hang_that_have_not_failed_yet(
    tmp_path, unanswered, early, monkeypatch
):
    (tmp_path / "a.py").write_text(
        "from perfgate import scenario\n"
        "@scenario(rate=20, duration='60s', pre_allocated_vus=5)\n"
        "def a(user):\n"
        "    pass\n"
    )
    scenarios = load_scenarios(tmp_path, (), Overrides())
    engine = Hanging(unanswered, latency_ms=1.0, slices=True, requests=50)
    bench: Any = SimpleNamespace(
        runner=Runner(engine, Timing(0.5, WarmUpTiming(2.0, 60.0)), 1, lambda *what: None),
        confirm_running=lambda: None,
    )
    monkeypatch.setattr(scenario_duet, "LoadedSide", lambda _, side: LoadTarget(side, f"http://{side}"))
    plan: Any = SimpleNamespace(config=Config(budget=60.0), scenarios=scenarios, overrides=Overrides())
    duet = ScenarioDuet(scenarios[0], plan, bench, Silent())
    list(duet.play(to_the_end=False))
    assert duet.method().at_once
    assert (duet.method().pairs < 120) is early
