"""A run that is killed at any moment keeps its finished rounds, and the next one works."""

import pytest

from tests.support.killing import kill_runs


@pytest.mark.slow
def test_a_hundred_runs_killed_at_any_moment_lose_no_finished_round(folder):
    found = kill_runs(folder, 100)
    assert (found.lost, found.unsound, found.left_running) == (0, 0, 0)
    assert found.in_load > 10
    assert found.rounds > 50
