"""The flame graph in a headless Chromium: search, zoom, the side that gives the widths, and its file."""

import json

import fastjsonschema
import pytest

from tests.support.measured_pages import flame_page
from tests.support.npm import module

pytestmark = pytest.mark.browser
NAME = "shop.prices.discount"
HOSTILE = "<img src=x onerror=document.title='taken'>"
# The height of a row, what is above the first one, and the row of the function that takes more.
ROW, TOP = 19, 5
CHANGED = 3


@pytest.fixture
def flame(open_page):
    opened = open_page(flame_page())
    yield opened
    assert opened.said == []
    assert len(opened.asked) == 1


def search(opened, text):
    opened.tab.get_by_label("Find a function").fill(text)


def said(opened):
    return opened.tab.locator(".flame [role=status]").first.inner_text()


def hover(opened, across, row):
    """What is said of the frame so far across, in a row from the top."""
    canvas = opened.tab.locator(".flame canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    tooltip = opened.tab.locator("#vg-tooltip-element.visible")
    opened.tab.mouse.move(0, 0)
    tooltip.wait_for(state="hidden")
    opened.tab.mouse.move(box["x"] + box["width"] * across, box["y"] + TOP + ROW * (row + 0.5))
    tooltip.wait_for()
    return tooltip.inner_text()


def until_says(opened, across, row, name):
    """Until a frame of that name is there."""
    opened.until(lambda: hover(opened, across, row).startswith(name))


def test_a_frame_says_what_it_takes_on_both_sides(flame):
    text = hover(flame, 0.1, CHANGED)
    assert text.startswith(NAME)
    assert "shop/prices.py:41" in text
    assert "0.6 ms a request" in text
    assert "1.9 ms a request" in text
    assert "+1.3 ms (+216.7 %)" in text


def test_a_search_says_how_much_it_found(flame):
    search(flame, "prices")
    assert said(flame) == "1 place, 43.7 % of head"
    flame.tab.get_by_label("Widths").get_by_text("base").click()
    assert said(flame) == "1 place, 18.5 % of base"
    search(flame, "nothing like it")
    assert said(flame) == "0 places, 0.0 % of base"


def test_a_function_is_found_as_reports_write_it(flame):
    search(flame, "shop.validate.validate")
    assert said(flame).startswith("1 place")


def test_keys_zoom_to_what_was_found_and_out_again(flame):
    search(flame, "prices")
    flame.tab.keyboard.press("Enter")
    assert said(flame) == f"1 of 1: {NAME}, 1.9 ms a request on head"
    # Zoomed in, it is as wide as all.
    until_says(flame, 0.95, CHANGED, NAME)
    flame.tab.get_by_label("Find a function").press("Escape")
    until_says(flame, 0.95, CHANGED - 1, "new_rules")
    assert flame.tab.get_by_label("Find a function").input_value() == ""


def test_a_click_zooms_and_a_button_shows_all(flame):
    everything = flame.tab.get_by_role("button", name="Show all")
    assert not everything.is_visible()
    hover(flame, 0.1, CHANGED)
    flame.tab.mouse.down()
    flame.tab.mouse.up()
    everything.wait_for()
    until_says(flame, 0.95, CHANGED, NAME)
    everything.click()
    everything.wait_for(state="hidden")
    until_says(flame, 0.95, CHANGED - 1, "new_rules")


def test_what_is_gone_is_shown_where_base_gives_the_widths(flame):
    search(flame, "old_rules")
    assert said(flame).startswith("0 places")
    flame.tab.get_by_label("Widths").get_by_text("base").click()
    assert said(flame) == "1 place, 13.8 % of base"
    flame.tab.get_by_label("Find a function").press("Enter")
    until_says(flame, 0.5, CHANGED - 1, "old_rules")
    # It is not there on head: what calls it is.
    flame.tab.get_by_label("Widths").get_by_text("head").click()
    until_says(flame, 0.1, CHANGED - 1, "store")


def test_its_functions_can_be_read_as_a_table(flame):
    own = flame.tab.locator(".flame details.numbers")
    own.locator("summary").click()
    names = own.locator("tbody tr td:first-child").all_inner_texts()
    assert {NAME, "old_rules", "new_rules"} <= set(names)
    assert own.locator("th").first.inner_text() == "function"


def test_a_dark_page_keeps_what_was_chosen(flame):
    search(flame, "prices")
    flame.tab.keyboard.press("Enter")
    flame.tab.emulate_media(color_scheme="dark")
    flame.wait_for("dark")
    until_says(flame, 0.95, CHANGED, NAME)


def test_its_file_is_one_of_speedscope(flame):
    with flame.tab.expect_download() as awaited:
        flame.tab.get_by_role("button", name="Save for speedscope").click()
    assert awaited.value.suggested_filename == "create_pet.speedscope.json"
    written = json.loads(awaited.value.path().read_text(encoding="utf-8"))
    schema = json.loads(module("speedscope/dist/release/file-format-schema.json").read_text())
    fastjsonschema.compile(schema)(written)
    assert [profile["name"] for profile in written["profiles"]] == ["head: ms a request", "base: ms a request"]
    assert sum(written["profiles"][0]["weights"]) == pytest.approx(4.35)
    names = [frame["name"] for frame in written["shared"]["frames"]]
    heaviest = max(zip(written["profiles"][0]["weights"], written["profiles"][0]["samples"], strict=True))[1]
    assert [names[place] for place in heaviest][-2:] == ["store", NAME]


def test_no_name_runs_as_a_script(open_page):
    opened = open_page(flame_page(HOSTILE))
    assert hover(opened, 0.1, CHANGED).startswith("<img")
    assert opened.tab.locator("img").count() == 0
    assert opened.said == []
