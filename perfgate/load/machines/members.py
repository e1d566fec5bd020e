"""The machines that take part: known to Locust's master, and able to play the scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Member:
    """A machine.

    name: for people.
    fit: it has the scenarios.
    opened: numbers of the openings that it was told of.
    """

    name: str
    fit: bool = False
    opened: set[int] = field(default_factory=set)


class Members:
    """The machines of a run.

    by_id: by the id that Locust gives them.
    refusals: why others were sent away, in the order of their coming.
    """

    def __init__(self) -> None:
        self.by_id: dict[str, Member] = {}
        self.refusals: list[str] = []

    def greet(self, machine: str, name: str) -> None:
        """Add a machine that has introduced itself."""
        self.by_id[machine] = Member(name)

    def name(self, machine: str) -> str:
        member = self.by_id.get(machine)
        return member.name if member else machine

    def fit(self) -> list[str]:
        """The ids of the machines that have the scenarios."""
        return [machine for machine, member in self.by_id.items() if member.fit]

    def shortfall(self, wanted: int, patience: float) -> str:
        """The message where too few have come in `patience` seconds."""
        names = ", ".join(self.by_id[machine].name for machine in self.fit())
        came = f" ({names})" if names else ""
        refused = "".join(f"; refused: {refusal}" for refusal in self.refusals)
        return f"{len(self.fit())} of {wanted} machines came in {patience:g} s{came}{refused}"


def in_order(users: Mapping[str, int], wanted: int) -> list[str] | None:
    """The machines in the order in which a round counts them, those without a user left out.

    Locust hands users out in turns, so the machine at place p of n has the users p, p + n, p + 2n, ... of `wanted`.
    None where the users are spread otherwise: Locust has not settled yet.
    """
    taking_part = sorted((machine for machine in users if users[machine]), key=lambda machine: -users[machine])
    places = len(taking_part)
    even = [len(range(place, wanted, places)) for place in range(places)]
    return taking_part if taking_part and [users[machine] for machine in taking_part] == even else None
