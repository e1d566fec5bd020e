"""The trend that a report folds in: of every row that a verdict can be about, and never in the way of the verdict."""

from dataclasses import replace
from pathlib import Path

import pytest

from perfgate.application import trend_query
from perfgate.application.context import Context
from perfgate.application.trend_query import trend_of_report
from perfgate.compare.rows import Row
from perfgate.config.reading import load_config
from perfgate.history.store import open_history
from perfgate.testing import seeded_run
from tests.support.histories import with_counts
from tests.support.verdict_samples import regression


@pytest.fixture
def told():
    return []


@pytest.fixture
def trend_of(tmp_path, told):
    """The trend in a report of this verdict, where the history has ten runs with counters."""
    path = tmp_path / "perfgate.db"
    with open_history(path, create=True) as history:
        for number in range(10):
            history.save_run(with_counts(seeded_run(number, rounds=1, requests_per_round=40)))
    context = Context(tmp_path, {}, told.append)
    return lambda verdict: trend_of_report(context, [Path(path)], load_config(None, tmp_path), verdict)


def about(verdict, row):
    """The verdict, of this row alone."""
    return replace(verdict, rows=(replace(verdict.rows[0], row=row),))


@pytest.mark.parametrize(
    "row",
    [
        Row("create_pet", None, "counter{name:queries}", "value"),
        Row("create_pet", "POST /pet", "server_timing_count{name:db}", "value"),
    ],
    ids=["counter", "count"],
)
def test_a_count_that_changed_is_drawn(trend_of, told, row):
    assert 'y-axis "number"' in trend_of(about(regression(), row))
    assert told == []


def test_a_trend_that_cannot_be_drawn_is_left_out_and_said(trend_of, told, monkeypatch):
    def defect(*_):
        raise KeyError("furlong")

    monkeypatch.setattr(trend_query, "trend_fold", defect)
    assert trend_of(regression()) == ""
    assert told == ["The report has no trend: perfgate failed to draw it (KeyError: 'furlong')."]
