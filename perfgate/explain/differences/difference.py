"""A difference: a fact that is known on both sides, and is not the same."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.explain.differences.facts import FactKind


@dataclass(frozen=True)
class FactDifference:
    """One fact that differs.

    kind: of the fact.
    place: where it was found: the path of a file, "the service", or the name of a dependency.
    name: of the package, the variable, the instruction.
    base: its value on base; None where base has none, "" where it is hidden.
    head: the same of head.
    hidden: whether the values are not to be shown, since they may hold a secret.
    """

    kind: FactKind
    place: str
    name: str
    base: str | None
    head: str | None
    hidden: bool


@dataclass(frozen=True)
class NotCompared:
    """A place that was passed over.

    place: the path of a file.
    reason: why, like "is no TOML on base".
    """

    place: str
    reason: str


@dataclass(frozen=True)
class Differences:
    """What else differs between base and head.

    found: the differences, those that explain most first.
    not_compared: what was passed over.
    """

    found: tuple[FactDifference, ...]
    not_compared: tuple[NotCompared, ...]


NO_DIFFERENCES = Differences((), ())
"""Nothing differs, or nobody looked."""
