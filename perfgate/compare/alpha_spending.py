"""Looking at a duet before its end without paying for it in false alarms.

Two things keep the error rate. A duet is only ever ended early when it is *green*: a look that shows a regression goes
on to the end of the budget, and the gate says no once, there. Peeking of that kind cannot add a false alarm. And so
that an early look does not say "unchanged" too soon either, the looks share the error rate: each spends a part of it
that is fixed by how much of the budget is gone (Lan & DeMets 1983, "Discrete sequential boundaries for clinical
trials"), by the power family with exponent 2 (Kim & DeMets 1987). The parts are simply added up, which holds however
the looks depend on one another and whatever the noise looks like (Slud & Wei 1982 share the rate out likewise).
"""

from __future__ import annotations

from collections.abc import Sequence

_EXPONENT = 2

# Shares of the budget after which a duet is looked at; its end is always the last look.
LOOK_FRACTIONS = (0.25, 0.5, 0.75)


def spent(fraction: float) -> float:
    """The share of the error rate that may be spent when `fraction` of the budget is gone."""
    return min(1.0, max(0.0, fraction)) ** _EXPONENT


def looks(pairs: int, first: int) -> tuple[int, ...]:
    """After how many pairs to look at a duet of `pairs` pairs: none before `first`, the last at the end."""
    early = {round(fraction * pairs) for fraction in LOOK_FRACTIONS}
    return (*sorted(look for look in early if first <= look < pairs), pairs)


def share_at(pairs_done: int, all_looks: Sequence[int], last: bool) -> float:
    """The share of the error rate that a look after `pairs_done` pairs has for itself. last: nothing comes after it."""
    budget = all_looks[-1]
    before = max((look for look in all_looks[:-1] if look < pairs_done), default=0)
    now = 1.0 if last or pairs_done >= budget else spent(pairs_done / budget)
    return now - spent(before / budget)
