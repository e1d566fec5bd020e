"""Words for a load that is too thin for its margins: what would be enough, and what the service bears."""

from __future__ import annotations

from perfgate.units import format_seconds

# Nobody waits longer for one scenario (s).
_LONGEST = 1800.0


def thin_load(wanted: float, bearable: float | None, within: str, longer: float) -> tuple[str, str]:
    """What it takes, and what to do, a sentence each.

    wanted: so many times the load would decide within the usual budget. bearable: so many times are safe; None where
        it is not known how busy the service is.
    within: the usual budget. longer: a budget that decides with the load as it is (s).
    """
    says = (
        f"This load is too thin for the margins as they are now: to decide within {within} it takes {wanted:g} times as"
        " much."
    )
    instead = f"the longer budget, --budget {format_seconds(longer)}" if longer <= _LONGEST else "the wider margins"
    if bearable is None:
        return says, f"Whether the service bears that is not known: try --scale {wanted:g}, or take {instead}."
    if bearable >= wanted:
        return says, f"The service's CPUs bear it: [measure] scale, or --scale {wanted:g}."
    if bearable > 1:
        return says, (
            f"The service's CPUs bear {bearable:g} times as much: [measure] scale, or --scale {bearable:g}; for the"
            f" rest take {instead}."
        )
    return says, f"The service's CPUs bear no more than now: take {instead}."
