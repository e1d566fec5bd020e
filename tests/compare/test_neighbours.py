"""Which neighbour used more CPU beside head."""

from dataclasses import replace

from perfgate.compare.neighbours import grown_neighbour
from perfgate.metrics.run import Environment
from tests.support.evidence_cases import scenario_run, tally


def side(*used):
    """A scenario whose rounds each had these neighbours beside 10 requests."""
    made = scenario_run("shop", [tally(10)] * len(used))
    rounds = [
        replace(one, pair=pair, environment=Environment(None, None, None, neighbours=neighbours))
        for pair, (one, neighbours) in enumerate(zip(made.rounds, used, strict=True))
    ]
    return replace(made, rounds=tuple(rounds))


def test_the_one_that_grew_the_most_is_named():
    base = side(*[{"redis-server": 0.1, "make": 0.2}] * 4)
    head = side(*[{"redis-server": 0.5, "make": 0.2, "cc1": 0.1}] * 4)
    found = grown_neighbour(base, head)
    assert found.name == "redis-server"
    assert str(found) == "redis-server (not known to belong to the service) took 40 ms a request more on head"


def test_the_same_on_both_sides_or_more_on_base_is_nothing_to_name():
    assert grown_neighbour(side(*[{"x": 0.5}] * 4), side(*[{"x": 0.5}] * 4)) is None
    assert grown_neighbour(side(*[{"x": 0.9}] * 4), side(*[{"x": 0.5}] * 4)) is None
    assert grown_neighbour(side({}, {}), side({}, {})) is None


def test_what_chance_explains_is_nothing_to_name():
    assert grown_neighbour(side({"x": 0.5}, {}, {}, {}), side({}, {"x": 0.9}, {}, {})) is None


def test_where_nobody_looked_nothing_is_named():
    blind = scenario_run("shop", [tally(10)] * 3)
    assert grown_neighbour(blind, blind) is None
