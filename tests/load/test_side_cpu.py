"""The CPU time of a side, with its dependencies."""

import pytest

from perfgate.load.side_cpu import SideCpu, UsedCpu, busy_share, cpu_between


def test_what_dependencies_used_counts_too():
    assert cpu_between(SideCpu(1.0, {"db": 5.0}), SideCpu(1.5, {"db": 5.25})).total == 0.75


def test_a_dependency_counts_from_when_it_was_found():
    assert cpu_between(SideCpu(1.0, {}), SideCpu(1.5, {"db": 500.0})).total == 0.5


def test_one_that_began_anew_takes_nothing_away():
    assert cpu_between(SideCpu(1.0, {"db": 5.0}), SideCpu(1.5, {"db": 0.1})).total == 0.5


def test_without_the_service_nothing_is_known():
    assert cpu_between(SideCpu(None, {"db": 5.0}), SideCpu(1.0, {"db": 6.0})).total is None


def test_dependencies_keep_the_cpus_busy_that_they_share_with_the_service():
    assert busy_share([UsedCpu(1.0, SideCpu(0.1, {"db": 0.2, "cache": 0.1}))], 2, 0) == pytest.approx(0.2)


def test_where_they_have_their_own_the_busier_ones_count():
    used = [UsedCpu(1.0, SideCpu(0.2, {"db": 0.3}))]
    assert busy_share(used, 2, 1) == pytest.approx(0.3)
    assert busy_share(used, 1, 2) == pytest.approx(0.2)


def test_one_that_was_found_late_was_as_busy_before():
    used = [UsedCpu(1.0, SideCpu(0.1, {})), UsedCpu(0.5, SideCpu(0.05, {"db": 0.2}))]
    assert busy_share(used, 1, 0) == pytest.approx(0.5)


def test_how_busy_a_service_is_that_cannot_be_read_is_not_known():
    assert busy_share([UsedCpu(1.0, SideCpu(None, {"db": 0.2}))], 1, 0) is None
    assert busy_share([], 1, 0) is None
