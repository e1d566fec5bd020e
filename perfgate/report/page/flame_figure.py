"""The figure of what a profiler saw: a flame graph with its search, its zoom, and its file for speedscope."""

from __future__ import annotations

from html import escape
from typing import Any

from perfgate.report.charts.flame import flame_chart
from perfgate.report.charts.flame_tree import FlameTree, flame_tree
from perfgate.report.escaping import clean
from perfgate.report.numbers import value
from perfgate.report.page.details import SeenStacks
from perfgate.report.page.figure import Frame, choices, figure

_NOTE = (
    "Each bar is a function, below the one that calls it, as wide as its time on the side that is chosen. Red: more on "
    "head, blue: less, with all that it calls. A click, or Enter in the search, zooms; Escape shows all again."
)
_SIDES = (("head", "head"), ("base", "base"))


def flame_figure(seen: SeenStacks, place: str, charts: dict[str, Any]) -> str:
    """The figure as HTML; its chart is added to `charts` under the name of its place."""
    tree = flame_tree(seen.base, seen.head)
    charts[place] = flame_chart(tree.frames, seen.lines)
    title = f"{seen.what}, by function"
    base, head = (value(one, "ms") for one in (tree.frames[0].base.total, tree.frames[0].head.total))
    caption = f"<h3>{escape(clean(title))}</h3>{_tools(place)}"
    name = f"{title}: {base} on base, {head} on head. Flame graph; its functions are under Numbers."
    note = f"{_NOTE}{_left_out(tree)} Seen by {clean(seen.profiler)}, in rounds beside the verdict."
    file = escape(clean(seen.scenario))
    return figure(Frame(place, name, caption, note, ""), f' class="flame" data-file="{file}"')


def _left_out(tree: FlameTree) -> str:
    if not tree.left_out:
        return ""
    functions = "function that only calls on is" if tree.left_out == 1 else "functions that only call on are"
    return f" {tree.left_out} outer {functions} left out."


def _tools(place: str) -> str:
    return (
        '<div class="tools">'
        '<input type="search" placeholder="find a function" aria-label="Find a function" autocomplete="off">'
        f"{choices(f'side-{place}', 'Widths', _SIDES)}"
        '<button type="button" class="all" hidden>Show all</button>'
        '<button type="button" class="export">Save for speedscope</button>'
        '</div><p class="found" role="status"></p>'
    )
