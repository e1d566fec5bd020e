"""Which lines of a source a function is: from the one that it begins on to its last.

Python's own parser says so for Python. In languages with braces it is where the brackets that the function opens are
closed, with strings and remarks left out; where that line stands further to the right than the first, brackets were
misread, and nothing is said. Nor is it of code whose lines are so long that no person wrote them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
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
        return _python(source, line)
    return _braces(source.split("\n"), line) if ending in _BRACES else None


def _python(source: str, line: int) -> range | None:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            # As the interpreter counts, a function begins with its decorators.
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if line in (first, node.lineno):
                return range(first, (node.end_lineno or node.lineno) + 1)
    return None


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
