"""What master and machines must agree on, and who takes part: all that needs no Locust."""

import sys

import pytest

from perfgate.errors import UsageError
from perfgate.load.locust_version import require_locust
from perfgate.load.machines import protocol
from perfgate.load.machines.members import Members, in_order
from perfgate.version import VERSION


def test_a_machine_of_the_same_version_is_welcome():
    assert protocol.unfit(protocol.Hello("a", VERSION), 1023) is None


def test_a_machine_of_another_version_is_told_both_versions():
    refusal = protocol.unfit(protocol.Hello("a", "0.0.1"), 0)
    assert refusal.error == f"a has perfgate 0.0.1, the gate has {VERSION}"
    assert "same version" in refusal.hint


def test_there_are_no_more_machines_than_numbers_for_ids():
    assert "no ids for more" in protocol.unfit(protocol.Hello("a", VERSION), 1024).error


@pytest.mark.parametrize(
    ("found", "error"),
    [
        ({"one": "1", "two": "2"}, None),
        ({"one": "1", "two": "2", "more": "3"}, None),
        ({"one": "1"}, "a has no scenario two"),
        ({"one": "x", "two": "y"}, "a has another one, two than the gate"),
    ],
)
def test_a_machine_must_have_the_same_scenarios(found, error):
    refusal = protocol.differing("a", {"one": "1", "two": "2"}, found)
    assert (refusal.error if refusal else None) == error


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("10.0.0.1", ("10.0.0.1", 5557)),
        ("gate:80", ("gate", 80)),
        ("[::1]:80", ("::1", 80)),
        ("[::1]", ("::1", 5557)),
        ("*:0", ("*", 0)),
    ],
)
def test_a_place_has_a_port_of_its_own_or_that_of_locust(text, place):
    assert protocol.place_of(text) == place


@pytest.mark.parametrize("text", ["", ":80", "gate:", "gate:x", "gate:70000"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(ValueError, match="is no machine"):
        protocol.place_of(text)


@pytest.mark.parametrize(
    ("users", "wanted", "order"),
    [
        ({"a": 3, "b": 3, "c": 3}, 9, ["a", "b", "c"]),
        ({"a": 3, "b": 4, "c": 3}, 10, ["b", "a", "c"]),
        ({"a": 0, "b": 1, "c": 1}, 2, ["b", "c"]),
        ({"a": 5, "b": 4, "c": 0}, 9, ["a", "b"]),
        ({"a": 5, "b": 3, "c": 1}, 9, None),
        ({"a": 3, "b": 3}, 9, None),
        ({"a": 0}, 1, None),
        ({}, 1, None),
    ],
)
def test_a_round_begins_once_locust_has_spread_its_users(users, wanted, order):
    assert in_order(users, wanted) == order


def test_the_places_of_the_machines_cover_every_user_once():
    users = {"a": 33, "b": 34, "c": 33}
    order = in_order(users, 100)
    seen = [user for place, machine in enumerate(order) for user in range(place, 100, 3)]
    assert [len(range(place, 100, 3)) for place in range(3)] == [users[machine] for machine in order]
    assert sorted(seen) == list(range(100))


def test_waiting_in_vain_names_who_came_and_who_was_refused():
    members = Members()
    members.greet("id-1", "a")
    members.greet("id-2", "b")
    members.by_id["id-1"].fit = True
    members.refusals.append("b has no scenario one")
    assert members.shortfall(3, 120) == "1 of 3 machines came in 120 s (a); refused: b has no scenario one"


def test_without_locust_the_way_to_get_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "locust", None)
    with pytest.raises(UsageError) as caught:
        require_locust()
    assert caught.value.hint == "pip install 'perfgate[locust]'; of the action: `extras: locust`"
