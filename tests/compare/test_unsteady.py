"""Sides that were never steady have no regressions."""

import math
from dataclasses import replace

import pytest

from perfgate.compare.comparison import Interval, RowVerdict
from perfgate.compare.unsteady import downgrade_unsteady
from tests.support.verdict_samples import calm_rows, slowed_rows


@pytest.mark.parametrize(("sides", "named"), [({"head"}, "head"), ({"head", "base"}, "base and head")])
def test_a_regression_of_a_side_that_was_never_steady_is_not_proven_and_says_so(sides, named):
    rows = downgrade_unsteady(slowed_rows(), sides, 1.0)
    slowed = [row.row for row in slowed_rows() if row.verdict is RowVerdict.REGRESSED]
    doubted = [row for row in rows if row.row in slowed]
    assert {row.verdict for row in doubted} == {RowVerdict.INCONCLUSIVE}
    assert all(row.warnings[-1].startswith(f"{named} still got faster") for row in doubted)
    assert [row for row in rows if row.row not in slowed] == [row for row in slowed_rows() if row.row not in slowed]


def test_requests_that_fail_are_a_regression_all_the_same():
    failed = next(row for row in calm_rows() if row.row.metric == "http_req_failed")
    failed = replace(failed, verdict=RowVerdict.REGRESSED)
    assert downgrade_unsteady([failed], {"head"}, 1.0) == (failed,)


def test_steady_sides_keep_their_regressions():
    assert downgrade_unsteady(slowed_rows(), (), 1.0) == slowed_rows()


@pytest.mark.parametrize(
    ("low", "high", "stands"),
    [(9.0, 11.0, True), (0.25, 11.0, False), (0.25, 0.4, False), (-0.99, -0.9, True), (-0.9, -0.2, False)],
)
def test_a_change_that_no_warm_up_explains_stands(low, high, stands):
    """The level fell by 20 % while the sides warmed up: requests that wait for each other may make 44 % of it."""
    slowed = next(row for row in slowed_rows() if row.verdict is RowVerdict.REGRESSED)
    slowed = replace(slowed, interval=Interval(low, high))
    (row,) = downgrade_unsteady([slowed], {"head"}, math.log(1.2))
    assert (row.verdict is RowVerdict.REGRESSED) == stands


def test_a_change_without_an_interval_is_not_proven():
    slowed = next(row for row in slowed_rows() if row.verdict is RowVerdict.REGRESSED)
    (row,) = downgrade_unsteady([replace(slowed, interval=None)], {"head"}, 0.0)
    assert row.verdict is RowVerdict.INCONCLUSIVE
