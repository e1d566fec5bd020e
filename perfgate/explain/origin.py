"""Which function a sample is charged to: the innermost one of the service's own, with the libraries that it calls.

So every sample is charged once, the charges add up to the whole, and a cause is a line that a person can change.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from perfgate.explain.profile import Function, Stack

_LIBRARIES = re.compile(
    r"(?:site|dist)-packages/|(?:^|/)lib(?:64)?/python\d[^/]*/|node_modules/|/pkg/mod/"
    r"|(?:^|/)\.?cargo/(?:registry/src|git/checkouts)/|/rustc/|/rustlib/src/"
    r"|/usr/(?:local/)?include/|/include/c\+\+/|/lib/gcc/|(?:^|/)\.conan2?/|(?:^|/)vcpkg_installed/"
)
# Languages whose tools copy libraries into a folder of this name.
_VENDORING = (".go", ".rs")
# What belongs to an interpreter, to Node and to Go themselves.
_RUNTIMES = ("<", "node:", "$GOROOT/")


# The share of a function's samples that a caller has at least.
_FEWEST_OF_CALLER = 0.05


def charged(stack: Stack) -> Function:
    """The function that a sample is charged to; the innermost of all where none is known to be the service's own."""
    return next((function for function in reversed(stack) if is_own(function)), stack[-1])


def is_own(function: Function) -> bool:
    """Whether it is known to be the service's own: its file lies in no library. Not a module's own lines: a program
    begins there, and whatever a server does is inside of them.
    """
    file = function.file
    if not file or file.startswith(_RUNTIMES) or function.name == "<module>":
        return False
    is_vendored = file.endswith(_VENDORING) and "/vendor/" in f"/{file}"
    return not is_vendored and not in_library(file)


def in_library(file: str) -> bool:
    """Whether a file lies where libraries are installed."""
    return _LIBRARIES.search(file) is not None


def has_own(stack: Stack) -> bool:
    """Whether a function of the service is part of it."""
    return any(map(is_own, stack))


def charges(stacks: Mapping[Stack, int]) -> Counter[Stack]:
    """How many samples each function is charged with, as (function,); and of these each part: (function, what it
    calls), and (function, function) for its own lines.
    """
    found: Counter[Stack] = Counter()
    for stack, count in stacks.items():
        part = part_of(stack)
        found[part[:1]] += count
        found[part] += count
    return found


def part_of(stack: Stack) -> Stack:
    """The function that a sample is charged to and what that calls, itself in its own lines."""
    own = charged(stack)
    inside = stack[innermost(stack, own) :]
    return own, inside[min(1, len(inside) - 1)]


def own_lines(stacks: Mapping[Stack, int]) -> Counter[Function]:
    """How many samples were in the own lines of each function."""
    return _summed((stack[-1], count) for stack, count in stacks.items())


def totals(stacks: Mapping[Stack, int]) -> Counter[Function]:
    """How many samples each function was part of; a recursive one is part of a sample once."""
    return _summed((function, count) for stack, count in stacks.items() for function in set(stack))


def callers(stacks: Mapping[Stack, int], function: Function) -> tuple[Function, ...]:
    """The own functions next outside of `function` where it is charged, the most frequent first.

    A caller in few samples is left out: a profiler that stops nobody reads a stack while it changes, now and then.
    """
    found: Counter[Function] = Counter()
    for stack, count in stacks.items():
        if charged(stack) == function:
            outside = stack[: stack.index(function)]
            caller = next((one for one in reversed(outside) if is_own(one)), None)
            if caller is not None:
                found[caller] += count
    fewest = _FEWEST_OF_CALLER * sum(found.values())
    return tuple(one for one, count in found.most_common() if count >= fewest)


def called(stacks: Mapping[Stack, int], path: Stack) -> Counter[Function]:
    """What the last function of `path` calls, with samples; path: the way to it from a function that is charged."""
    found: Counter[Function] = Counter()
    for stack, count in stacks.items():
        if charged(stack) != path[0]:
            continue
        inside = stack[innermost(stack, path[0]) :]
        if inside[: len(path)] == path and len(inside) > len(path):
            found[inside[len(path)]] += count
    return found


def innermost(stack: Stack, function: Function) -> int:
    """Where a function stands in a stack; a recursive one, where it stands last."""
    return len(stack) - 1 - stack[::-1].index(function)


def _summed(pairs: Iterable[tuple[Function, int]]) -> Counter[Function]:
    found: Counter[Function] = Counter()
    for function, count in pairs:
        found[function] += count
    return found
