"""The page of trends as text; test_trend_in_browser.py opens it."""

import json
import re
from html.parser import HTMLParser

import pytest

from perfgate.report.page import trend
from tests.support.hostile import HOSTILE
from tests.support.trend_series import points, trends


@pytest.fixture(autouse=True)
def needs_the_extra():
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")


def charts_in(html):
    return json.loads(re.search(r'<script type="application/json" id="charts">(.*?)</script>', html, re.DOTALL)[1])


class Tags(HTMLParser):
    """Counts the tags of a page."""

    def __init__(self, html):
        super().__init__()
        self.seen = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, tuple(sorted(name for name, _ in attrs))))


@pytest.fixture(scope="module")
def html():
    return trend.render(trends())


def test_the_page_is_whole_and_lets_nothing_else_in(html):
    text = html.split("<script")[0]
    assert not re.search(r"\[\[\w+\]\]", text)
    assert "default-src 'none'" in text
    assert not [tag for tag, attributes in Tags(html).seen if tag in ("link", "img", "iframe") or "src" in attributes]
    assert len(charts_in(html)["panels"]) == 3 * 2


def test_each_statistic_can_be_chosen_and_the_first_is_shown(html):
    assert options(html, "statistic") == [("http_req_duration med", " checked"), ("http_req_failed", "")]


def test_runs_stand_in_their_order_until_time_is_chosen(html):
    assert options(html, "axis") == [("order", " checked"), ("time", "")]


def options(html, name):
    return re.findall(rf'name="{name}" value="([^"]*)"( checked)?', html.split("<script")[0])


def test_both_axes_draw_the_same_records(html):
    panels = charts_in(html)["panels"]
    assert panels["panel-0-time"]["usermeta"]["datasets_of"] == "panel-0"
    assert "datasets" not in panels["panel-0-time"]
    needed = set(re.findall(r'"name":"(panel-[^"]*)"', json.dumps(panels["panel-0-time"], separators=(",", ":"))))
    assert needed <= panels["panel-0"]["datasets"].keys()


QUIET = ('" onload="alert(1)', "[[script]] [[title]]", "<!--")


def test_no_name_becomes_markup_on_the_page(monkeypatch):
    import vl_convert

    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda snippet: snippet)  # the same every time, and large
    tame = sorted(Tags(trend.render(trends(points("scenario", "request")))).seen)
    # In both orders: one may swallow what comes after it.
    for text in (" ".join(HOSTILE), " ".join(reversed(HOSTILE)), "</script><script>alert(1)</script>", *QUIET):
        html = trend.render(trends(points(text or "x", text or "y"), branch=text))
        assert sorted(Tags(html).seen) == tame, text
        assert len(charts_in(html)["panels"]) == 3 * 2
