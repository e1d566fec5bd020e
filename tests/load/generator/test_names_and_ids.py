"""Request names, and numbers that nobody else has."""

import pytest

from perfgate.load.generator.unique_ids import UniqueIds
from perfgate.metrics.request_names import OTHER, Names


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("/pet", "GET /pet"),
        ("/pet/17", "GET /pet/{id}"),
        ("/pet/17/photos/4?size=big", "GET /pet/{id}/photos/{id}"),
        ("/user/4fa0c1de-77a3-4bd4-8a3f-1c2b3d4e5f60", "GET /user/{id}"),
        ("/v3/pets", "GET /v3/pets"),
        ("http://user:secret@other.test/pet/1#top", "GET other.test/pet/{id}"),
    ],
)
def test_requests_are_named_by_method_and_path(url, name):
    assert Names().of("GET", url) == name


def test_too_many_names_become_one():
    names = Names()
    found = {names.of("GET", f"/page-{number}x") for number in range(500)}
    assert OTHER in found
    assert len(found) == 201
    assert names.given("another", "GET", "/") == OTHER


def test_names_that_a_scenario_gives_have_the_same_limit():
    names = Names()
    found = {names.given(f"GET /page-{number}", "GET", "/") for number in range(5000)}
    assert OTHER in found
    assert len(found) == 201
    assert names.given("GET /page-0", "GET", "/") == "GET /page-0"


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_a_name_that_is_empty_is_none(empty):
    assert Names().given(empty, "GET", "/pet/17") == "GET /pet/{id}"


def test_a_name_is_text_of_a_bearable_length():
    assert Names().given(7, "GET", "/") == "7"
    assert len(Names().given("long" * 1000, "GET", "/")) == 200
    assert len(Names().of("GET", "/long" * 1000)) == 200


def test_ids_of_all_workers_differ_and_are_exact_in_json():
    ids = [UniqueIds(nonce=3, worker=worker, workers=4) for worker in range(4)]
    drawn = [source.next() for source in ids for _ in range(1000)]
    assert len(set(drawn)) == 4000
    assert all(0 < number < 2**53 for number in drawn)


def test_another_run_has_other_ids():
    assert UniqueIds(1, 0, 1).next() != UniqueIds(2, 0, 1).next()


def test_sides_that_take_turns_each_get_every_number_of_a_range_and_no_other_number_twice():
    ids = UniqueIds(nonce=3, worker=0, workers=1)
    sides = [ids.of_side() for _ in range(2)]
    drawn = [[side.next_between(1, 10) for side in sides] for _ in range(20)]
    for of_side in zip(*drawn, strict=True):
        assert sorted(of_side[:10]) == sorted(of_side[10:]) == list(range(1, 11))
    assert len({side.next() for _ in range(10) for side in sides}) == 20


def test_a_bounded_range_gives_every_number_once_before_any_comes_again():
    ids = [UniqueIds(nonce=3, worker=worker, workers=2) for worker in range(2)]
    drawn = [source.next_between(1, 10) for _ in range(5) for source in ids]
    assert sorted(drawn) == list(range(1, 11))
    assert ids[0].next_between(1, 10) in range(1, 11)
