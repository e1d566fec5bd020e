"""Links on the pages lead somewhere, and every page can be reached."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.support.pages import DOCS, PAGES, README, name_of
from tests.support.paths import ROOT

OURS = "https://github.com/perfgate/perfgate/blob/main/"


def links_of(page):
    """The targets of a page's links and pictures; not what only looks like one in code."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset|href)="([^"]+)"', text)


def anchors_of(page):
    """What mkdocs and GitHub make of a page's headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", one).strip().lower()) for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_within_the_repository_lead_somewhere(page):
    for link in links_of(page):
        path = link.removeprefix(OURS)
        if urlsplit(path).scheme:
            continue
        name, _, anchor = path.partition("#")
        file = (ROOT if path != link else page.parent) / name if name else page
        assert file.exists(), f"{name_of(page)}: {link}"
        if anchor and file.suffix == ".md":  # of a picture, it says in which light it is shown
            assert anchor in anchors_of(file), f"{name_of(page)}: {link}"


def test_every_page_is_in_the_navigation():
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert sorted(pages_in(settings["nav"])) == sorted(str(path.relative_to(DOCS)) for path in PAGES if path != README)


def pages_in(entries):
    """The pages of a navigation, however deep."""
    if isinstance(entries, str):
        return [entries]
    if isinstance(entries, dict):
        return [page for value in entries.values() for page in pages_in(value)]
    return [page for entry in entries for page in pages_in(entry)]


def test_the_readme_leads_to_each_part_of_the_documents():
    parts = {Path(link).parts[1] for link in links_of(README) if link.startswith("docs/")}
    assert parts >= {"tutorial.md", "how-to", "reference", "explanation"}
