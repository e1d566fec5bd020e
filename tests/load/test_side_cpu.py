"""The CPU time of a side, with its dependencies."""

from perfgate.load.side_cpu import SideCpu, cpu_between


def test_what_dependencies_used_counts_too():
    assert cpu_between(SideCpu(1.0, {"db": 5.0}), SideCpu(1.5, {"db": 5.25})) == 0.75


def test_a_dependency_counts_from_when_it_was_found():
    assert cpu_between(SideCpu(1.0, {}), SideCpu(1.5, {"db": 500.0})) == 0.5


def test_one_that_began_anew_takes_nothing_away():
    assert cpu_between(SideCpu(1.0, {"db": 5.0}), SideCpu(1.5, {"db": 0.1})) == 0.5


def test_without_the_service_nothing_is_known():
    assert cpu_between(SideCpu(None, {"db": 5.0}), SideCpu(1.0, {"db": 6.0})) is None
