"""Tables as narrow as a comment is."""

from dataclasses import replace

import pytest

from perfgate.report.comment_tables import narrow_comparison, narrow_summary
from perfgate.report.rows import footnotes
from tests.support.verdict_samples import alone, calm_rows, passing, row, slowed_rows

MED = ("http_req_duration", "med")


def titles(table):
    return [column.title for column in table.columns]


def column(table, title):
    return [line[titles(table).index(title)].text for line in table.rows]


def test_the_request_says_where_a_row_belongs_and_the_scenario_where_it_is_about_the_whole():
    rows = (row("create_pet", "POST /pet", *MED, 12.0, 0.3), row("create_pet", None, "service_cpu", "value", 0.4, 0.3))
    assert column(narrow_comparison(rows, ()), "where") == ["POST /pet", "create_pet"]


def test_where_two_scenarios_have_the_same_request_both_are_named():
    rows = (row("create_pet", "POST /pet", *MED, 12.0, 0.3), row("order_pet", "POST /pet", *MED, 12.0, 0.1))
    table = narrow_comparison(rows, ())
    assert titles(table)[:2] == ["scenario", "request"]
    assert column(table, "scenario") == ["create_pet", "order_pet"]


def test_two_statistics_of_one_request_are_no_reason_to_name_its_scenario():
    rows = (row("create_pet", "POST /pet", *MED, 12.0, 0.3), row("create_pet", "POST /pet", MED[0], "p(95)", 20.0, 0.3))
    assert titles(narrow_comparison(rows, ()))[0] == "where"


@pytest.mark.parametrize(
    ("metric", "base", "change", "shown"),
    [
        (MED, 12.0, 0.5, "12.0 → 18.0 ms"),
        (MED, 600.0, 1.0, "600 ms → 1.20 s"),
        (("http_reqs", "rate"), 1600.0, 0.5, "1,600 → 2,400/s"),
        (("http_req_failed", "rate"), 0.01, 0.01, "1.00 → 2.00 %"),
    ],
)
def test_base_and_head_share_a_column_and_their_unit(metric, base, change, shown):
    assert column(narrow_comparison((row("a", None, metric[0], metric[1], base, change),), ()), "base → head") == [
        shown
    ]


def test_a_row_without_a_base_has_a_dash():
    waiting = replace(row("a", None, *MED, 12.0, 0.0), base=None)
    assert column(narrow_comparison((waiting,), ()), "base → head") == ["– → 12.0 ms"]


def test_a_margin_that_all_rows_have_is_said_once():
    table = narrow_comparison(calm_rows(), footnotes(calm_rows()))
    assert "margin" not in titles(table)
    assert table.remark.startswith("Margin: 5 %, of a share 0.5 pp. Smallest change")


def test_margins_that_differ_stay_in_their_column():
    rows = (*slowed_rows(), replace(row("a", None, *MED, 12.0, 0.3), margin=0.2))
    table = narrow_comparison(rows, footnotes(rows))
    assert column(table, "margin")[-1] == "20 %"
    assert "Margin" not in table.remark


def test_every_line_has_as_many_cells_as_there_are_columns():
    for rows in (calm_rows(), slowed_rows(), (*slowed_rows(), row("other", "POST /pet", *MED, 1.0, 0.0))):
        table = narrow_comparison(rows, footnotes(rows))
        assert {len(line) for line in table.rows} == {len(table.columns)}


def test_a_request_stands_below_its_scenario_in_the_summary():
    for verdict in (alone(), passing()):
        table = narrow_summary(verdict.summary)
        assert "request" not in titles(table)
        assert {len(line) for line in table.rows} == {len(table.columns)}
    names = column(narrow_summary(alone().summary), "scenario")
    assert names == ["create_pet", "order_pet", "POST /store/order", "GET /store/order/{id}"]
