"""The built site in a headless Chromium: it says nothing on the console, asks nobody else, everybody can read it."""

import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

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


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of the site, built strictly and served from this machine."""
    pytest.importorskip("material", reason="make browser installs mkdocs")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={"PATH": "/usr/bin:/bin", "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_read_by_everybody_and_ask_nobody_else(site, browser, scheme):
    _, address = site
    context = browser.new_context(color_scheme=scheme)
    tab = context.new_page()
    said, asked = [], set()
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.add(request.url))
    axe = module("axe-core/axe.min.js").read_text(encoding="utf-8")
    for page in PAGES:
        tab.goto(f"{address}/{page}", wait_until="load")
        tab.add_style_tag(content="* { transition: none !important; animation: none !important; }")
        tab.evaluate(axe)
        for width in (1280, 400):
            tab.set_viewport_size({"width": width, "height": 900})
            tab.wait_for_function("document.documentElement.scrollWidth <= innerWidth")  # once the menu has moved aside
            found = tab.evaluate(f"axe.run(document, {{runOnly: {RULES}}})")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], page
    assert said == []
    assert {url for url in asked if not url.startswith((address, "data:", "blob:"))} == set()
    context.close()


def test_search_finds_a_key_of_the_configuration(site, browser):
    _, address = site
    tab = browser.new_context().new_page()
    tab.goto(address, wait_until="networkidle")
    tab.keyboard.press("s")
    tab.locator("input[name=query]:focus").wait_for()
    tab.keyboard.type("warm_up_most")
    tab.locator(".md-search-result__link[href*='reference/configuration/']").first.wait_for(state="attached")


def test_every_page_is_there_as_plain_markdown_and_llms_txt_leads_to_it(site):
    folder, _ = site
    listed = (folder / "llms.txt").read_text(encoding="utf-8")
    for page in EVERY_PAGE:
        assert f"/{page}.md)" in listed
        assert (folder / f"{page}.md").read_text(encoding="utf-8") == (DOCS / f"{page}.md").read_text(encoding="utf-8")
