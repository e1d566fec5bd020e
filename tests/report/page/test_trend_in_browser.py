"""The page of trends in a headless Chromium; `make browser` installs one."""

import pytest

from perfgate.report.page import trend
from tests.support.trend_series import COMMIT_URL, points, trends

pytestmark = pytest.mark.browser
HOSTILE_NAME = "</script><script>document.title = 'taken'</script><img src=x onerror=document.title='taken'>"


@pytest.fixture(scope="module")
def html():
    return trend.render(trends())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_says_nothing_on_the_console_and_asks_the_network_for_nothing(open_page, html, scheme):
    opened = open_page(html, scheme)
    opened.hover(0.4)
    opened.choose("http_req_failed")
    opened.hover(0.4)
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith("file:")] == []
    assert len(opened.asked) == 1
    assert opened.tab.evaluate("document.body.dataset.ready").endswith(scheme)


def test_hovering_shows_commit_date_value_and_what_was_expected(open_page, html):
    said = open_page(html).hover(0.56)
    point = next(point for point in points() if point.commit[:7] in said and point.row.request == "POST /pet")
    assert f"{point.value:.1f} ms" in said
    for text in ("2026-02-", "UTC", " to ", "AMD EPYC 7763, 4 cores"):
        assert text in said


def test_a_click_on_a_point_opens_its_commit_and_one_beside_it_nothing(open_page, html):
    opened = open_page(html)
    asked, said = [], []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(body="a commit")

    opened.tab.context.route("https://**/*", answer)
    box = opened.tab.locator("figure:visible canvas").first.bounding_box()
    for down in range(8, int(box["height"]), 8):
        said.append(opened.hover(0.56, down / box["height"]))
        opened.tab.mouse.down()
        opened.tab.mouse.up()
        opened.tab.wait_for_timeout(50)
        if asked:
            break
    assert down > 40
    assert asked[0].startswith(COMMIT_URL.replace("{sha}", ""))
    # On a slow machine it opens when the pointer has gone on already.
    assert any(asked[0].rpartition("/")[2][:7] in text for text in said)


def test_a_wheel_with_ctrl_zooms_and_a_double_click_shows_all_again(open_page, html):
    opened = open_page(html)

    def left_end():
        return opened.hover(0.12).split("date")[1][:12].strip()

    before = left_end()
    opened.hover(0.8)
    opened.tab.keyboard.down("Control")
    for _ in range(4):
        opened.tab.mouse.wheel(0, -300)
        opened.tab.wait_for_timeout(50)
    opened.tab.keyboard.up("Control")
    opened.until(lambda: left_end() > before)
    opened.tab.mouse.dblclick(
        *opened.tab.evaluate(
            "(() => { const box = document.querySelector('figure:not([hidden]) canvas').getBoundingClientRect();"
            "return [box.x + box.width * 0.3, box.y + box.height * 0.85]; })()"
        )
    )
    opened.until(lambda: left_end() == before)


def test_the_metric_is_chosen_with_mouse_or_keys(open_page, html):
    opened = open_page(html)
    assert opened.tab.locator("figure:visible").count() == 2
    opened.choose("http_req_failed")
    assert opened.tab.locator("figure:visible").count() == 1
    opened.tab.keyboard.press("ArrowLeft")
    opened.wait_for("http_req_duration")
    assert opened.tab.locator("figure:visible").count() == 2


def test_a_switch_shows_time_with_mouse_or_keys_and_is_forgotten(open_page, html):
    opened = open_page(html)
    before = opened.hover(0.5)
    opened.tab.get_by_text("over time", exact=True).click()
    opened.wait_for("time light")
    after = opened.hover(0.5)
    assert "UTC" in after
    opened.tab.keyboard.press("ArrowLeft")
    opened.wait_for("order light")
    assert opened.hover(0.5) == before
    opened.tab.keyboard.press("ArrowRight")
    opened.wait_for("time light")
    opened.tab.reload()
    opened.wait_for("order light")
    assert opened.tab.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert opened.said == []


def test_a_page_that_turns_dark_draws_its_charts_anew(open_page, html):
    opened = open_page(html)
    opened.tab.emulate_media(color_scheme="dark")
    opened.wait_for("dark")
    assert "UTC" in opened.hover(0.5)
    assert opened.said == []


def test_no_name_runs_as_a_script(open_page):
    opened = open_page(trend.render(trends(points(HOSTILE_NAME, HOSTILE_NAME), branch=HOSTILE_NAME)))
    assert opened.tab.title().startswith("Trend of </script>")
    assert opened.tab.locator("img").count() == 0
    said = opened.hover(0.5)
    assert "UTC" in said
    assert opened.said == []


def test_a_narrow_page_does_not_scroll_sideways(open_page, html):
    opened = open_page(html)
    opened.tab.set_viewport_size({"width": 390, "height": 800})
    opened.until(lambda: opened.tab.evaluate("innerWidth") == 390)
    opened.until(lambda: opened.tab.evaluate("document.documentElement.scrollWidth") <= 390)
