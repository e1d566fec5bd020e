"""The metrics, their kinds and units."""

import pytest

from perfgate.metrics.catalogue import METRICS, STATS, quantile_of, unit_of
from perfgate.units import format_value


def test_every_statistic_of_every_metric_has_a_unit_that_can_be_written():
    for name, metric in METRICS.items():
        for stat in STATS[metric.kind]:
            assert format_value(1.5, unit_of(name, stat))


@pytest.mark.parametrize(
    ("metric", "stat", "unit"),
    [
        ("http_req_duration", "p(95)", "ms"),
        ("http_req_failed", "rate", "fraction"),
        ("http_reqs", "count", "count"),
        ("http_reqs", "rate", "per_second"),
        ("data_sent", "count", "bytes"),
        ("service_cpu", "value", "ms"),
    ],
)
def test_a_rate_of_a_counter_is_per_second_and_all_else_is_in_the_metrics_unit(metric, stat, unit):
    assert unit_of(metric, stat) == unit


@pytest.mark.parametrize(
    ("stat", "fraction"),
    [("med", 0.5), ("p(95)", 0.95), ("p(99.9)", 0.999), ("p(0)", 0.0), ("p(100)", 1.0), ("avg", None), ("p95", None)],
)
def test_a_statistic_asks_for_a_quantile_or_for_none(stat, fraction):
    assert quantile_of(stat) == (None if fraction is None else pytest.approx(fraction))


@pytest.mark.parametrize("stat", ["p(-1)", "p(100.1)", "p(nan)", "p()", "p(x)"])
def test_a_percentile_lies_between_0_and_100(stat):
    with pytest.raises(ValueError, match="a percentile lies between 0 and 100"):
        quantile_of(stat)
