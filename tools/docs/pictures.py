"""Pictures of a real report: python -m tools.docs.pictures COMMENT.md REPORT.html

The comment as GitHub shows it, and the first screen of the page, light and dark, into docs/assets. It needs playwright
and a Chromium, as `make browser` does, and Pillow, which makes them small.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from markdown_it import MarkdownIt
from PIL import Image

ASSETS = Path(__file__).parents[2] / "docs" / "assets"
# Drawn, since not every machine has a font with emoji.
_CROSS = (
    '<svg width="17" height="17" viewBox="0 0 10 10" style="vertical-align:-2px">'
    '<path d="M1.5 1.5l7 7m0-7l-7 7" stroke="#dd2e44" stroke-width="2.2" stroke-linecap="round"/></svg>'
)
_COLOURS = 160
_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1f2328; --line: #d1d9e0; --soft: #f6f8fa; --dim: #59636e; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --ink: #f0f6fc; --line: #3d444d; --soft: #151b23; --dim: #9198a1; }
}
body { margin: 0; padding: 12px; background: var(--ground); color: var(--ink); width: 836px;
  font: 14px/1.5 system-ui, "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; }
.comment { border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
.from { background: var(--soft); border-bottom: 1px solid var(--line); padding: 8px 16px; color: var(--dim); }
.from b { color: var(--ink); }
.text { padding: 4px 16px 10px; }
h3 { font-size: 17px; line-height: 1.3; margin: 12px 0; }
p, ul { margin: 0 0 12px; }
ul { padding-left: 24px; }
code { background: color-mix(in srgb, var(--dim) 18%, transparent); border-radius: 6px; padding: 2px 5px;
  font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
table { border-collapse: collapse; margin: 0 0 12px; font-size: 13px; }
th, td { border: 1px solid var(--line); padding: 4px 9px; }
tr:nth-child(2n) td { background: var(--soft); }
pre { background: var(--soft); border-radius: 6px; padding: 10px; margin: 0 0 12px; }
pre code { background: none; padding: 0; }
summary { margin-bottom: 6px; }
"""


def comment_page(markdown: str) -> str:
    """The comment within the frame that GitHub draws around one. Folded parts are folded."""
    text = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown).replace("❌", _CROSS)
    head = '<div class="from"><b>github-actions</b> bot commented 2 minutes ago</div>'
    return f'<style>{_STYLE}</style><div class="comment">{head}<div class="text">{text}</div></div>'


def main(comment: Path, report: Path) -> None:
    """Write four pictures."""
    from playwright.sync_api import sync_playwright

    ASSETS.mkdir(exist_ok=True)
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": 860, "height": 640}, device_scale_factor=1.5, color_scheme=scheme
            )
            tab = context.new_page()
            tab.set_content(comment_page(comment.read_text(encoding="utf-8")))
            tab.locator(".comment").screenshot(path=ASSETS / f"comment-{scheme}.png")
            tab.set_viewport_size({"width": 1180, "height": 820})
            tab.goto(report.resolve().as_uri())
            tab.wait_for_timeout(1500)
            tab.screenshot(path=ASSETS / f"page-{scheme}.png")
            context.close()
        browser.close()
    for path in ASSETS.glob("*-*.png"):
        Image.open(path).convert("RGB").quantize(_COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
