"""Who takes part: the machines that Locust's master knows, as far as they are fit for what is played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Member:
    """A machine. name: to people. opened: which openings of crews it was told of."""

    name: str
    fit: bool = False
    opened: set[int] = field(default_factory=set)


class Roster:
    """The machines by Locust's id of them. refusals: why others were sent away, in the order of their coming."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.refusals: list[str] = []

    def greet(self, machine: str, name: str) -> None:
        """A machine has said who it is."""
        self.members[machine] = Member(name)

    def name(self, machine: str) -> str:
        member = self.members.get(machine)
        return member.name if member else machine

    def fit(self) -> list[str]:
        """Those that have all that will be played."""
        return [machine for machine, member in self.members.items() if member.fit]

    def shortfall(self, wanted: int, patience: float) -> str:
        """What to say when too few have come in `patience` seconds."""
        names = ", ".join(self.members[machine].name for machine in self.fit())
        came = f" ({names})" if names else ""
        refused = "".join(f"; refused: {refusal}" for refusal in self.refusals)
        return f"{len(self.fit())} of {wanted} machines came in {patience:g} s{came}{refused}"


def in_order(users: Mapping[str, int], wanted: int) -> list[str] | None:
    """The machines in the order in which a round counts them, those without a user left out.

    Locust hands users out in turns, so the machine at place p of n has the users p, p + n, p + 2n, ... of `wanted`.
    None where the users are not so: Locust has not settled yet.
    """
    taking_part = sorted((machine for machine in users if users[machine]), key=lambda machine: -users[machine])
    places = len(taking_part)
    even = [len(range(place, wanted, places)) for place in range(places)]
    return taking_part if taking_part and [users[machine] for machine in taking_part] == even else None
