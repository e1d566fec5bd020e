"""The built site in a headless Chromium: it says nothing on the console, asks nobody else, everybody can read it."""

import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.support.npm import module
from tests.support.pages import DOCS
from tests.support.paths import ROOT

pytestmark = pytest.mark.browser
# One of each kind: text, long tables, code, pictures.
PAGES = [
    "",
    "tutorial/",
    "reference/commands/",
    "reference/configuration/",
    "explanation/simulations/",
    "explanation/figures/",
]
RULES = ["color-contrast", "document-title", "heading-order", "html-has-lang", "image-alt", "link-name"]
EVERY_PAGE = sorted(str(path.relative_to(DOCS).with_suffix("")) for path in DOCS.rglob("*.md"))


ADDRESS = "http://site.test/"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built strictly."""
    pytest.importorskip("material", reason="make browser installs mkdocs")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={"PATH": "/usr/bin:/bin", "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


@contextmanager
def opened(site, browser, scheme="light"):
    """A tab that gets ADDRESS from the folder and nothing from elsewhere.

    Not from a server: Chromium ends the requests that wait for a connection when an address of the machine changes, as
    each network of Docker does that begins or ends beside these tests (net::ERR_NETWORK_CHANGED).
    """

    def answer(route):
        path = site / urlsplit(route.request.url).path.lstrip("/")
        file = path / "index.html" if path.is_dir() else path
        if not route.request.url.startswith(ADDRESS):
            route.abort()
        elif file.is_file():
            route.fulfill(path=file)
        else:
            route.fulfill(status=404)

    context = browser.new_context(color_scheme=scheme)
    context.route("**/*", answer)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_read_by_everybody_and_ask_nobody_else(site, browser, scheme):
    said, asked = [], set()
    axe = module("axe-core/axe.min.js").read_text(encoding="utf-8")
    with opened(site, browser, scheme) as tab:
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda request: asked.add(request.url))
        for page in PAGES:
            tab.goto(ADDRESS + page, wait_until="load")
            tab.add_style_tag(content="* { transition: none !important; animation: none !important; }")
            tab.evaluate(axe)
            for width in (1280, 400):
                tab.set_viewport_size({"width": width, "height": 900})
                tab.wait_for_function("document.documentElement.scrollWidth <= innerWidth")  # the menu has moved aside
                found = tab.evaluate(f"axe.run(document, {{runOnly: {RULES}}})")
                assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], page
    assert said == []
    assert {url for url in asked if not url.startswith((ADDRESS, "data:", "blob:"))} == set()


def test_search_finds_a_key_of_the_configuration(site, browser):
    with opened(site, browser) as tab:
        tab.goto(ADDRESS, wait_until="networkidle")
        tab.keyboard.press("s")
        tab.locator("input[name=query]:focus").wait_for()
        tab.keyboard.type("warm_up_most")
        tab.locator(".md-search-result__link[href*='reference/configuration/']").first.wait_for(state="attached")


def test_every_page_is_there_as_plain_markdown_and_llms_txt_leads_to_it(site):
    listed = (site / "llms.txt").read_text(encoding="utf-8")
    for page in EVERY_PAGE:
        assert f"/{page}.md)" in listed
        assert (site / f"{page}.md").read_text(encoding="utf-8") == (DOCS / f"{page}.md").read_text(encoding="utf-8")
