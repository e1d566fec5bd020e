"""How long a warm-up takes, and the steps in which its level is looked at."""

from __future__ import annotations

from dataclasses import dataclass

# Steps at one go where the sides take turns: each change of sides costs the start of its users. The least warm-up is
# one turn.
STEPS_A_TURN = 4

# The level is looked at in steps of such a length (s): in so many at least, but no more than twice as often as the
# least warm-up asks for. A short warm-up would else be over before there are levels enough to compare.
_SHORTEST_STEP, _LONGEST_STEP = 0.05, 0.5
_FEWEST_STEPS = 96
# Times the least warm-up.
_SILENT = 5


@dataclass(frozen=True)
class WarmUpTiming:
    """How long warm-ups take.

    least: on each side, whatever the level does (s).
    most: on each side, though the level is not steady yet (s).
    """

    least: float
    most: float

    @property
    def step(self) -> float:
        """The length of a step (s)."""
        usual = min(_LONGEST_STEP, self.least / STEPS_A_TURN)
        return max(_SHORTEST_STEP, min(usual, max(usual / 2, self.most / _FEWEST_STEPS)))

    @property
    def silent(self) -> float:
        """Where there was no answer for so long (s), there will be none in the rest either."""
        return _SILENT * max(self.least, STEPS_A_TURN * self.step)

    @property
    def longest(self) -> float:
        """What one side can take (s): its last turn may go on for as long as a turn does."""
        return max(self.least, self.most) + STEPS_A_TURN * self.step
