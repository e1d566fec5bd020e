"""What a script's own thresholds look at."""

import pytest

from perfgate.metrics.catalogue import Kind
from perfgate.metrics.series import Series
from perfgate.metrics.tally import Tally, merged


def series(kind, *values):
    made = Series(kind)
    for value in values:
        made.add(value)
    return made


@pytest.mark.parametrize(
    ("kind", "values", "stat", "expected"),
    [
        (Kind.TREND, (1.0, 2.0, 6.0), "avg", 3.0),
        (Kind.TREND, (1.0, 2.0, 6.0), "med", 2.0),
        (Kind.TREND, (1.0, 2.0, 6.0), "min", 1.0),
        (Kind.TREND, (1.0, 2.0, 6.0), "max", 6.0),
        (Kind.TREND, (1.0,), "rate", None),
        (Kind.RATE, (1, 0, 1, 1), "rate", 0.75),
        (Kind.COUNTER, (2, 3), "count", 5.0),
        (Kind.COUNTER, (2, 3), "rate", 2.5),
        (Kind.GAUGE, (9, 4), "value", 4.0),
        (Kind.GAUGE, (9, 4), "avg", None),
        (Kind.COUNTER, (), "count", 0.0),
        (Kind.RATE, (), "rate", 0.0),
        (Kind.RATE, (), "count", None),
        (Kind.TREND, (), "avg", None),
        (Kind.GAUGE, (), "value", None),
    ],
)
def test_statistics_are_those_of_k6(kind, values, stat, expected):
    assert series(kind, *values).read(stat, 2.0) == (None if expected is None else pytest.approx(expected, rel=1e-3))


def test_series_of_rounds_merge_without_loss_and_travel():
    rounds = [
        Tally(seconds=1.0, series={"a": series(Kind.TREND, 1.0, 5.0)}),
        Tally(seconds=1.0, series={"a": series(Kind.TREND, 3.0), "b": series(Kind.GAUGE, 7)}),
        Tally(seconds=1.0),
    ]
    total = merged([Tally.from_plain(tally.to_plain()) for tally in rounds])
    assert total.series["a"].read("avg", 3.0) == 3.0
    assert total.series["b"].read("value", 3.0) == 7
    assert rounds[0].series["a"].count == 2
