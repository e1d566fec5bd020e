"""Several engines in one measurement."""

from pathlib import Path

from perfgate.load.engines import Engines
from perfgate.load.pacer import Slice
from perfgate.scenario import Script
from perfgate.scenario.profile import ConstantVUs
from perfgate.testing.engine import SeededEngine


def script(name, engine):
    return Script(name, engine, ConstantVUs(1, 1.0), (), Path(f"{name}.js"), 1)


def test_each_scenario_is_played_by_its_own_engine():
    one, other = SeededEngine(), SeededEngine()
    engines = Engines({"one": lambda: one, "other": lambda: other})
    for scenario in (script("a", "one"), script("b", "other")):
        engines.open(scenario, "base", "http://localhost")
        engines.play(scenario, "base", Slice(0.0, 1.0, None), 0)
        engines.close(scenario, "base")
    engines.stop()
    assert [call[:2] for call in one.calls] == [("open", "a"), ("play", "a"), ("close", "a"), ("stop",)]
    assert [call[:2] for call in other.calls] == [("open", "b"), ("play", "b"), ("close", "b"), ("stop",)]


def test_an_engine_that_no_scenario_asks_for_is_never_made():
    one = SeededEngine()
    engines = Engines({"one": lambda: one, "other": lambda: 1 / 0})
    engines.open(script("a", "one"), "base", "http://localhost")
    engines.stop()
    assert one.calls[-1] == ("stop",)
