"""A profile that is gathered sample by sample."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from perfgate.explain.own_trees import seen_from
from perfgate.explain.profile import Function, Profile, Stack, begins_of


class Gathering:
    """Stacks of CPU, and the lines where functions begin.

    root: the service's folder, which names of files are told from.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._stacks: Counter[Stack] = Counter()
        self._lines: dict[Function, int] = {}
        self._begins: defaultdict[Function, Counter[int]] = defaultdict(Counter)

    def function(self, name: str, file: str, line: int, begins: bool = True) -> Function:
        """The function of a frame. line: where it begins, or is at work; 0 where unknown. The first one is kept."""
        function = Function(name, seen_from(self._root, file), line if begins and file else 0)
        if line > 0 and file:
            self._lines[function] = min(line, self._lines.get(function, line))
        return function

    def add(self, stack: Iterable[Function], count: int) -> None:
        """So many samples in a stack, its functions from the outermost on."""
        if functions := tuple(stack):
            self._stacks[functions] += count
            for function, line in begins_of(functions).items():
                self._begins[function][line] += count

    def profile(self) -> Profile:
        """What was gathered."""
        return Profile(self._stacks, self._lines, None, self._begins)
