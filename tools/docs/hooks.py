"""What mkdocs calls: the plain Markdown of every page beside it, and llms.txt, which leads there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

_FRONT = """\
# perfgate

> A CI performance gate for HTTP services: it load-tests a pull request against its own base commit, side by side on one
> machine, and says whether it got slower, by how much, and how sure that is.

Every page is here as plain Markdown, at its address with .md at the end.
"""

_pages: list[tuple[tuple[str, ...], str, str]] = []


def on_nav(nav: Any, config: Any, files: Any) -> None:
    """Note the pages in the order of the navigation."""
    del config, files
    _pages.clear()
    for page in nav.pages:
        sections = [parent.title for parent in reversed(page.ancestors)]
        _pages.append((tuple(sections[:1]), page.title or "", page.file.src_uri))


def on_post_build(config: Any) -> None:
    """Write llms.txt and the Markdown of each page."""
    docs, site = Path(config["docs_dir"]), Path(config["site_dir"])
    lines = [_FRONT]
    heading: tuple[str, ...] = ()
    for sections, title, source in _pages:
        (site / source).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(docs / source, site / source)
        if sections != heading:
            lines += ["", f"## {sections[0]}", ""]
            heading = sections
        lines.append(f"- [{title}]({config['site_url']}{source}): {_first_words(docs / source)}")
    (site / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _first_words(path: Path) -> str:
    """The first sentence below the heading, without links."""
    text = re.sub(r"<!--.*?-->|```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    paragraphs = [one.strip() for one in text.split("\n\n") if one.strip() and not one.startswith(("#", "|", "-", "<"))]
    first = " ".join(paragraphs[0].split()) if paragraphs else ""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.split(r"(?<=[.:?])\s", first)[0])
