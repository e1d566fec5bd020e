"""As much load as keeps the service's CPUs a third busy."""

import pytest

from perfgate.application.scaling import fitting


@pytest.mark.parametrize(
    ("busy", "scale"),
    [(0.9, 1), (0.3, 1), (0.21, 1), (0.19, 1.5), (0.09, 3), (0.04, 7), (0.019, 15), (1e-9, 1000), (0, 1)],
)
def test_the_scale_is_the_largest_step_with_which_the_cpus_stay_below_a_third(busy, scale):
    assert fitting(busy) == pytest.approx(scale)
