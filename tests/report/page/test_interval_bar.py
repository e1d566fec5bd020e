"""The picture of a change, its interval and its margin."""

import re
from dataclasses import replace

from perfgate.compare.comparison import Interval, RowVerdict
from perfgate.report.page.interval_bar import REACH, interval_bar
from tests.support.verdict_samples import row

SLOWER = row("shop", "GET /", "http_req_duration", "med", 10.0, 0.075, verdict=RowVerdict.REGRESSED)
MIDDLE = 110.0


def circle(bar):
    return float(re.search(r'<circle cx="([0-9.]+)"', bar)[1])


def ends(bar):
    return [float(end) for end in re.search(r'<line x1="([0-9.]+)" x2="([0-9.]+)" y1="10', bar).groups()]


def test_worse_is_to_the_right_whether_the_number_went_up_or_down():
    fewer = row("shop", None, "http_reqs", "rate", 100.0, -0.075, verdict=RowVerdict.REGRESSED)
    assert circle(interval_bar(SLOWER)) == circle(interval_bar(fewer)) > MIDDLE


def test_rows_of_all_margins_share_a_scale():
    wide = replace(SLOWER, margin=0.1, change=0.15, interval=Interval(0.11, 0.19))
    assert circle(interval_bar(wide)) == circle(interval_bar(SLOWER))


def test_the_interval_reaches_from_end_to_end():
    low, high = ends(interval_bar(SLOWER))
    assert low < circle(interval_bar(SLOWER)) < high


def test_what_lies_beyond_the_picture_ends_in_an_arrow():
    far = replace(SLOWER, change=2 * REACH * 0.05, interval=Interval(0.01, 100.0))
    assert interval_bar(far).count("<path") == 1
    assert "<path" not in interval_bar(SLOWER)


def test_a_row_without_an_interval_has_no_picture():
    assert interval_bar(replace(SLOWER, interval=None)) == ""


def test_a_screen_reader_hears_the_numbers():
    assert 'aria-label="+7.5 %, +5.5 to +9.5 %, margin 5 %"' in interval_bar(SLOWER)
