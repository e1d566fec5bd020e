"""Ids of runs: UUIDs of version 7."""

import uuid

from perfgate.history.ids import new_run_id

NOW = 1_767_225_600.0


def all_ones(count):
    return b"\xff" * count


def test_a_run_id_is_a_uuid_of_version_7():
    parsed = uuid.UUID(new_run_id())
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)


def test_a_run_id_holds_the_milliseconds_and_their_fraction_as_rfc_9562_lays_them_out():
    # 1,767,225,600,000 ms are 0x019b76daa800; 2**-9 s are 1 ms and 0.953125 ms, which is 0xf40 of 0x1000.
    assert new_run_id(NOW + 2**-9, all_ones) == "019b76da-a801-7f40-bfff-ffffffffffff"


def test_run_ids_of_one_millisecond_sort_by_their_time():
    ids = [new_run_id(NOW + step / 1e5) for step in range(100)]
    assert ids == sorted(ids)


def test_run_ids_of_one_moment_differ():
    assert len({new_run_id(NOW) for _ in range(1000)}) == 1000


def test_the_time_of_a_run_id_is_now_unless_one_is_given():
    assert new_run_id(NOW) < new_run_id()
