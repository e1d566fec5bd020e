"""`[explain]` of perfgate.toml."""

from __future__ import annotations

from dataclasses import dataclass

# Of load (s): fewer rounds than in eight seconds prove nothing, and nobody waits for long after a verdict.
LEAST_SECONDS, MOST_SECONDS = 8.0, 20.0


@dataclass(frozen=True)
class ExplainSettings:
    """What perfgate.toml says about causes.

    command: words of a command that profiles {pid} for {seconds} and prints folded stacks; () to choose a profiler.
    seconds: load under the profiler, both sides together (s).
    """

    command: tuple[str, ...] = ()
    seconds: float = 16.0
