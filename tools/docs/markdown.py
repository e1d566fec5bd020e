"""Markdown that several generated parts are made of."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence

# Names that are written small at the beginning of a sentence, too.
_NEVER_CAPITAL = ("k6", "perfgate", "git ", "docker ", "apt-get ", "sudo ", "csv|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. Pipes in cells are escaped, line breaks become blanks."""
    lines = [list(head), ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text.strip()).replace("|", "\\|")


def code(text: str) -> str:
    """Text as code; "" stays empty."""
    return f"`{text}`" if text else ""


def sentence(text: str) -> str:
    """With a capital at its beginning and a full stop at its end. A name in `code` stays as it is."""
    text = text.strip()
    if not text:
        return ""
    first = text[0] if text.startswith(_NEVER_CAPITAL) else text[0].upper()
    return first + text[1:] + ("" if text[-1] in ".!?:" else ".")


def documented_fields(docstring: str | None) -> dict[str, str]:
    """What a class's docstring says of its fields: lines like "name: what it is", which may go on, indented."""
    found: dict[str, str] = {}
    name = ""
    for line in inspect.cleandoc(docstring or "").split("\n")[1:]:  # from 3.13 on the compiler has cleaned it already
        if match := re.match(r"([\w, ]+): (.*)", line):
            name = match[1]
            found |= dict.fromkeys(name.split(", "), match[2])
        elif name and line.startswith("    "):
            found |= {one: f"{found[one]} {line.strip()}" for one in name.split(", ")}
        else:
            name = ""
    return found
