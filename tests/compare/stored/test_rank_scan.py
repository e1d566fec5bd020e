"""Change points by the order of values."""

import random

from perfgate.compare.stored.rank_scan import RankScan


def test_a_step_is_where_the_order_says_so_however_the_values_are_stretched():
    lots = random.Random(1)
    values = [lots.gauss(2.0 * (run >= 40), 1.0) for run in range(80)]
    (cut,) = RankScan(values).cuts(3.6)
    assert abs(cut - 40) <= 2
    assert RankScan([value**3 for value in values]).cuts(3.6) == [cut]
    assert RankScan([-value for value in values]).cuts(3.6) == [cut]


def test_a_wild_value_is_no_step():
    values = [float(run % 5) for run in range(60)]
    values[30] = 1e9
    assert RankScan(values).cuts(3.6) == []


def test_equal_values_share_a_rank_and_make_no_step():
    assert RankScan([1.0] * 50).cuts(0.1) == []
    assert RankScan([]).cuts(3.6) == []
    assert RankScan([1.0] * 5).cuts(3.6) == []


def test_long_series_are_looked_at_everywhere():
    lots = random.Random(2)
    values = [lots.gauss(3.0 * (run >= 500) - 3.0 * (run >= 900), 1.0) for run in range(1200)]
    found = RankScan(values).cuts(4.5)
    assert [round(cut, -1) for cut in found] == [500, 900]
