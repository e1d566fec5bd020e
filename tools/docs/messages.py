"""The messages that name a remedy, from the places in the sources that say them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tools.docs.markdown import sentence, table

_PACKAGE = Path(__file__).parents[2] / "perfgate"
_TOPICS = {
    "cli": "The command line",
    "config": "perfgate.toml",
    "scenario": "Scenario files",
    "service": "Services, commits and containers",
    "load": "Making load, with k6 and Locust",
    "application": "Measuring and judging",
    "verdict": "Verdicts",
    "compare": "Comparing",
    "explain": "Looking for causes",
    "history": "The history",
    "git": "git",
    "exchange": "Files of other tools",
    "report": "Result files and reports",
    "github": "GitHub",
    "scaffold": "perfgate init",
    "machine": "The machine",
    "petstore": "The embedded petstore",
    "bisecting": "Bisecting",
    "metrics": "Metrics and thresholds",
}
# What says a message and its remedy, and where among its arguments they stand.
_PLACES = {"Problem": (1, 2), "ValidityNote": (1, 2), "note": (1, 2), "wrong": (0, 1)}
_ERRORS = ("Error", (0, 1))
_UNKNOWN = "…"


def all_messages() -> str:
    """A table for each topic. KeyError for a room without a topic."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted(_PACKAGE.rglob("*.py")):
        room = path.relative_to(_PACKAGE).parts[0].removesuffix(".py")
        for message, hint in _messages(ast.parse(path.read_text(encoding="utf-8"))):
            found[_TOPICS[room]].append((message, hint))
    return "\n".join(
        f"### {topic}\n\n{table(('perfgate says', 'do'), sorted(dict.fromkeys(found[topic])))}"
        for topic in _TOPICS.values()
        if found[topic]
    )


def _messages(tree: ast.Module) -> Iterator[tuple[str, str]]:
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (place := _place(node)):
            given = [_words(one, constants) for one in node.args]
            message, hint = (given[at] if at < len(given) else None for at in place)
            if message and hint and any(map(str.isalpha, message)):
                yield _shown(message), sentence(_shown(hint)).removesuffix(".")


def _place(call: ast.Call) -> tuple[int, int] | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in _PLACES:
        return _PLACES[name]
    return _ERRORS[1] if name.endswith(_ERRORS[0]) else None


def _words(node: ast.expr, constants: dict[str, ast.expr]) -> str | None:
    """The text of an expression, with … for what is known only when it is said; None where nothing is known."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name) and node.id in constants:
        return _words(constants[node.id], {})
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(one, constants) or _UNKNOWN for one in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (_words(node.left, constants) or _UNKNOWN) + (_words(node.right, constants) or _UNKNOWN)
    return None


def _shown(text: str) -> str:
    """In one line, as text: what Markdown or HTML would take for its own is escaped."""
    text = " ".join(text.replace(f"\n{_UNKNOWN}", "").split())
    for mark in "\\`*_<>[]":
        text = text.replace(mark, f"\\{mark}" if mark != "<" else "&lt;")
    return text
