"""As much load as keeps the service's CPUs a third busy."""

import pytest

from perfgate.application.scaling import enough, fitting


@pytest.mark.parametrize(
    ("busy", "scale"),
    [(0.9, 1), (0.3, 1), (0.21, 1), (0.19, 1.5), (0.09, 3), (0.04, 7), (0.019, 15), (1e-9, 1000), (0, 1)],
)
def test_the_scale_is_the_largest_step_with_which_the_cpus_stay_below_a_third(busy, scale):
    assert fitting(busy) == pytest.approx(scale)


@pytest.mark.parametrize(("times", "scale"), [(0.2, 1), (1.0, 1), (1.2, 1.5), (3.1, 5), (8, 10), (11, 15), (72, 100)])
def test_a_load_that_is_too_thin_needs_the_next_step(times, scale):
    assert enough(times) == pytest.approx(scale)
