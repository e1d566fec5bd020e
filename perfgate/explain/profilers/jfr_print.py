"""What `jfr print` prints of samples: a block each, with its stack from the innermost method on.

jdk.ExecutionSample {
  ...
  stackTrace = [
    shop.Prices.discount(int) line: 12
    ...
  ]
}
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

EVENT = "jdk.ExecutionSample"

_METHOD = re.compile(r"(?P<class>[^\s()]+)\.(?P<method>[^\s().]+)\(.*\)\s+line:\s*(?P<line>-?[0-9]{1,9}|)")
# Compilers number lambdas and classes without a name by their order: with another one above it, one has another number.
_NUMBER_OF_METHOD = re.compile(r"\$\d+(?=\$|$)")
_NUMBER_OF_CLASS = re.compile(r"(\$\$Lambda).*|(?<=\$)\d+(?=\$|$)")
_BEGIN, _END = "stackTrace = [", "]"


@dataclass(frozen=True)
class Method:
    """A method at work. class_name: in full, like "shop.Prices$Rule". line: the one at work; 0 where unknown.

    Names are without the numbers of lambdas and of classes without a name.
    """

    class_name: str
    name: str
    line: int


def parse_print(lines: Iterable[str]) -> Counter[tuple[Method, ...]]:
    """How many samples were seen in each stack, from the innermost method on."""
    found: Counter[tuple[Method, ...]] = Counter()
    stack: list[Method] | None = None
    for line in map(str.strip, lines):
        if line.startswith(_BEGIN):
            stack = []
        elif stack is None:
            continue
        elif line == _END:
            if stack:
                found[tuple(stack)] += 1
            stack = None
        elif match := _METHOD.fullmatch(line):
            stack.append(_method(match))
    return found


def _method(match: re.Match[str]) -> Method:
    class_name = _NUMBER_OF_CLASS.sub(r"\1", match["class"])
    return Method(class_name, _NUMBER_OF_METHOD.sub("", match["method"]), max(0, int(match["line"] or 0)))
