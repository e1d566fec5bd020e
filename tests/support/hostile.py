"""What a stranger may write into a name, and how to see whether a comment stays harmless with it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from markdown_it import MarkdownIt

from perfgate.explain.differences.difference import Differences, FactDifference, NotCompared
from perfgate.explain.differences.facts import FactKind
from perfgate.verdict import Acceptance, Reason, ReasonKind, ValidityNote, Verdict
from tests.support.verdict_samples import reason, regression

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</details></table></sub>",
    "<!-- perfgate:default -->",
    "--><b>bold</b>",
    "<https://evil.example>",
    "@everyone",
    "GET /users/@me",
    "thanks @octocat/team!",
    "(@octocat)",
    "#1",
    "see GH-1 and owner/repo#12",
    "https://evil.example/x",
    "www.evil.example",
    "me@evil.example mailto:me@evil.example",
    "javascript:alert(1)",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "[a]: https://evil.example",
    "`code` and ``more``",
    "``` fence",
    "~~~ fence",
    "a | b || c",
    "\\| x \\` y",
    "| --- | --- |",
    "line\n\n# heading",
    "cell\r\n- item",
    "- item",
    "+ item",
    "1. item",
    "2) item",
    "# heading",
    "> quote",
    "* * *",
    "---",
    "===",
    "    indented",
    "**bold** __bold__ _it_ *it* ~~gone~~",
    "&lt;script&gt; &#64;everyone &amp;",
    "$x^2$ and $`x`$",
    "deadbeef1 and 0123abc",
    "\x1b[31mred\x1b[0m",
    "bell\x00\x07\x9b",
    "\u202elive\u2066 \u2069\ufeff",
    "\u200b@\u200beveryone",
    "z\u0301\u0301\u0301\u0301\u0301lgo",
    "\ud800 alone",
    "\u2028# next\u2029- line\u0085> more",
    "long " * 2000,
    "|" * 3000,
    "",
)

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_INVISIBLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff\ud800-\udfff]"
)
_OUR_TAGS = re.compile(r"</?(details|summary|sub)>|<br>")
_OUR_BLOCK = re.compile(r"<details>\n<summary>[\w ,-]+</summary>\n|</details>\n?")
# What GitHub makes a link of in the text that Markdown leaves, outside code.
_REFERENCES = re.compile(
    r"(?i)(?<![\w`])@[a-z0-9]|(?<!&)#\d|\bgh-\d|https?://|\bwww\.[a-z]|\b(?=[0-9]*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40}\b"
)


def texts_of(markdown: str) -> list[str]:
    """The text that a reader sees outside code, piece by piece; fails on every tag that is not one of ours."""
    texts = []
    for block in PARSER.parse(markdown):
        assert block.type != "html_block" or _OUR_BLOCK.fullmatch(block.content), block.content
        for token in block.children or ():
            assert token.type in ("text", "text_special", "code_inline", "softbreak", "html_inline") or token.type in (
                "strong_open",
                "strong_close",
            ), token
            if token.type == "html_inline":
                assert _OUR_TAGS.fullmatch(token.content), token.content
            if token.type in ("text", "text_special"):
                texts.append(token.content)
            else:
                texts.append("\n")
    return "".join(texts).split("\n")


def assert_harmless(markdown: str) -> None:
    """No tag but ours, no hidden comment, no link, no image, no mention, no reference, nothing invisible."""
    assert "<!--" not in markdown
    assert "-->" not in markdown
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ud800-\udfff]", markdown
    )
    for text in texts_of(markdown):
        assert not _REFERENCES.search(text), text


def verdict_of(text: str) -> Verdict:
    """A verdict in which every name and sentence that can come from outside is `text`."""
    made = regression()
    name = text or "x"
    testbed = replace(made.head.testbed, cpu_model=text, kernel=text, image=text)
    head = replace(
        made.head, target=text, branch=text, commit="", versions={name: text}, cpus={name: [0]}, testbed=testbed
    )
    rows = tuple(
        replace(row, row=replace(row.row, scenario=text, request=text), warnings=(text,)) for row in made.rows[:4]
    )
    acceptance = Acceptance(text, text, rows[3].row.metric, 0.5, date(2026, 12, 31), text)
    accepted = Reason(ReasonKind.ACCEPTED, rows[3], acceptance, "")
    return replace(
        made,
        reasons=(*map(reason, (text, f"before {text} after", text, text)), accepted),
        base=replace(head, side="base"),
        head=head,
        rows=rows,
        summary=tuple(replace(line, scenario=text, request=text) for line in made.summary[:2]),
        thresholds=tuple(
            replace(
                result,
                scenario=text,
                passed=False,
                threshold=replace(result.threshold, request=text, expression=text),
            )
            for result in made.thresholds
        ),
        validity=(ValidityNote(text, text, text, True), ValidityNote("", text, "", False)),
        reproduce=text,
        differences=Differences(
            tuple(
                FactDifference(kind, text, text, text, base, False) for kind in FactKind for base in (None, f"{text}.")
            ),
            (NotCompared(text, text),),
        ),
    )
