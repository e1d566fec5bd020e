"""Which lines of a source a function is: from the one that it begins on to its last.

Python's own parser says so for Python. In languages with braces a function ends where the brackets that it opens are
closed; those in strings and comments do not count. Where the last line is indented further than the first, brackets
were misread, and the lines are not known. Nor are those of minified code, whose lines are long.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

_PYTHON = (".py",)
_BRACES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".go", ".c", ".cc", ".cpp", ".h", ".hpp")
_NO_CODE = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|/\*.*?\*/|//.*""")
_OPENING, _CLOSING = "([{", ")]}"
# An arrow function of one expression has no braces.
_ARROW = "=>"
_LONGEST = 1000  # characters of a line


def extent(path: str, source: str, line: int) -> range | None:
    """The lines of the function that begins on this one, from 1 on; None where they are not known.

    path: of the source; its ending tells the language.
    """
    ending = PurePosixPath(path).suffix
    if ending in _PYTHON:
        return _python(source).get(line)
    return _braces(source.split("\n"), line) if ending in _BRACES else None


@lru_cache(maxsize=16)
def _python(source: str) -> Mapping[int, range]:
    """All functions of a source, by each line that they may be said to begin on."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return {}
    found: dict[int, range] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            # As the interpreter counts, a function begins with its decorators.
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            lines = range(first, (node.end_lineno or node.lineno) + 1)
            for line in (first, node.lineno):
                found.setdefault(line, lines)
    return found


def _braces(lines: Sequence[str], line: int) -> range | None:
    depth, seen = 0, ""
    for number in range(line, len(lines) + 1):
        if len(lines[number - 1]) > _LONGEST:
            return None
        code = _NO_CODE.sub("", lines[number - 1]).rstrip()
        depth += sum(map(code.count, _OPENING)) - sum(map(code.count, _CLOSING))
        seen += code
        in_braces = "{" in seen
        if depth <= 0 and (in_braces or (_ARROW in seen and not seen.endswith(_ARROW))):
            is_misread = in_braces and _indent(lines[number - 1]) > _indent(lines[line - 1])
            return None if is_misread else range(line, number + 1)
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
