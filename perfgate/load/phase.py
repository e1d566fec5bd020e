"""The phases of measuring one scenario, in the words that progress shows."""

from __future__ import annotations

from enum import Enum


class Phase(str, Enum):
    """What goes on. An engine plays rounds of the first two.

    WARM_UP: load that is left out of everything.
    MEASURING: rounds that count.
    RENEWAL: each side gets another instance of its service.
    EXPLAINING: rounds beside which something else is looked at, and that do not count.
    """

    WARM_UP = "warming up"
    MEASURING = "measuring"
    RENEWAL = "starting anew"
    EXPLAINING = "explaining"
