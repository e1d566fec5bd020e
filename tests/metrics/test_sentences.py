"""Sentences about rounds: like ones are told once."""

from perfgate.metrics.sentences import count_kinds


def test_those_that_differ_in_numbers_alone_are_one_kind_and_the_commonest_are_kept():
    rounds = [["held up for 12 ms", "slow"], ["held up for 7 ms", "held up for 9 ms"], ["late", "slow", "held up"]]
    assert count_kinds(rounds, 2) == {"held up for 12 ms": 2, "slow": 2}
    assert count_kinds([], 5) == {}
