"""Looking at a duet before its end without paying for it in wrong verdicts.

A duet errs in two ways, and the looks share but one of them. *Red* is said at the last look only: an earlier look that
shows a regression goes on to the end of the budget. Peeking of that kind cannot add a false alarm, so the last look has
red's whole rate. *Green* may be said at any look, so the looks share the rate at which a regression may be missed: each
spends a part of it that is fixed by how much of the budget is gone (Lan & DeMets 1983, "Discrete sequential boundaries
for clinical trials"), by the power family with exponent 2 (Kim & DeMets 1987). The parts are simply added up, which
holds however the looks depend on one another and whatever the noise looks like (Slud & Wei 1982 share the rate out
likewise).

The first look comes as soon as a rank test can say anything at the part that it would have; the others follow at pairs
that grow by a third each. Closer ones would each have too small a part of the rate: replayed over recorded pairs, steps
of a fifth lose 5 points of the duets that end green, steps of a half gain nothing (tests/bench/judging.py).
"""

from __future__ import annotations

from collections.abc import Sequence

_EXPONENT = 2
_GROWTH = 4 / 3

# A look in the last fifth of the budget would leave the end too small a part of the rate.
_LAST_EARLY = 0.8


def spent(fraction: float) -> float:
    """The share of the error rate that may be spent when `fraction` of the budget is gone."""
    return min(1.0, max(0.0, fraction)) ** _EXPONENT


def looks(pairs: int, miss_rate: float) -> tuple[int, ...]:
    """After how many pairs to look at a duet of `pairs` pairs; the last look is at the end.

    miss_rate: how often a row may rule out a regression that is there.
    """
    early: list[int] = []
    look = next((count for count in range(1, pairs) if 0.5**count <= miss_rate * spent(count / pairs)), pairs)
    while look <= pairs * _LAST_EARLY:
        early.append(look)
        look = max(look + 1, round(look * _GROWTH))
    return (*early, pairs)


def share_at(pairs_done: int, all_looks: Sequence[int], last: bool) -> float:
    """The share of the error rate that a look after `pairs_done` pairs has for itself. last: nothing comes after it."""
    budget = all_looks[-1]
    before = max((look for look in all_looks[:-1] if look < pairs_done), default=0)
    now = 1.0 if last or pairs_done >= budget else spent(pairs_done / budget)
    return now - spent(before / budget)
