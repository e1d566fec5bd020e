"""Sides that were never steady have no regressions."""

from dataclasses import replace

import pytest

from perfgate.compare.comparison import RowVerdict
from perfgate.compare.unsteady import downgrade_unsteady
from tests.support.verdict_samples import calm_rows, slowed_rows


@pytest.mark.parametrize(("sides", "named"), [({"head"}, "head"), ({"head", "base"}, "base and head")])
def test_a_regression_of_a_side_that_was_never_steady_is_not_proven_and_says_so(sides, named):
    rows = downgrade_unsteady(slowed_rows(), sides)
    slowed = [row.row for row in slowed_rows() if row.verdict is RowVerdict.REGRESSED]
    doubted = [row for row in rows if row.row in slowed]
    assert {row.verdict for row in doubted} == {RowVerdict.INCONCLUSIVE}
    assert all(row.warnings[-1].startswith(f"{named} still got faster") for row in doubted)
    assert [row for row in rows if row.row not in slowed] == [row for row in slowed_rows() if row.row not in slowed]


def test_requests_that_fail_are_a_regression_all_the_same():
    failed = next(row for row in calm_rows() if row.row.metric == "http_req_failed")
    failed = replace(failed, verdict=RowVerdict.REGRESSED)
    assert downgrade_unsteady([failed], {"head"}) == (failed,)


def test_steady_sides_keep_their_regressions():
    assert downgrade_unsteady(slowed_rows(), ()) == slowed_rows()
