"""A headless Chromium for the tests of pages; `make browser` installs one."""

import pytest

from tests.support.opened_page import Opened


@pytest.fixture
def open_page(browser, tmp_path):
    """Open a page from its file: open_page(html, scheme="light") -> Opened."""
    contexts = []

    def opened(html, scheme="light"):
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme))
        found = Opened(contexts[-1].new_page())
        found.tab.on("console", lambda message: found.said.append(message.text))
        found.tab.on("pageerror", lambda error: found.said.append(str(error)))
        found.tab.on("request", lambda request: found.asked.append(request.url))
        found.tab.goto(path.as_uri())
        found.wait_for(scheme)
        return found

    yield opened
    for context in contexts:
        context.close()
