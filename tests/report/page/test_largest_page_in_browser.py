"""The page of four scenarios of 60 s each, in a headless Chromium."""

import pytest

from tests.support.measured_pages import largest_page

pytestmark = pytest.mark.browser
LIMIT = 2_000_000


def test_it_is_small_draws_all_and_neither_says_nor_fetches_anything(open_page):
    page = largest_page()
    assert len(page.encode()) < LIMIT
    opened = open_page(page)
    assert opened.said == []
    assert len(opened.asked) == 1
    places = opened.tab.locator("figure .chart")
    assert places.count() >= 4 * 4
    assert opened.tab.locator("figure .chart canvas").count() == places.count()
    # Chromium draws nothing on a canvas without a pixel.
    sizes = opened.tab.evaluate("[...document.querySelectorAll('canvas')].map((one) => one.width * one.height)")
    assert min(sizes) > 0
