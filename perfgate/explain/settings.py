"""`[explain]` of perfgate.toml."""

from __future__ import annotations

from dataclasses import dataclass

# (s): shorter, there are too few rounds to prove anything; longer, nobody waits for after a verdict.
LEAST_SECONDS, MOST_SECONDS = 12.0, 20.0


@dataclass(frozen=True)
class ExplainSettings:
    """What perfgate.toml says about causes.

    command: words of a command that profiles {pid} for {seconds} and prints folded stacks; None for the profiler that
        fits the service.
    pprof: the path of the service's page with profiles in pprof's format, or its URL; None for no such page.
    seconds: what looking for causes may take after a verdict, 12 to 20 s: load on both sides under the profiler (s).
    """

    command: tuple[str, ...] = ()
    pprof: str = ""
    seconds: float = 18.0
