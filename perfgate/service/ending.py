"""The end of a service, or of a dependency, that should still run."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.errors import TargetError
from perfgate.service.log import said_last
from perfgate.service.service import Instance
from perfgate.service.target import Target


@dataclass(frozen=True)
class EndedPart:
    """What has ended.

    shown: it in messages, like "ref:HEAD" or "the dependency db of ref:HEAD".
    called: it in a sentence, like "the service ref:HEAD".
    logs: its last lines.
    """

    shown: str
    called: str
    logs: str

    def gone(self) -> TargetError:
        """The error of a measurement that has to stop for it."""
        return TargetError(
            f"{self.shown} is gone, and so nothing more was measured{said_last(self.logs)}",
            "see what it wrote, and mend it",
        )


def first_ended(target: Target, instance: Instance) -> EndedPart | None:
    """The part of an instance that has ended; a dependency before the service, which may have ended for its sake."""
    for dependency in instance.dependencies:
        if not dependency.alive():
            shown = f"the dependency {dependency.name} of {target.text}"
            return EndedPart(shown, shown, dependency.logs())
    return None if instance.alive() else EndedPart(target.text, f"the service {target.text}", instance.logs())
