"""What is seen of a process of k6."""

import pytest

from perfgate.load.k6.process import Watched

LOOKS = [(100.0, 0.0), (100.5, 0.4), (101.0, 0.5), (102.0, 0.9)]


@pytest.mark.parametrize(
    ("begin", "share"),
    [
        (100.6, (0.9 - 0.4) / 1.5),  # what it took to start is left out
        (101.9, 0.4),
        (float("inf"), 0.0),  # nothing was measured
        (99.0, 0.45),
    ],
)
def test_the_share_of_a_cpu_is_that_since_the_load_began(begin, share):
    watched = Watched(LOOKS)
    assert watched.cpu_share(begin) == pytest.approx(share)
    assert watched.cpu_seconds == 0.9
