"""The README and the pages of docs/, and what stands in them."""

import re

from tests.support.paths import ROOT

DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = [README, *sorted(DOCS.rglob("*.md"))]


def name_of(page):
    """Short, for a test's name: how-to/forks."""
    return str(page.relative_to(ROOT).with_suffix("")).removeprefix("docs/")


def blocks(page, language):
    """The fenced blocks of a language on a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def all_text():
    """Everything that the pages say."""
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
