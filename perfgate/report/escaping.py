"""Names and sentences from outside, made harmless.

Whatever a scenario file, a service or a foreign result file says ends up in a comment that is posted with a token. So
nothing from there may become a tag, a link, a mention, a reference to an issue, a hidden marker or a broken table.
"""

from __future__ import annotations

import re
import unicodedata

NAME_LIMIT = 100
SENTENCE_LIMIT = 500

# Control and format characters (bidi overrides, zero-width, byte order mark), lone surrogates, private and unassigned.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKS_IN_A_ROW = 2
_ELLIPSIS = "…"


def clean(text: str, limit: int = SENTENCE_LIMIT) -> str:
    """`text` as one line without characters that are not there to be seen, at most `limit` characters long.

    For plain text: a terminal, an XML file. Anything that breaks or moves a line becomes one space.
    """
    # What is far beyond the limit is not looked at: a name of megabytes costs nothing.
    text = text if len(text) <= 4 * limit else cut(text, 4 * limit)
    if text.isascii() and text.isprintable():
        return cut(" ".join(text.split()), limit)
    spaced = "".join(" " if character.isspace() else character for character in text)
    shown = "".join(character for character in spaced if unicodedata.category(character) not in _INVISIBLE)
    return cut(" ".join(_without_piles(shown).split()), limit)


def _without_piles(text: str) -> str:
    """`text` with at most two combining marks on one letter: more would grow over the lines above and below."""
    kept = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def cut(text: str, limit: int) -> str:
    """`text`, its middle left out where it is longer than `limit` characters: both ends of a name tell it apart."""
    if len(text) <= limit:
        return text
    head = limit // 2
    tail = limit - head - 1
    return text[:head] + _ELLIPSIS + (text[-tail:] if tail > 0 else "")


# What Markdown or HTML reads as markup wherever it stands. A backslash before a "|" does not always survive a table
# cell, entities do.
_ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "|": "&#124;",
    "`": "&#96;",
    "\\": "&#92;",
    "*": "&#42;",
    "~": "&#126;",
    "[": "&#91;",
    "]": "&#93;",
    "$": "&#36;",
}
# GitHub looks for these after Markdown was rendered, so an entity does not hide them; a zero-width space between does.
_BREAK = "&#8203;"
_UNDERSCORE_AT_AN_EDGE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_REFERENCES = (
    (re.compile(r"@"), f"@{_BREAK}"),
    (re.compile(r"(?<!&)#(?=\w)"), f"#{_BREAK}"),
    (re.compile(r"(?i)\b(gh)-(?=\d)"), rf"\1-{_BREAK}"),
    (re.compile(r"://"), f":{_BREAK}//"),
    (re.compile(r"(?i)\b(www)\."), rf"\1{_BREAK}."),
    (re.compile(r"(?i)\b(mailto|xmpp):"), rf"\1{_BREAK}:"),
    # Seven hex digits or more are taken for a commit, with a link to it. All figures, they are left a number or a date.
    (re.compile(r"(?i)\b(?=[0-9]{0,63}[a-f])([0-9a-f]{6})(?=[0-9a-f]{1,58}\b)"), rf"\1{_BREAK}"),
)
# At the start of a line: a heading, a quote, a list, a rule, an indented or fenced block.
_LINE_START = re.compile(r"^(?:(\d{1,9})([.)])(?= |$)|([-+=#:]))")


def escape(text: str, limit: int = SENTENCE_LIMIT) -> str:
    """`text` from outside as one line of Markdown that renders as itself and as nothing else.

    Harmless in a paragraph, a list item, a heading or a table cell, also where it stands at the start of a line.
    """
    return _LINE_START.sub(_escape_line_start, escape_within(text, limit))


def escape_within(text: str, limit: int = SENTENCE_LIMIT) -> str:
    """As `escape`, for text that something else stands before on its line."""
    text = clean(text, limit)
    text = "".join(_ENTITIES.get(character, character) for character in text)
    text = _UNDERSCORE_AT_AN_EDGE.sub("&#95;", text)
    for pattern, harmless in _REFERENCES:
        text = pattern.sub(harmless, text)
    return text


def _escape_line_start(match: re.Match[str]) -> str:
    if match[3] is None:
        return f"{match[1]}&#{ord(match[2])};"
    return f"&#{ord(match[3])};"


_TAME = re.compile(r"[\w /{}.,:;=?&+%*()\[\]!'\"^<>#-]+")
# A tag or a comment begins like this; a hidden marker in the text of a comment is looked for as bytes.
_TAG_LIKE = re.compile(r"<[A-Za-z/!?]|-->")


def code(text: str, limit: int = NAME_LIMIT) -> str:
    """A name from outside as a code span where it is tame enough to stand in one, else as escaped text.

    Nothing in a code span can be escaped, so one is only made of characters that need none: `POST /pet`, `p(95)<500ms`.
    """
    name = clean(text, limit)
    if not name:
        return "(no name)"
    if _TAME.fullmatch(name) and not _TAG_LIKE.search(name):
        return f"`{name}`"
    # Apart from what stands beside it, so that the two together make nothing that neither is.
    return f"{_BREAK}{escape_within(name, limit)}{_BREAK}"


# The words that shlex.quote makes; without "<", ">" and "`", which end or begin something in Markdown or HTML.
_OWN_COMMAND = re.compile(r"perfgate(?: (?:[\w./:=%@,+-]|'[^'`<>]*'|\"'\")+)+", re.ASCII)
_COMMAND_LIMIT = 2000


def is_own_command(text: str) -> bool:
    """Whether `text` is one call of perfgate and nothing else, so that a reader can be asked to run it."""
    return len(text) <= _COMMAND_LIMIT and clean(text, _COMMAND_LIMIT) == text and bool(_OWN_COMMAND.fullmatch(text))
