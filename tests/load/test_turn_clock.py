"""Whose turn it is, as a watch is told."""

import time

import pytest

from perfgate.load.pacer import ShortTurns
from perfgate.load.turn_clock import TurnClock
from tests.support.load_target import Unwatched

TURNS = ShortTurns(0.05, "x")


class Told(Unwatched):
    """A watch that keeps what it is told."""

    def __init__(self):
        self.turns = []

    def turn(self, side):
        self.turns.append(side)


def without_repeats(sides):
    return [side for place, side in enumerate(sides) if place == 0 or sides[place - 1] != side]


def test_a_watch_is_told_of_every_change_until_the_end():
    clock, watch = TurnClock(TURNS, 1.0, ("base", "head")), Told()
    with clock.held():
        clock.tell(watch, time.monotonic())
    time.sleep(1.2)
    clock.stop()
    whose = TURNS.over(1.0)
    assert watch.turns == without_repeats([("base", "head")[whose((turn + 0.5) * 0.05)] for turn in range(20)])


def test_turns_are_counted_from_the_moment_that_is_given():
    """The listener hears of it later."""
    clock, watch = TurnClock(TURNS, 1.0, ("base", "head")), Told()
    late = TURNS.over(1.0)
    with clock.held():
        clock.tell(watch, time.monotonic() - 0.525)
    heard = len(watch.turns)
    time.sleep(0.05)
    clock.stop()
    whose = [("base", "head")[late((turn + 0.5) * 0.05)] for turn in range(20)]
    assert heard == 1
    assert watch.turns[0] == whose[10]
    assert len(watch.turns) >= len(without_repeats(whose[:11]))


def test_another_watch_is_told_whose_turn_it_is_and_the_first_hears_no_more():
    clock, watches = TurnClock(TURNS, 1.0, ("base", "head")), [Told(), Told()]
    with clock.held():
        clock.tell(watches[0], time.monotonic())
    time.sleep(0.4)
    with clock.held():
        clock.tell(watches[1], time.monotonic())
        heard = len(watches[0].turns)
    time.sleep(0.4)
    clock.stop()
    assert len(watches[0].turns) == heard
    assert watches[1].turns[0] in ("base", "head")
    assert {*watches[1].turns} == {"base", "head"}


def test_what_goes_wrong_in_a_turn_is_raised_with_the_next_listener():
    class Failing(Told):
        def turn(self, side):
            super().turn(side)
            if len(self.turns) > 1:
                raise OSError("no such account")

    clock = TurnClock(TURNS, 60.0, ("base", "head"))
    with clock.held():
        clock.tell(Failing(), time.monotonic())
    time.sleep(0.4)
    with pytest.raises(OSError, match="no such account"), clock.held():
        clock.tell(Told(), time.monotonic())
    clock.stop()


def test_a_clock_that_is_stopped_says_nothing_more():
    clock, watch = TurnClock(TURNS, 60.0, ("base", "head")), Told()
    with clock.held():
        clock.tell(watch, time.monotonic())
    clock.stop()
    heard = len(watch.turns)
    time.sleep(0.2)
    assert len(watch.turns) == heard


def test_a_clock_that_never_began_can_be_stopped():
    TurnClock(TURNS, 60.0, ("base", "head")).stop()
