"""The page of a measurement in a headless Chromium; `make browser` installs one."""

import pytest

from tests.support.measured_pages import duet_page, run_page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("page", [duet_page, run_page])
def test_every_chart_is_drawn_and_nothing_is_said_or_fetched(open_page, page, scheme, width):
    opened = open_page(page(), scheme)
    opened.tab.set_viewport_size({"width": width, "height": 900})
    assert opened.said == []
    assert len(opened.asked) == 1
    places = opened.tab.locator("figure .chart")
    assert places.count() >= 3
    assert opened.tab.locator("figure .chart canvas").count() == places.count()
    opened.until(lambda: opened.tab.evaluate("document.documentElement.scrollWidth") <= width)


def test_another_row_is_drawn_when_it_is_chosen(open_page):
    opened = open_page(duet_page())
    chooser = opened.tab.get_by_label("Each pair in order of time of")
    chooser.select_option(index=1)
    label = chooser.locator("option").nth(1).inner_text()
    opened.tab.locator(f".chart[aria-label='Each pair in order of time: {label}']").wait_for()
    assert opened.said == []


def test_the_numbers_of_the_chart_that_is_shown_can_be_copied(open_page):
    opened = open_page(duet_page())
    opened.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    figure = opened.tab.locator("figure").first
    figure.locator("summary").click()
    titles = figure.locator("th").all_inner_texts()
    assert titles == ["pair", "base (ms)", "head (ms)", "change", "on", "invalid"]
    assert "the generator was busy" in figure.locator("tbody tr").nth(4).inner_text()
    figure.get_by_role("button", name="Copy").click()
    figure.get_by_text("copied").wait_for()
    lines = opened.tab.evaluate("navigator.clipboard.readText()").splitlines()
    assert len(lines) == 13
    assert lines[1].split("\t")[0] == "1"
    figure.locator("select").select_option(label="http_reqs/s")
    figure.get_by_text("base (per second)").wait_for()


def test_a_page_that_turns_dark_draws_its_charts_anew(open_page):
    opened = open_page(duet_page())
    opened.tab.emulate_media(color_scheme="dark")
    opened.wait_for("dark")
    assert opened.said == []
