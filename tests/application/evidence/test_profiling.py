"""How the time for causes is shared out: what gets too little of it could name no function."""

import pytest

from perfgate.application.evidence.profiling import how_many_fit, round_that_fits


@pytest.mark.parametrize(
    ("rounds", "seconds", "count"),
    [
        ([1], 12, 1),
        ([1, 1], 18, 1),
        ([1, 1], 20, 2),
        ([1, 1, 1], 20, 2),
        ([1, 1, 2], 20, 2),
        ([2, 1], 20, 1),
        ([2], 12, 1),
    ],
)
def test_no_more_scenarios_share_the_time_than_can_name_a_function(rounds, seconds, count):
    assert how_many_fit(rounds, seconds) == count


@pytest.mark.parametrize(("wanted", "seconds", "length"), [(1, 12, 1), (2, 18, 2), (2, 17, 1), (2, 12, 1)])
def test_a_round_is_shorter_where_too_few_would_be_left(wanted, seconds, length):
    assert round_that_fits(wanted, seconds) == length
