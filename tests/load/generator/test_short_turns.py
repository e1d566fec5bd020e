"""Users that two sides share in short turns: real workers against real services."""

import re
import textwrap
import time
from itertools import pairwise

import pytest

from perfgate.load.generator.engine import PerfgateEngine
from perfgate.load.generator.messages import WorkerConfig
from perfgate.load.pacer import ShortTurns
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.testing import ScriptedServer
from tests.support.slices import OK, plan, stopping, two_services

TURNS = ShortTurns(0.1, "x")
THINKING = """
    @scenario(vus=6, duration="10s")
    def ask(user):
        user.get("/a", headers={"X-At": str(time.monotonic())})
        user.think(0.02)
"""


@pytest.fixture
def shared(tmp_path):
    """shared(text, services, plan): the slices of the scenario in this text on both services."""

    def play(text, services, wanted, workers=1):
        (tmp_path / "file.py").write_text("import time\nfrom perfgate import scenario\n" + textwrap.dedent(text))
        (scenario,) = load_scenarios(tmp_path, (), Overrides(None, None))
        config = WorkerConfig(str(tmp_path), (), None, None, workers, 5, 1, ())
        with stopping(services) as opened:
            engine, _ = opened(PerfgateEngine(config), scenario)
            assert engine.can_share(scenario)
            return list(engine.play_slices(scenario, ("base", "head"), wanted))

    return play


def begun(service):
    """When each request began, by its header (monotonic seconds)."""
    return [float(re.search(rb"X-At: ([0-9.]+)", request)[1]) for request in service.requests]


@pytest.mark.parametrize("workers", [1, 2])
def test_sides_have_the_load_in_turns(shared, workers):
    with two_services("/a") as services:
        found = shared(THINKING, services, plan(2.0, 4, spread=0.02, turns=TURNS), workers)
    began = min(moment for service in services.values() for moment in begun(service))
    moments = sorted((moment, side) for side, service in services.items() for moment in begun(service))
    # While users begin they send to both.
    turns = [side for moment, side in moments if moment > began + 0.1]
    changes = sum(one != other for one, other in pairwise(turns))
    # Two workers look at their clocks one after the other.
    assert 8 <= changes <= 20 * (2 * workers - 1)
    assert len(moments) <= 6 * (2.02 / 0.02 + 2)
    for side, service in services.items():
        tallies = [slice_[side].tally for slice_ in found]
        assert [tally.vus for tally in tallies] == [6] * 4
        assert sum(tally.seconds for tally in tallies) == pytest.approx(1.0, rel=0.5)
        assert sum(tally.request_count for tally in tallies) > 20
        assert service.connections == 6
        assert all(slice_[side].problems == () for slice_ in found)


def test_both_sides_have_their_connections_before_anything_counts(shared):
    long = """
        @scenario(vus=4, duration="30s")
        def ask(user):
            user.get("/a")
            user.think(30)
    """
    with two_services("/a") as services:
        (only,) = shared(long, services, plan(0.3, 1, spread=0.4, turns=TURNS))
    assert [service.connections for service in services.values()] == [4, 4]
    assert [only[side].tally.request_count for side in services] == [0, 0]


def test_a_side_that_hangs_takes_no_load_from_the_other(shared):
    quick = THINKING.replace('"10s"', '"10s", graceful_stop="100ms"')
    with ScriptedServer({"/a": [OK]}) as base, ScriptedServer({"/a": [60.0]}) as head:
        found = shared(quick, {"base": base, "head": head}, plan(3.0, 3, spread=0.02, turns=TURNS))
    # Their time there says how many iterations they should have come to: what waits is waited for.
    seconds = {side: sum(slice_[side].tally.seconds for slice_ in found) for side in ("base", "head")}
    assert seconds["base"] == pytest.approx(1.5, rel=0.4)
    assert seconds["head"] == pytest.approx(3.0, rel=0.2)
    counts = {side: sum(slice_[side].tally.request_count for slice_ in found) for side in ("base", "head")}
    assert counts["base"] > 6 * 10
    assert found[-1]["head"].tally.request("GET /a").errors == {"timeout": 6}
    assert counts["head"] == 6


def test_iterations_that_outlast_a_turn_count_by_the_time_that_users_spend_with_them(shared):
    """One of ten iterations of head takes ten times as long: it comes to half as many."""
    uneven = """
        @scenario(vus=6, duration="10s")
        def ask(user):
            user.get("/rare" if user.iteration % 10 == 0 else "/a")
            user.think(0.02)
    """
    with (
        ScriptedServer({"/a": [OK], "/rare": [OK]}) as base,
        ScriptedServer({"/a": [OK], "/rare": [0.2, OK]}) as head,
    ):
        found = shared(uneven, {"base": base, "head": head}, plan(6.0, 6, spread=0.02, turns=TURNS))
    rates = {}
    for side in ("base", "head"):
        tallies = [slice_[side].tally for slice_ in found]
        rates[side] = sum(tally.request_count for tally in tallies) / sum(tally.seconds for tally in tallies)
    assert 0.3 < rates["head"] / rates["base"] < 0.75


def test_a_user_whose_start_failed_on_one_side_is_on_the_other_alone(shared):
    refusing = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
    text = """
        @scenario(vus=2, duration="10s")
        def ask(user):
            user.get("/a")
            user.think(0.02)
        @ask.on_start
        def log_in(user):
            user.get("/in").raise_for_status()
    """
    with ScriptedServer({"/in": [OK], "/a": [OK]}) as base, ScriptedServer({"/in": [refusing], "/a": [OK]}) as head:
        (only,) = shared(text, {"base": base, "head": head}, plan(0.8, 1, turns=TURNS))
    assert (only["base"].tally.vus, only["head"].tally.vus) == (2, 0)
    assert only["base"].tally.request_count > 4
    assert only["head"].tally.request_count == 0


@pytest.mark.parametrize(
    ("options", "shares"),
    [
        ("vus=2, duration='10s'", True),
        ("rate=20, duration='10s', pre_allocated_vus=4", False),
        ("stages=[('10s', 4)]", False),
        ("executor='shared-iterations', vus=2, iterations=10", False),
    ],
)
def test_only_users_that_always_iterate_are_shared(tmp_path, options, shares):
    (tmp_path / "file.py").write_text(
        f"from perfgate import scenario\n@scenario({options})\ndef ask(user):\n    user.get('/a')\n"
    )
    (scenario,) = load_scenarios(tmp_path, (), Overrides(None, None))
    assert PerfgateEngine(WorkerConfig(str(tmp_path), (), None, None, 1, 5, 1, ())).can_share(scenario) is shares


def test_a_load_in_short_turns_ends_soon_when_it_is_no_longer_needed(tmp_path):
    (tmp_path / "file.py").write_text("import time\nfrom perfgate import scenario\n" + textwrap.dedent(THINKING))
    (scenario,) = load_scenarios(tmp_path, (), Overrides(None, None))
    with two_services("/a") as services, stopping(services) as opened:
        engine, _ = opened(PerfgateEngine(WorkerConfig(str(tmp_path), (), None, None, 1, 5, 1, ())), scenario)
        slices = engine.play_slices(scenario, ("base", "head"), plan(60.0, 300, turns=TURNS))
        next(slices)
        began = time.monotonic()
        slices.close()
        assert time.monotonic() - began < 15
        before = [len(service.requests) for service in services.values()]
        time.sleep(0.3)
        assert [len(service.requests) for service in services.values()] == before
        assert [service.resets for service in services.values()] == [0, 0]
