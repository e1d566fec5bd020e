"""What status codes say of requests: 200 to 399 is success, as everywhere in perfgate."""

from __future__ import annotations

from collections.abc import Mapping


def error_of(code: str) -> str:
    """The kind of error that a status code is, "" where it is none."""
    if not code.isdecimal() or int(code) == 0:
        return "no answer"
    return "" if 200 <= int(code) < 400 else f"status {code}"


def errors_of(counts: Mapping[str, int]) -> dict[str, int]:
    """How often each kind of error was, from how often each status code was."""
    return {error: count for code, count in counts.items() if count and (error := error_of(code))}
