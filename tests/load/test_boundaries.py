"""The moments between slices are met, whatever the reader of the slices does meanwhile."""

import time

import pytest

from perfgate.load.boundaries import Boundaries


def test_moments_are_met_while_the_reader_is_busy():
    met = []
    began = time.monotonic() + 0.05
    with Boundaries(began, 0.05, 3, lambda moment: met.append((moment, time.monotonic()))) as boundaries:
        time.sleep(0.4)
        assert boundaries.passed == 4
    assert [moment for moment, _ in met] == pytest.approx([began + number * 0.05 for number in range(4)])
    assert all(at >= moment for moment, at in met)


def test_a_reader_waits_for_those_that_it_needs():
    met = []
    with Boundaries(time.monotonic(), 0.05, 3, lambda _: met.append(1)) as boundaries:
        boundaries.wait_for(3)
        assert len(met) >= 3


def test_none_is_met_after_the_reader_has_left():
    met = []
    with Boundaries(time.monotonic() + 0.2, 0.05, 3, lambda _: met.append(1)):
        pass
    time.sleep(0.3)
    assert met == []


def test_what_goes_wrong_at_one_is_the_readers_to_hear():
    def fails(_):
        raise ValueError("no such service")

    with Boundaries(time.monotonic(), 0.05, 3, fails) as boundaries:
        time.sleep(0.1)
        with pytest.raises(ValueError, match="no such service"):
            _ = boundaries.passed
        with pytest.raises(ValueError, match="no such service"):
            boundaries.wait_for(1)
