"""What was measured, on what and how, in words."""

import pytest

from perfgate.report.phrase import plain
from perfgate.report.run_description import describe_duets
from perfgate.verdict import DuetMethod


def method(scenario="a", pairs=60, seconds=1.0, at_once=True, instances=2, turn=None):
    return DuetMethod(scenario, pairs, seconds, at_once, 0.0 if at_once else turn or seconds, instances, ())


@pytest.mark.parametrize(
    ("methods", "said"),
    [
        ([method()], "60 pairs of 1 s, both sides at the same time, 2 instances of each"),
        ([method(pairs=1, seconds=12.5, at_once=False)], "1 pair of 12 s, the sides in turns, 2 instances of each"),
        (
            [method(seconds=0.25, instances=1)],
            "60 pairs of 0.25 s, both sides at the same time, 1 instance of each,"
            " so that luck with its start is not told apart",
        ),
        (
            [method(), method("b", pairs=22)],
            "22 to 60 pairs of 1 s, both sides at the same time, 2 instances of each",
        ),
        (
            [method(), method("b", at_once=False), method("c", pairs=1200)],
            "a, c: 60 to 1,200 pairs of 1 s, both sides at the same time, 2 instances of each;"
            " b: 60 pairs of 1 s, the sides in turns, 2 instances of each",
        ),
        (
            [method(seconds=0.5, at_once=False, turn=0.5 / 3)],
            "60 pairs of 0.5 s, the sides in turns of 0.17 s, 2 instances of each",
        ),
        ([], ""),
    ],
)
def test_how_a_duet_was_measured_is_one_line(methods, said):
    assert plain(describe_duets(methods)) == said
