"""Charts of trends as images and vectors."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from perfgate.compare.rows import Row
from perfgate.report.trend import chart
from perfgate.report.trend.labels import LABEL_ROWS
from perfgate.report.trend.panels import panels_of
from perfgate.testing import FIRST_STARTED_AT
from tests.support.trend_series import OTHER_TESTBED, medians, noisy, points, series, trends

ROW = Row("create_pet", "POST /pet", "http_req_duration", "med")


@pytest.fixture(autouse=True)
def needs_the_extra():
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")


def one_panel(values, row=ROW):
    (panel,) = panels_of(trends(series(row, values)))
    return panel


def test_a_panel_has_all_testbeds_of_its_row():
    panels = panels_of(medians())
    assert [(panel.row.request, len(panel.trends)) for panel in panels] == [("POST /pet", 2), ("GET /pet/{id}", 1)]
    assert {point.testbed for point in panels[0].points} == {
        "AMD EPYC 7763, 4 cores",
        "Intel Xeon Platinum 8370C, 4 cores",
    }


def test_every_point_says_commit_date_value_and_what_was_expected():
    point = one_panel([10.0] * 9).points[5]
    assert point.commit == "ac3478d*"
    assert point.date == "2026-01-06 00:00 UTC"
    assert point.shown == "10.0 ms"
    assert re.fullmatch(r"[\d.]+ to [\d.]+ ms", point.expected)
    assert point.url.startswith("https://github.com/octo/pets/commit/ac3478d6")


def test_all_that_is_drawn_lies_within_the_panel():
    for panel in panels_of(trends()):
        shown = [point.value for point in panel.points] + [level.level for level in panel.levels]
        assert panel.low <= min(shown)
        assert max(shown) < panel.high
    assert one_panel([0.0] * 9, Row("create_pet", None, "http_req_failed", "rate")).low == 0


def test_the_axis_follows_the_points_and_a_wide_band_is_cut():
    panel = one_panel([10.0, 11.5, 10.2, 11.4, 10.1, 11.3, 10.0, 11.5])
    level = panel.levels[0]
    assert level.low < panel.low
    assert level.high > panel.high
    assert panel.high - panel.low < 3 * 1.5


def test_the_hours_of_a_day_are_those_of_a_24_hour_clock_in_utc():
    texts = texts_on("time", crowded())
    assert "UTC" in texts
    assert "12:00" in texts
    assert "PM" not in "".join(texts)


def test_runs_in_their_order_are_as_far_apart_whatever_the_time_between_them():
    made = [
        replace(point, started_at=point.started_at + 86_400 * 90 * (day > 5))
        for day, point in enumerate(series(ROW, [10.0] * 12))
    ]
    (panel,) = panels_of(trends(made))
    assert [point.order for point in panel.points] == list(range(1, 13))
    texts = texts_on("order", made)
    assert "runs in their order (UTC)" in texts
    assert "2026-01-06" in texts
    assert "2026-04-08" in texts


def test_runs_of_two_testbeds_share_one_order():
    (panel,) = panels_of(trends([*series(ROW, [10.0] * 4), *series(ROW, [9.0] * 3, OTHER_TESTBED, 2)]))
    assert sorted(point.order for point in panel.points) == list(range(1, 8))
    times = [point.time for point in sorted(panel.points, key=lambda point: point.order)]
    assert times == sorted(times)


def test_the_newest_band_reaches_into_the_runs_to_come():
    panel = one_panel([10.0] * 9)
    assert 9 < panel.levels[-1].last < 10


def test_runs_of_one_day_say_their_hour():
    assert "01-01 12:00" in texts_on("order", crowded())


def crowded():
    """A run every half an hour."""
    return [
        replace(point, started_at=FIRST_STARTED_AT + 1800 * place)
        for place, point in enumerate(series(ROW, [10.0] * 30))
    ]


def texts_on(axis, made):
    """What a panel of the page says, drawn on that axis."""
    import vl_convert

    found = trends(made)
    (panel,) = panels_of(found)
    drawn = chart.specification(panel, found, axis) | {"width": 560, "datasets": chart.records(panel)}
    return list(ElementTree.fromstring(vl_convert.vegalite_to_svg(drawn)).itertext())


def test_noise_alone_does_not_fill_a_panel():
    panel = one_panel(noisy([10.0] * 30, 1, noise=0.001))
    assert panel.high - panel.low > 1.5


def test_labels_of_change_points_do_not_cover_each_other():
    stairs = [10.0 + 5.0 * (run // 12) + 0.01 * (run % 3) for run in range(12 * 12)]
    for shifts in one_panel(stairs).shifts.values():
        placed = [shift for shift in shifts if shift.row is not None]
        assert LABEL_ROWS <= len(placed) < len(shifts) == 11
        assert len({(shift.row, shift.time) for shift in placed}) == len(placed)
        assert shifts[-1].row == LABEL_ROWS - 1


def test_a_line_does_not_cross_a_change_of_the_scenario():
    made = [*series(ROW, [10.0] * 10), *series(ROW, [20.0] * 10, first_day=10, scenario_hash="2")]
    (panel,) = panels_of(trends(made))
    assert len({point.part for point in panel.points}) == 2
    assert panel.shifts == {"order": (), "time": ()}


def test_the_image_is_an_image_and_the_vectors_are_xml():
    found = medians()
    assert chart.png(found).startswith(b"\x89PNG\r\n")
    drawn = chart.svg(found)
    texts = "".join(ElementTree.fromstring(drawn).itertext())
    for text in ("create_pet · POST /pet", "+20.1 %", "AMD EPYC 7763, 4 cores"):
        assert text in texts


@pytest.mark.parametrize(
    "text", ["</text><script>alert(1)</script>", "\x1b[31m\x00 & <b> \"'", "z\u0301\u202elive ]]>"]
)
def test_no_name_becomes_markup_in_the_vectors(text):
    found = trends(points(text, text), branch=text).of("http_req_duration", "med")
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(chart.svg(found)).iter()}
    assert tags == {"svg", "defs", "clipPath", "rect", "g", "path", "text", "line"}
