"""A site in a headless Chromium, from disk: `make browser` installs one. Four scenarios, two machines, 1,500 runs."""

import re
import sqlite3
from contextlib import closing

import pytest

from perfgate.application.context import Context
from perfgate.application.site.writing import SiteChoice, write_site
from perfgate.config.values import Config
from perfgate.history.histogram_codec import unpack
from perfgate.history.store import open_history
from perfgate.testing import seeded_record
from perfgate.units import format_value
from tests.bench.large_history import make_history
from tests.support.npm import module
from tests.support.opened_page import Opened

pytestmark = pytest.mark.browser

RUNS = 1500
AGAIN = 45
OTHER = "9b1d07aa31c2f604"
HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=document.title='taken'>"
COMMIT_URL = "https://github.com/octo/pets/commit/{sha}"
LARGE = "scenarios/order_pet.html"


def history_of(path):
    """One scenario has a hostile name, every fifth run was on another machine, and one commit was measured again."""
    make_history(path, RUNS)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("INSERT INTO testbeds SELECT ?, ?, cores, memory_bytes FROM testbeds", [OTHER, "Intel Xeon 8370C"])
        every_fifth = [(OTHER, seeded_record(number).id) for number in range(0, RUNS, 5)]
        file.executemany("UPDATE runs SET testbed_id = ? WHERE id = ?", every_fifth)
        file.execute("UPDATE runs SET commit_sha = ? WHERE id = ?", [seeded_record(42).commit, seeded_record(AGAIN).id])
        file.execute("UPDATE results SET scenario = ? WHERE scenario = 'create_pet'", [HOSTILE])
        file.execute("UPDATE results SET request = ? WHERE request = 'POST /pet'", [HOSTILE])
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    return history_of(tmp_path_factory.mktemp("history") / "perfgate.db")


@pytest.fixture(scope="module")
def site(history, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "site"
    context = Context(history.parent, {}, print)
    write_site(context, Config(), SiteChoice(None, COMMIT_URL, "", history), folder)
    return folder


@pytest.fixture
def open_site(browser, site):
    """Open a page of the site: open_site(page, scheme, width) -> Opened."""
    contexts = []

    def opened(page, scheme="light", width=1280):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme))
        found = Opened(contexts[-1].new_page())
        found.tab.on("console", lambda message: found.said.append(message.text))
        found.tab.on("pageerror", lambda error: found.said.append(str(error)))
        found.tab.on("request", lambda request: found.asked.append(request.url))
        found.tab.goto((site / page.partition("#")[0]).as_uri() + "".join(page.partition("#")[1:]))
        if page != "index.html":
            found.tab.locator("body[data-run]").wait_for()
        return found

    yield opened
    for context in contexts:
        context.close()


def pages(site):
    return ["index.html", *(str(path.relative_to(site)) for path in sorted((site / "scenarios").glob("*.html")))]


def in_view(opened):
    """The first and the last run in view."""
    words = opened.tab.locator(".view").inner_text().replace(",", "")
    return tuple(map(int, re.match(r"runs (\d+) to (\d+) of", words).groups()))


def run_shown(opened):
    return int(re.search(r"Run ([\d,]+) of", opened.tab.locator(".run .facts").inner_text())[1].replace(",", ""))


def test_pages_say_nothing_on_the_console_and_fetch_nothing_from_outside(open_site, site):
    for page in pages(site):
        for scheme in ("light", "dark"):
            opened = open_site(page, scheme)
            assert opened.said == []
            assert [url for url in opened.asked if not url.startswith(("file:", "data:,"))] == []
            assert opened.tab.title().endswith("taken") is False
            assert opened.tab.locator("img").count() == 0


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_broken_rule_and_nothing_scrolls_sideways(open_site, site, scheme, width):
    axe = module("axe-core/axe.min.js").read_text(encoding="utf-8")
    for page in pages(site):
        opened = open_site(page, scheme, width)
        if page != "index.html":
            opened.tab.get_by_role("button", name="Newest 100").click()
        for summary in opened.tab.locator("summary:visible").all():
            summary.click()
        opened.tab.evaluate(axe)
        found = opened.tab.evaluate("axe.run()")["violations"]
        assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found] == []
        assert opened.tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_first_page_leads_to_a_scenario(open_site):
    opened = open_site("index.html")
    opened.tab.get_by_role("link", name="order_pet", exact=True).first.click()
    opened.tab.locator("body[data-run]").wait_for()
    assert in_view(opened) == (1, RUNS)
    assert opened.tab.get_by_role("heading", level=1).inner_text() == "order_pet"


def test_buttons_zoom_all_charts_and_no_outlier_is_lost_before(open_site):
    opened = open_site(LARGE)
    drawn = "document.querySelector('figure:not([hidden])').querySelector('canvas') && oneRun && 0"
    assert opened.tab.evaluate(drawn) == 0
    shown = opened.tab.evaluate("[...runsInView.shown(perfgate.series.panels[0]).values()].flat()")
    values = opened.tab.evaluate("perfgate.series.panels[0].values")
    assert len(shown) < RUNS
    assert max(values) == max(values[order - 1] for order in shown)
    assert min(values) == min(values[order - 1] for order in shown)
    opened.tab.get_by_role("button", name="Newest 100").click()
    opened.until(lambda: in_view(opened) == (RUNS - 99, RUNS))
    opened.tab.get_by_role("button", name="Earlier").click()
    opened.until(lambda: in_view(opened) == (RUNS - 149, RUNS - 50))
    opened.tab.get_by_role("button", name="Zoom out").click()
    opened.until(lambda: in_view(opened)[1] - in_view(opened)[0] > 150)
    opened.tab.get_by_role("button", name="All", exact=True).click()
    opened.until(lambda: in_view(opened) == (1, RUNS))


def test_a_wheel_with_ctrl_zooms_and_a_drag_moves(open_site):
    opened = open_site(LARGE)
    opened.hover(0.8)
    opened.tab.keyboard.down("Control")
    for _ in range(5):
        opened.tab.mouse.wheel(0, -300)
        opened.tab.wait_for_timeout(50)
    opened.tab.keyboard.up("Control")
    opened.until(lambda: in_view(opened)[0] > RUNS // 3)
    before = in_view(opened)
    box = opened.tab.locator("figure:visible canvas").first.bounding_box()
    middle = box["y"] + box["height"] / 2
    opened.tab.mouse.move(box["x"] + box["width"] * 0.4, middle)
    opened.tab.mouse.down()
    opened.tab.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=8)
    opened.tab.mouse.up()
    opened.until(lambda: in_view(opened)[0] < before[0])
    assert opened.said == []


def test_a_click_on_a_point_shows_its_run_and_its_response_times(open_site):
    opened = open_site(LARGE)
    assert run_shown(opened) == RUNS
    opened.tab.get_by_role("button", name="Newest 100").click()
    opened.until(lambda: in_view(opened) == (RUNS - 99, RUNS))
    box = opened.tab.locator("figure:visible canvas").first.bounding_box()
    for down in range(20, int(box["height"]) - 20, 6):
        opened.tab.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + down)
        opened.tab.wait_for_timeout(30)
        if run_shown(opened) != RUNS:
            break
    chosen = run_shown(opened)
    assert abs(chosen - (RUNS - 50)) < 15
    opened.tab.locator(f".run[data-shown^='{chosen} ']").wait_for()
    assert opened.tab.locator(".run figure canvas").count() == 1


def test_the_keyboard_alone_finds_a_run_by_its_commit_and_steps_on(open_site):
    opened = open_site(LARGE)
    commit = seeded_record(700).commit
    opened.tab.get_by_role("searchbox", name="Find a run by its commit or day").focus()
    opened.tab.keyboard.type(commit[:9])
    opened.tab.keyboard.press("Enter")
    opened.until(lambda: run_shown(opened) == 701)
    assert opened.tab.locator(".run .facts a").get_attribute("href") == COMMIT_URL.replace("{sha}", commit)
    opened.tab.get_by_role("button", name="Older run").focus()
    opened.tab.keyboard.press("Enter")
    opened.until(lambda: run_shown(opened) == 700)
    opened.tab.get_by_role("searchbox").fill("nothing like it")
    opened.tab.keyboard.press("Enter")
    opened.until(lambda: "no run of nothing like it" in opened.tab.locator(".run .found").inner_text())


def test_an_address_with_a_commit_opens_its_run(open_site):
    commit = seeded_record(42).commit
    assert run_shown(open_site(f"{LARGE}#{commit}")) == 43


@pytest.mark.parametrize("commit", [seeded_record(42).commit, ""], ids=["commit", "no commit"])
def test_an_address_with_a_second_opens_the_run_that_began_then(open_site, commit):
    again = round(seeded_record(AGAIN).started_at)
    assert run_shown(open_site(f"{LARGE}#{commit}@{again}")) == AGAIN + 1


def test_an_address_with_a_run_that_is_gone_opens_another_of_its_commit(open_site):
    assert run_shown(open_site(f"{LARGE}#{seeded_record(42).commit}@1")) == 43
    assert run_shown(open_site(f"{LARGE}#@1")) == RUNS


def test_the_script_reads_histograms_as_the_history_wrote_them(open_site, history):
    opened = open_site(LARGE)
    with open_history(history, create=False) as stored:
        (packed,) = [
            one
            for one in stored.packed_latencies("order_pet", [stored.find("latest").record.id])
            if one.request == "POST /store/order"
        ]
    expected = unpack(packed.packed)
    text = opened.tab.evaluate(
        "(async () => { const part = Math.floor((perfgate.series.count - 1) / perfgate.series.part);"
        "return new Promise((found) => { const own = perfgate.latencies; perfgate.latencies = (one) => found("
        "one.requests.find(({ name }) => name === 'POST /store/order').packed.at(-1));"
        "const again = document.createElement('script'); again.src = `../data/order_pet.${part}.js`;"
        "document.head.append(again); }); })()"
    )
    counted = opened.tab.evaluate("(text) => histogram.unpack(text)", text)
    assert sum(count for _, count in counted) == expected.count
    assert counted[0][0] == pytest.approx(expected.minimum / 1e6, rel=0.02)
    assert counted[-1][0] == pytest.approx(expected.maximum / 1e6, rel=0.02)
    shares = dict(map(tuple, opened.tab.evaluate("(text) => histogram.quantiles(histogram.unpack(text))", text)))
    assert shares[0.5] == pytest.approx(expected.quantile(0.5) / 1e6, rel=0.03)


@pytest.mark.parametrize("unit", ["ms", "fraction", "per_second", "bytes", "count", "number"])
def test_numbers_read_as_in_every_other_report(open_site, unit):
    opened = open_site(LARGE)
    numbers = [0.000123, 0.0305, 0.51, 1.0, 7.126, 12.34, 99.96, 123.4, 999.4, 1000.0, 1534.0, 12345.6, 9876543.0]
    said = opened.tab.evaluate("([all, unit]) => all.map((one) => format.value(one, unit))", [numbers, unit])
    assert said == [format_value(number, unit) for number in numbers]
