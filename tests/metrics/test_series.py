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


@pytest.mark.parametrize(
    ("values", "stat", "expected"),
    [
        ((5, *[10] * 8, 20), "med", 10.0),
        ((1, *[5] * 19, 9), "p(95)", 5.0),
        ((0, 1, 1, 2), "med", 1.0),
        ((1, 5, 10, 20), "med", 7.5),
        ((0.1, 0.2, 0.2, 0.3), "med", 0.2),
        ((1, 999, 999, 1500), "p(50)", 999.0),
    ],
)
def test_percentiles_of_whole_numbers_meet_whole_bounds_as_in_k6(values, stat, expected):
    assert series(Kind.TREND, *values).read(stat, 1.0) == expected


def test_every_whole_number_below_a_thousand_comes_back():
    for value in range(1, 1000):
        assert series(Kind.TREND, 0, value, 2000).read("med", 1.0) == value


def test_least_most_and_mean_may_lie_below_zero():
    total = merged([Tally(seconds=1.0, series={"a": series(Kind.TREND, *values)}) for values in ((-5, -3), (-10, -2))])
    found = Tally.from_plain(total.to_plain()).series["a"]
    assert [found.read(stat, 2.0) for stat in ("min", "max", "avg")] == [-10, -2, -5]


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
