"""A clock that is set during a round: no latency of it can be believed."""

import pytest

from perfgate.load import clock_watch
from perfgate.load.clock_watch import ClockWatch


class Clock:
    """Time of day and monotonic time, both still until `set_by` moves the one."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def set_by(self, seconds):
        self.now += seconds

    def time(self):
        return self.now

    def monotonic(self):
        return 500.0


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(clock_watch, "time", clock)
    return clock


@pytest.mark.parametrize(
    ("seconds", "way"), [(3600.0, "forward by 1h"), (-3600.0, "back by 1h"), (0.02, "forward by 20ms")]
)
def test_a_clock_that_is_set_makes_the_round_invalid_and_the_slice_after_it(clock, seconds, way):
    before, during = ClockWatch(), None
    before.stop()
    during = ClockWatch(before)
    clock.set_by(seconds)
    during.stop()
    after = ClockWatch(during)
    after.stop()
    later = ClockWatch(after)
    later.stop()
    assert before.problem() == ""
    said = f"the clock of this machine was set {way} meanwhile, so latencies are wrong"
    assert [during.problem(), after.problem(), later.problem()] == [said, said, ""]


def test_a_clock_that_is_set_between_two_slices_is_noticed(clock):
    first = ClockWatch()
    first.stop()
    clock.set_by(-5)
    second = ClockWatch(first)
    second.stop()
    assert "set back by 5s" in second.problem()


def test_a_clock_that_runs_on_is_no_trouble():
    watch = ClockWatch()
    watch.stop()
    assert watch.problem() == ""
