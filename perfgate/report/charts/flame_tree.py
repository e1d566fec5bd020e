"""Profiles of both sides as one tree of frames: functions where they were called, and what a request takes in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perfgate.explain.profile import Function, Stack

# Of all that is seen: an outermost frame that calls another one for all but so much only hands on.
_HANDED_ON = 0.03
# A frame that would be narrower than a pixel is not drawn, however far one zooms; its time is its caller's own.
_LEAST_SHARE = 0.001
MOST_FRAMES = 1_000
MOST_ROWS = 120
_ALL = Function("all", "")


@dataclass(frozen=True)
class Times:
    """What a request takes in a frame on one side (ms).

    start: where the frame begins beside those of its row.
    total: with what it calls.
    own: in its own lines.
    """

    start: float
    total: float
    own: float


@dataclass(frozen=True)
class FlameFrame:
    """A function where it was called.

    function: which one; the outermost frame is all of them.
    parent: the place of the frame that called it among all frames; None of the outermost.
    depth: how many frames it is in.
    base, head: what it takes.
    """

    function: Function
    parent: int | None
    depth: int
    base: Times
    head: Times

    @property
    def change(self) -> float:
        """By how much its time rose, with what it calls (ms)."""
        return self.head.total - self.base.total

    @property
    def most(self) -> float:
        """The time on the side where that is more (ms)."""
        return max(self.base.total, self.head.total)


@dataclass
class _Node:
    """A frame that is being summed up: its time on base and on head, what it calls, and whether it is shown."""

    depth: int
    totals: list[float] = field(default_factory=lambda: [0.0, 0.0])
    children: dict[Function, _Node] = field(default_factory=dict)
    shown: bool = False

    @property
    def most(self) -> float:
        return max(self.totals)

    @property
    def shown_children(self) -> dict[Function, _Node]:
        return {function: child for function, child in self.children.items() if child.shown}


@dataclass(frozen=True)
class FlameTree:
    """All frames that are shown.

    frames: each after the one that calls it; of those that one calls the widest first.
    left_out: how many outermost functions are not among them, which only hand on all that is seen.
    """

    frames: tuple[FlameFrame, ...]
    left_out: int


def flame_tree(base: Mapping[Stack, float], head: Mapping[Stack, float]) -> FlameTree:
    """The frames of both sides. base, head: what a request takes in each stack (ms)."""
    root = _Node(0)
    for side, stacks in enumerate((base, head)):
        for stack, time in stacks.items():
            node = root
            node.totals[side] += time
            for function in stack[: MOST_ROWS - 1]:
                node = node.children.setdefault(function, _Node(node.depth + 1))
                node.totals[side] += time
    _choose(root)
    left_out = _shorten(root)
    return FlameTree(_laid_out(root), left_out)


def _choose(root: _Node) -> None:
    """Mark the frames that are shown: the widest, each with those that it is in."""
    found, nodes = [], [root]
    while nodes:
        node = nodes.pop()
        if node is root or node.most > root.most * _LEAST_SHARE:
            found.append(node)
            nodes += node.children.values()
    for node in sorted(found, key=lambda node: (-node.most, node.depth))[:MOST_FRAMES]:
        node.shown = True


def _shorten(root: _Node) -> int:
    """Leave out what only hands on nearly all that is seen; how many frames that is."""
    left_out = 0
    while beside := root.shown_children:
        function, outer = max(beside.items(), key=lambda one: one[1].most)
        called = outer.shown_children
        handed_on = max((child.most for child in called.values()), default=0.0)
        del beside[function]
        if handed_on < (1 - _HANDED_ON) * root.most or beside.keys() & called.keys():
            break
        root.children = {**called, **beside}
        left_out += 1
    return left_out


def _laid_out(root: _Node) -> tuple[FlameFrame, ...]:
    frames: list[FlameFrame] = []
    waiting: list[tuple[Function, _Node, int | None, int, list[float]]] = [(_ALL, root, None, 0, [0.0, 0.0])]
    while waiting:
        function, node, parent, depth, starts = waiting.pop()
        place = len(frames)
        called = sorted(node.shown_children.items(), key=lambda one: (-one[1].most, one[0].name, one[0].file))
        own = _own(node.totals, [child.totals for _, child in called])
        base, head = (Times(*one) for one in zip(starts, node.totals, own, strict=True))
        frames.append(FlameFrame(function, parent, depth, base, head))
        below, begin = [], list(starts)
        for one, child in called:
            below.append((one, child, place, depth + 1, list(begin)))
            begin = [start + total for start, total in zip(begin, child.totals, strict=True)]
        waiting += reversed(below)
    return tuple(frames)


def _own(totals: Sequence[float], called: Sequence[Sequence[float]]) -> list[float]:
    """What is left on each side; rounding takes nothing below zero."""
    return [max(0.0, total - sum(one[side] for one in called)) for side, total in enumerate(totals)]
