"""As much load as keeps the service's CPUs a third busy."""

from types import SimpleNamespace
from typing import Any

import pytest

from perfgate.application.scaling import busy_share, enough, fitting
from perfgate.metrics.dependency_use import DependencyUse
from perfgate.metrics.tally import Tally


@pytest.mark.parametrize(
    ("busy", "scale"),
    [(0.9, 1), (0.3, 1), (0.21, 1), (0.19, 1.5), (0.09, 3), (0.04, 7), (0.019, 15), (1e-9, 1000), (0, 1)],
)
def test_the_scale_is_the_largest_step_with_which_the_cpus_stay_below_a_third(busy, scale):
    assert fitting(busy) == pytest.approx(scale)


@pytest.mark.parametrize(("times", "scale"), [(0.2, 1), (1.0, 1), (1.2, 1.5), (3.1, 5), (8, 10), (11, 15), (72, 100)])
def test_a_load_that_is_too_thin_needs_the_next_step(times, scale):
    assert enough(times) == pytest.approx(scale)


def test_what_dependencies_use_keeps_the_cpus_busy_as_well():
    tally = Tally(seconds=10.0)
    tally.service_cpu_seconds, tally.dependencies = 1.0, {"db": DependencyUse(100, 2.0, 1)}
    rounds = {"scenarios": (SimpleNamespace(total=tally, scenario="s"),)}
    measured: Any = SimpleNamespace(
        base=SimpleNamespace(**rounds),
        head=SimpleNamespace(**rounds, record=SimpleNamespace(cpus={"service": [2, 3]})),
    )
    assert busy_share(measured) == pytest.approx(2 * 0.3 / 2)
