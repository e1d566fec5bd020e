"""What the dependencies of a service used in a stretch of load, and what is not known of it."""

from __future__ import annotations

from dataclasses import dataclass

_LONGEST_NAME = 100

Dependencies = dict[str, "DependencyUse"]
"""What a service was seen to depend on, by name. A name that is not among them was not seen."""


@dataclass(frozen=True)
class DependencyUse:
    """What one dependency used.

    attempts: the requests, repeated ones included, during which its CPU time was read; 0 where it was seen and not
        read, as in the round in which it was found.
    cpu_seconds: CPU time in the meantime (s).
    memory_bytes: its peak memory.
    """

    attempts: int
    cpu_seconds: float
    memory_bytes: int

    def __add__(self, later: DependencyUse) -> DependencyUse:
        return DependencyUse(
            self.attempts + later.attempts,
            self.cpu_seconds + later.cpu_seconds,
            max(self.memory_bytes, later.memory_bytes),
        )

    @property
    def cpu_milliseconds(self) -> float | None:
        """CPU time per request (ms); None where it is not known of any."""
        return self.cpu_seconds * 1000 / self.attempts if self.attempts else None


def tidy_name(name: str) -> str:
    """The name of a dependency as a metric, a threshold and a file can hold it: on one line, without braces."""
    shown = "".join(character if character.isprintable() and character not in "{}" else " " for character in name)
    return " ".join(shown.split())[:_LONGEST_NAME].strip() or "unnamed"


def merge_dependencies(one: Dependencies | None, other: Dependencies | None) -> Dependencies | None:
    """Those of two stretches of load that followed each other; None where neither knows of any, or of none."""
    if one is None or other is None:
        return other if one is None else one
    return {
        name: one[name] + other[name] if name in one and name in other else one.get(name) or other[name]
        for name in (*one, *(name for name in other if name not in one))
    }
