"""Lines that show how far it is, and how it went."""

import math

import pytest

from perfgate.report.progress import ScenarioProgress, plain_line, status_line
from perfgate.report.trend.sparkline import sparkline
from tests.support.hostile import HOSTILE

MEASURING = ScenarioProgress("create_pet", "measuring", 12, 40, 24.3, 1612.4, 0.0012)


def test_a_line_says_scenario_phase_round_time_rate_and_errors():
    assert plain_line(MEASURING) == "create_pet · measuring · round 12 of 40 · 24.3s · 1,612/s · errors 0.120 %"


def test_what_is_not_known_yet_is_left_out():
    assert plain_line(ScenarioProgress("create_pet", "warm-up", 0, 0, 0.2, None, None)) == "create_pet · warm-up · 0s"
    assert "round 3 ·" in plain_line(ScenarioProgress("a", "measuring", 3, 0, 9.0, 1.0, None))


def test_the_live_line_turns_and_fits_its_terminal():
    first, second = (status_line(MEASURING, width=100, frame=frame) for frame in (0, 1))
    assert first[0] != second[0]
    assert first[2:] == second[2:] == plain_line(MEASURING)
    for width in range(1, 120):
        assert len(status_line(MEASURING, width=width)) <= width


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_breaks_the_line(text):
    line = status_line(ScenarioProgress(text, "measuring", 1, 2, 3.0, 4.0, 0.5), width=200)
    assert line.isprintable()


def test_a_series_goes_from_the_lowest_to_the_highest_bar():
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█"
    assert sparkline([8, 1]) == "█▁"


def test_what_is_missing_is_a_gap():
    assert sparkline([1, None, math.nan, math.inf, 2]) == "▁   █"
    assert sparkline([None, None]) == "  "
    assert sparkline([]) == ""


def test_a_series_that_does_not_move_is_flat_in_the_middle():
    assert sparkline([5, 5, 5]) == "▄▄▄"
    assert sparkline([0.0]) == "▄"


@pytest.mark.parametrize("extremes", [(-1e308, 1e308), (5e-324, 1e-323), (1.0, 1.0 + 2**-52), (-3, -1)])
def test_a_series_of_any_size_has_its_ends(extremes):
    assert sparkline(extremes) == "▁█"
