"""axe-core finds no serious fault on our pages; `make browser` installs it."""

import pytest

from perfgate.report.page import trend
from tests.support.measured_pages import duet_page, flame_page, run_page
from tests.support.npm import module
from tests.support.trend_series import trends

pytestmark = pytest.mark.browser
PAGES = {"duet": duet_page, "run": run_page, "flame": flame_page, "trend": lambda: trend.render(trends())}


@pytest.fixture(scope="module")
def axe():
    return module("axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", PAGES)
def test_no_rule_is_broken(open_page, axe, kind, scheme, width):
    opened = open_page(PAGES[kind](), scheme)
    opened.tab.set_viewport_size({"width": width, "height": 900})
    for summary in opened.tab.locator("summary:visible").all():
        summary.click()
    opened.tab.evaluate(axe)
    found = opened.tab.evaluate("axe.run()")["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found] == []
    assert opened.tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("kind", PAGES)
def test_every_chart_has_a_name_and_its_numbers(open_page, kind):
    opened = open_page(PAGES[kind]())
    places = opened.tab.locator(".chart:visible")
    assert places.count() >= 2
    for place in places.all():
        assert place.get_attribute("aria-label") not in ("", "Vega visualization")
        own = place.locator("xpath=..").locator("details.numbers")
        own.locator("summary").click()
        own.locator("tbody tr").first.wait_for()
    assert opened.said == []


@pytest.mark.parametrize("kind", PAGES)
def test_all_that_can_be_used_is_reached_with_the_tab_key(open_page, kind):
    opened = open_page(PAGES[kind]())
    usable = "a, button, select, summary, input:checked, input[type=search], [tabindex='0']"
    marked = f"""[...document.querySelectorAll("{usable}")].filter((one) => one.checkVisibility())
        .map((one, number) => one.dataset.number = String(number))"""
    numbers = opened.tab.evaluate(marked)
    reached = set()
    for _ in numbers:
        opened.tab.keyboard.press("Tab")
        reached.add(opened.tab.evaluate("document.activeElement.dataset.number"))
    assert reached == set(numbers)
