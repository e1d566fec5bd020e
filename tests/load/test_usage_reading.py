"""What services and their dependencies used in a round, also where two sides have it turn by turn."""

from dataclasses import dataclass

import pytest

from perfgate.load.usage_reading import UsageReading
from perfgate.metrics.dependency_use import DependencyUse
from perfgate.metrics.tally import Tally
from tests.support.load_target import LoadTarget


@dataclass
class Used:
    cpu_seconds: float
    memory_bytes: int = 1000


class World:
    """Base and head. Both use a cache; head has a database of its own, too.

    spent: CPU time so far by what spent it (s).
    """

    def __init__(self, shared=frozenset({"cache"})):
        self.spent = dict.fromkeys(("base", "head", "cache", "db"), 0.0)
        self.known = {"base": {"cache"}, "head": {"cache", "db"}}
        self.sides = tuple(self._side(side) for side in ("base", "head"))
        self.sides[0].shared = shared

    def _side(self, side):
        return LoadTarget(
            side,
            f"http://{side}",
            lambda: Used(self.spent[side]),
            dependencies=lambda: {name: Used(self.spent[name]) for name in self.known[side]},
        )

    def spend(self, **seconds):
        for name, more in seconds.items():
            self.spent[name] += more


def counted(reading, target, requests=100):
    tally = Tally(seconds=1.0)
    for _ in range(requests):
        tally.request("GET /a").ok.record(1000)
    reading.count_usage(target, tally)
    return tally


def in_turns(world, earlier=None):
    """A slice of two turns of either side, in which the cache works for head, and head's database when it likes."""
    reading = UsageReading(world.sides, earlier, True)
    for side, cache, db in (("base", 0.1, 0.0), ("head", 0.3, 0.2), ("head", 0.3, 0.0), ("base", 0.1, 0.7)):
        reading.turn(side)
        world.spend(**{side: 0.05}, cache=cache, db=db)
    reading.stop()
    return reading


def test_a_server_that_both_use_worked_for_the_side_whose_turn_it_was():
    world = World()
    reading = in_turns(world)
    base, head = (counted(reading, side).dependencies for side in world.sides)
    assert base["cache"].cpu_seconds == pytest.approx(0.2)
    assert head["cache"].cpu_seconds == pytest.approx(0.6)
    assert (base["cache"].attempts, head["cache"].attempts) == (100, 100)


def test_a_server_of_one_side_worked_for_it_whenever_it_did():
    """It may put off until after its turn what it owes to it."""
    world = World()
    head = counted(in_turns(world), world.sides[1])
    assert head.dependencies["db"].cpu_seconds == pytest.approx(0.9)
    assert head.service_cpu_seconds == pytest.approx(0.1)


def test_without_turns_all_that_a_server_did_is_the_sides():
    world = World(frozenset())
    reading = UsageReading(world.sides)
    world.spend(cache=0.4, base=0.2)
    reading.stop()
    base = counted(reading, world.sides[0])
    assert base.dependencies["cache"] == DependencyUse(100, 0.4, 1000)
    assert base.service_cpu_seconds == 0.2


def test_nothing_is_lost_between_two_slices():
    world = World()
    first = in_turns(world)
    world.spend(base=0.5, cache=0.5)
    second = in_turns(world, first)
    found = [counted(reading, world.sides[0]) for reading in (first, second)]
    assert [tally.service_cpu_seconds for tally in found] == pytest.approx([0.1, 0.6])
    assert [tally.dependencies["cache"].cpu_seconds for tally in found] == pytest.approx([0.2, 0.7])


def test_a_server_that_is_found_in_the_middle_is_seen_and_not_read():
    world = World()
    world.known["base"] = set()
    reading = UsageReading(world.sides, None, True)
    reading.turn("base")
    world.known["base"] = {"cache"}
    reading.turn("head")
    reading.turn("base")
    world.spend(cache=0.4)
    reading.stop()
    assert counted(reading, world.sides[0]).dependencies["cache"].attempts == 0
