"""How the pairs of a duet are played, by what its warm-up has seen."""

import pytest

from perfgate.load.duet_plan import plan_duet
from perfgate.load.warm_up import Warmth
from perfgate.scenario.profile import ConstantVUs

PROFILE = ConstantVUs(vus=20, duration=60.0)


@pytest.fixture
def planned():
    """planned(think, ...): the plan of a minute of users who do little but think (s)."""

    def plan(think, at_once=True, can_share=True, round_seconds=0.5):
        warmth = Warmth(
            iteration=think,
            overhang=think / 2,
            at_once=at_once,
            can_share=can_share,
            busy=0.2,
            unsteady=(),
            fallen=0.0,
            got_faster=False,
            tallies={},
        )
        return plan_duet(PROFILE, warmth, round_seconds, 60.0)

    return plan


def test_users_that_meet_again_and_again_take_short_turns_however_idle_the_cpus_are(planned):
    load = planned(0.011)
    assert (load.at_once, load.turn, load.pair_seconds, load.count) == (False, 0.1, 1.0, 60)


def test_users_that_think_for_longer_load_both_sides_at_once(planned):
    load = planned(0.05)
    assert (load.at_once, load.turn, load.pair_seconds, load.count) == (True, 0.0, 0.5, 120)


@pytest.mark.parametrize("hindered", [{"can_share": False}, {"round_seconds": 0.15}], ids=["unshared", "short round"])
def test_where_a_round_has_no_turns_both_sides_are_loaded_at_once(planned, hindered):
    """Whole rounds would be worse than either."""
    load = planned(0.011, **hindered)
    assert (load.at_once, load.turn) == (True, 0.0)


@pytest.mark.parametrize(("think", "turn"), [(0.011, 0.1), (0.03, 0.25), (2.0, 0.0)])
def test_busy_sides_take_turns_as_long_as_their_iterations_ask_for(planned, think, turn):
    load = planned(think, at_once=False)
    assert (load.at_once, load.turn) == (False, turn)
