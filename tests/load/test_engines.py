"""Several engines in one measurement."""

from dataclasses import replace
from pathlib import Path

from perfgate import scenario
from perfgate.load.engine import Engine
from perfgate.load.engines import Engines
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.scenario import Scenario, Script
from perfgate.scenario.profile import ConstantVUs
from perfgate.testing.engine import SeededEngine


def script(name, engine):
    return Script(name, engine, ConstantVUs(1, 1.0), (), Path(f"{name}.js"), 1)


def test_each_scenario_is_played_by_its_own_engine():
    one, other = SeededEngine(), SeededEngine()
    engines = Engines({("one", Script): lambda: one, ("other", Script): lambda: other})
    for chosen in (script("a", "one"), script("b", "other")):
        engines.open(chosen, "base", "http://localhost")
        engines.play(chosen, "base", Slice(0.0, 1.0, None), Phase.MEASURING, 0)
        engines.close(chosen, "base")
    engines.stop()
    assert [call[:2] for call in one.calls] == [("open", "a"), ("play", "a"), ("close", "a"), ("stop",)]
    assert [call[:2] for call in other.calls] == [("open", "b"), ("play", "b"), ("close", "b"), ("stop",)]


def test_a_script_and_a_scenario_of_ours_are_played_by_two_engines_of_one_name():
    @scenario(vus=1, duration="1s")
    def b(user): ...

    scripts, ours = SeededEngine(), SeededEngine()
    engines = Engines({("one", Script): lambda: scripts, ("one", Scenario): lambda: ours})
    for chosen in (script("a", "one"), replace(b, engine="one")):
        engines.open(chosen, "base", "http://localhost")
    assert (scripts.calls[0][:2], ours.calls[0][:2]) == (("open", "a"), ("open", "b"))


def test_an_engine_that_no_scenario_asks_for_is_never_made():
    one = SeededEngine()

    def not_wanted() -> Engine:
        raise AssertionError("nobody asked for it")

    engines = Engines({("one", Script): lambda: one, ("other", Script): not_wanted})
    engines.open(script("a", "one"), "base", "http://localhost")
    engines.stop()
    assert one.calls[-1] == ("stop",)
