"""Quantiles of Student's distribution."""

import pytest

from perfgate.compare.statistics import student_quantile, student_tail


@pytest.mark.parametrize(
    ("level", "degrees", "quantile"),
    [
        # Published tables (NIST/SEMATECH e-Handbook, section 1.3.6.7.2), three decimals.
        (0.025, 1, 12.706),
        (0.025, 2, 4.303),
        (0.025, 3, 3.182),
        (0.05, 9, 1.833),
        (0.01, 10, 2.764),
        (0.001, 30, 3.385),
        (0.001, 100, 3.174),
    ],
)
def test_quantiles_are_those_of_the_tables(level, degrees, quantile):
    assert student_quantile(level, degrees) == pytest.approx(quantile, abs=0.0006)


@pytest.mark.parametrize("degrees", [1, 2, 3, 8, 29, 60])
@pytest.mark.parametrize("level", [0.4, 0.01, 1e-5])
def test_the_quantile_is_what_the_tail_turns_around(level, degrees):
    assert student_tail(student_quantile(level, degrees), degrees) == pytest.approx(level, rel=1e-6)
