"""The header Server-Timing, as services write it."""

import pytest

from perfgate.load.server_timing import MOST_NAMES, Entry, count_entries, entries_of
from perfgate.metrics.counts import TimingTally


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("db;dur=53.2", [Entry("db", 53.2, None)]),
        ("missedCache", [Entry("missedCache", None, None)]),
        ('cache;desc="Cache Read";dur=23.2', [Entry("cache", 23.2, None)]),
        ("db;dur=53, app;dur=47.2", [Entry("db", 53.0, None), Entry("app", 47.2, None)]),
        ("db ; dur = 5 ; count = 3", [Entry("db", 5.0, 3.0)]),
        ('db;desc="4"', [Entry("db", None, 4.0)]),
        ('SQLPanel_sql_time;dur=12.5;desc="SQL 5 queries"', [Entry("SQLPanel_sql_time", 12.5, 5.0)]),
        ('db;desc="1 query", rpc;desc="7 calls"', [Entry("db", None, 1.0), Entry("rpc", None, 7.0)]),
        ('db;desc="a, b; dur=9";dur=1', [Entry("db", 1.0, None)]),
        ('shard;desc="shard 3"', [Entry("shard", None, None)]),
        ("db;dur=-1, db;dur=nan, db;dur=1e9", [Entry("db", None, None)] * 3),
        ("db;dur=1;dur=2", [Entry("db", 1.0, None)]),
        ("", []),
        (";dur=1", []),
    ],
)
def test_entries(text, entries):
    assert list(entries_of(text)) == entries


def counted(*answers):
    timings = {}
    for headers in answers:
        count_entries(timings, headers)
    return timings


def test_entries_of_one_name_in_one_answer_are_counted():
    timings = counted(["db;dur=1, db;dur=2"], ["db;dur=4"])
    assert timings == {"db": TimingTally(3, 2, 3, 7.0, 0, 0.0)}
    assert (timings["db"].has_count, timings["db"].count) == (True, 3)


def test_a_count_that_the_answer_says_is_taken_rather_than_the_entries():
    timings = counted(["db;dur=1;count=3", "db;count=1"], ["db;count=2"])
    assert (timings["db"].count, timings["db"].entries, timings["db"].told) == (6.0, 3, 2)


def test_a_single_entry_counts_nothing():
    assert not counted(["db;dur=1"], ["db;dur=2"])["db"].has_count


def test_an_endless_number_of_names_is_bounded():
    assert len(counted(*([f"entry{number};dur=1"] for number in range(1000)))) == MOST_NAMES


def test_an_endless_header_is_bounded():
    assert len(list(entries_of("a;dur=1," * 100_000))) < 2_000
