"""What a comment says where an error left no verdict."""

from __future__ import annotations

from perfgate.report.escaping import clean, escape, escape_within

_MOST_LINES = 40


def render(message: str, hint: str, page: str = "", *, limit: int) -> str:
    """A report on an error, never longer than `limit` characters, without a line break at its end.

    page: of the run, to link to; "" for none.

    The first line of the message is the headline. The others, such as all mistakes of a file or the last words of a
    service, keep their lines and are shown as they are.
    """
    first, *more = message.splitlines() or ["no reason is given"]
    title = f"### ⚠️ No verdict: {escape_within(first.rstrip(' :.'))}."
    advice = escape(hint[:1].upper() + hint[1:])
    blocks = [
        title,
        _fenced(more),
        advice,
        f"[The run](<{page}>)" if page else "",
        "Nothing was measured that could be judged: an earlier report is out of date.",
    ]
    text = "\n\n".join(block for block in blocks if block)
    return text if len(text) <= limit else title[:limit]


def _fenced(lines: list[str]) -> str:
    """Lines from outside in a block of code, in which nothing has a meaning but the fence itself."""
    kept = [_indent(line) + clean(line.replace("`", "'")) for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        kept.append(f"and {len(lines) - _MOST_LINES} more lines")
    return "\n".join(["```text", *kept, "```"]) if any(kept) else ""


def _indent(line: str) -> str:
    return " " * min(len(line) - len(line.lstrip(" ")), 20)
