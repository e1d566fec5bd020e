"""Places in scenario files: what to call them, and on which line an option stands."""

from __future__ import annotations

import ast
import os
from pathlib import Path

from perfgate.scenario.raw_option import OptionPath


def place(path: Path, line: int | None = None) -> str:
    """`path` as a person would type it here, with its line: "scenarios/create_pet.py:4"."""
    near = os.path.relpath(path)
    shown = path if near.split(os.sep)[0] == os.pardir else near
    return str(shown) if line is None else f"{shown}:{line}"


class Source:
    """A scenario file as it was written. Where it cannot be read again, every place is the line that is asked about."""

    def __init__(self, path: Path) -> None:
        try:
            self._tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError):
            self._tree = ast.Module([], [])

    def line_of_function(self, line: int) -> int:
        """The line of the `def` that has a decorator on `line`, or itself stands there."""
        for node in ast.walk(self._tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = [decorator.lineno for decorator in node.decorator_list]
                if line in (node.lineno, *lines):
                    return node.lineno
        return line

    def line_of_option(self, line: int, path: OptionPath) -> int:
        """The line of the value at `path` in the @scenario(...) on `line`, as near as it is written out there."""
        for call in ast.walk(self._tree):
            if isinstance(call, ast.Call) and call.lineno == line:
                for keyword in call.keywords:
                    if keyword.arg in path[:1]:
                        return _descend(keyword, path[1:])
        return self.line_of_function(line)


def _descend(keyword: ast.keyword, path: OptionPath) -> int:
    line, value = keyword.lineno, keyword.value
    for step in path:
        inside = _inside(value, step)
        if inside is None:
            break
        line, value = inside
    return line


def _inside(node: ast.expr, step: str | int) -> tuple[int, ast.expr] | None:
    """Line and value of one step into a list or dict that is written out; None where it is not."""
    if isinstance(node, (ast.List, ast.Tuple)) and isinstance(step, int):
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return None
        return node.elts[step].lineno, node.elts[step]
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == step:
                return key.lineno, value
    return None
