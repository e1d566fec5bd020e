"""The end of a service, or of a dependency, that should still run."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.service.service import Instance
from perfgate.service.target import Target


@dataclass(frozen=True)
class Ended:
    """What has ended.

    shown: it in messages, like "ref:HEAD" or "ref:HEAD's dependency db".
    logs: its last lines.
    """

    shown: str
    logs: str


def first_ended(target: Target, instance: Instance) -> Ended | None:
    """The part of an instance that has ended; a dependency before the service, which may have ended for its sake."""
    for dependency in instance.dependencies:
        if not dependency.alive():
            return Ended(f"{target.text}'s dependency {dependency.name}", dependency.logs())
    return None if instance.alive() else Ended(target.text, instance.logs())
