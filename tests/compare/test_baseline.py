import pytest

from perfgate.compare.baseline import compare_stored
from perfgate.compare.comparison import RowVerdict
from perfgate.compare.rules import Row, Rules
from perfgate.compare.stored import StoredPoint

MEDIAN = Row("shop", "GET /", "http_req_duration", "med")
FAILED = Row("shop", None, "http_req_failed", "rate")


def stored(values, row=MEDIAN, testbed="here", scenario_hash="hash"):
    return [
        StoredPoint(row, value, f"run {place}", float(place), testbed, scenario_hash)
        for place, value in enumerate(values)
    ]


def new(value, row=MEDIAN, testbed="here", scenario_hash="hash"):
    return [StoredPoint(row, value, "new", 1000.0, testbed, scenario_hash)]


CALM = [10.0, 10.1, 9.9, 10.05, 9.95, 10.0, 10.1, 9.9, 10.02, 9.98]


def only(rows):
    (row,) = rows
    return row


def test_a_run_far_beyond_the_stored_ones_regressed():
    row = only(compare_stored(new(13.0), stored(CALM), Rules()))
    assert row.verdict is RowVerdict.REGRESSED
    assert row.base == pytest.approx(10.0)
    assert row.change == pytest.approx(0.3)
    assert row.low < 0.3 < row.high
    assert row.rounds == 10


def test_a_run_like_the_stored_ones_is_no_regression():
    row = only(compare_stored(new(10.1), stored(CALM), Rules()))
    assert row.verdict is not RowVerdict.REGRESSED


def test_one_odd_run_in_the_baseline_hides_no_regression():
    row = only(compare_stored(new(13.0), stored([*CALM[:-1], 40.0]), Rules()))
    assert row.verdict is RowVerdict.REGRESSED


def test_too_few_runs_say_how_many_are_missing():
    row = only(compare_stored(new(13.0), stored(CALM[:3]), Rules()))
    assert (row.verdict, row.low) == (RowVerdict.INCONCLUSIVE, None)
    assert row.change == pytest.approx(0.3)
    assert row.warnings == ("2 more runs of the baseline needed",)
    assert only(compare_stored(new(13.0), [], Rules())).warnings == ("5 more runs of the baseline needed",)


def test_another_testbed_is_shown_and_never_fails():
    row = only(compare_stored(new(20.0, testbed="there"), stored(CALM), Rules()))
    assert (row.gated, row.verdict) == (False, RowVerdict.INCONCLUSIVE)
    assert row.change == pytest.approx(1.0)
    assert row.warnings == ("measured on another testbed: shown, not judged",)


def test_runs_of_another_testbed_are_not_counted():
    baseline = stored(CALM) + stored([20.0] * 20, testbed="there")
    assert only(compare_stored(new(13.0), baseline, Rules())).base == pytest.approx(10.0)


def test_a_scenario_that_changed_is_shown_and_never_fails():
    row = only(compare_stored(new(20.0, scenario_hash="other"), stored(CALM), Rules()))
    assert not row.gated
    assert row.warnings == ("the scenario has changed since: shown, not judged",)


def test_a_row_that_head_lacks_is_never_green():
    rows = compare_stored(new(0.0, FAILED), stored(CALM) + stored([0.0] * 10, FAILED), Rules())
    missing = next(row for row in rows if row.metric == "http_req_duration")
    assert (missing.verdict, missing.gated, missing.head) == (RowVerdict.INCONCLUSIVE, True, None)
    assert missing.warnings == ("only the baseline measured it",)


def test_failures_are_compared_in_points():
    row = only(compare_stored(new(0.2, FAILED), stored([0.0] * 10, FAILED), Rules()))
    assert row.verdict is RowVerdict.REGRESSED
    assert row.change == pytest.approx(0.2)


def test_a_margin_of_many_rows_is_shared():
    others = [Row("shop", f"GET /{place}", "http_req_duration", "med") for place in range(20)]
    head = new(10.0) + [point for row in others for point in new(10.0, row)]
    baseline = stored(CALM) + [point for row in others for point in stored(CALM, row)]
    alone = only(compare_stored(new(10.0), stored(CALM), Rules()))
    among_others = compare_stored(head, baseline, Rules())[0]
    assert among_others.smallest > alone.smallest
