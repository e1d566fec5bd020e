"""Several load profiles of one script as one."""

import pytest

from perfgate.load.pacer import slices
from perfgate.scenario.concurrent_profiles import ConcurrentProfiles, ScheduledProfile
from perfgate.scenario.overrides import with_overrides
from perfgate.scenario.profile import ConstantArrivalRate, ConstantVUs, SharedIterations

BROWSE = ScheduledProfile("browse", 0.0, ConstantVUs(30, 20.0))
BUY = ScheduledProfile("buy", 10.0, ConstantVUs(10, 20.0, graceful_stop=40.0))
LATER = ScheduledProfile("later", 30.0, ConstantVUs(35, 5.0))
COUNT = ScheduledProfile("count", 0.0, SharedIterations(vus=5, iterations=50))


def test_its_peak_and_its_length_are_those_of_all_together():
    profile = ConcurrentProfiles((BROWSE, BUY, LATER))
    assert (profile.vus_max, profile.duration, profile.graceful_stop) == (40, 35.0, 40.0)
    assert (profile.executor, profile.is_open) == ("constant-vus", False)


def test_its_executor_names_all_kinds():
    profile = ConcurrentProfiles((BROWSE, ScheduledProfile("rate", 0.0, ConstantArrivalRate(5, 5.0, 5)), COUNT))
    assert profile.executor == "constant-vus+constant-arrival-rate+shared-iterations"
    assert profile.is_open


def test_what_counts_iterations_does_not_make_it_longer_where_others_end_at_a_moment():
    assert ConcurrentProfiles((BROWSE, COUNT)).duration == 20.0
    assert len(slices(ConcurrentProfiles((BROWSE, COUNT)), 1.0)) == 20
    assert len(slices(ConcurrentProfiles((COUNT, COUNT)), 1.0)) == 10


@pytest.mark.parametrize("vus", [4, 20, 80])
def test_overrides_keep_the_proportions(vus):
    profile = with_overrides(ConcurrentProfiles((BROWSE, BUY)), vus, 3.0)
    assert isinstance(profile, ConcurrentProfiles)
    assert profile.vus_max == vus
    assert profile.duration == pytest.approx(3.0)
    assert [part.start for part in profile.parts] == pytest.approx([0.0, 1.0])
    assert [part.profile.vus_max for part in profile.parts] == [vus * 3 // 4, vus // 4]


def test_its_text_stays_as_the_hashes_of_stored_runs_were_made_from_it():
    assert repr(ConcurrentProfiles((LATER,))) == (
        "SideBySide(parts=(Placed(name='later', start=30.0, "
        "profile=ConstantVUs(vus=35, duration=5.0, graceful_stop=30.0)),))"
    )
