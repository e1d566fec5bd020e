"""How a duet is played, decided once its services are warm: the length of its rounds and turns, and who plays which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfgate.load.coverage import Block, all_over, in_a_row, varies
from perfgate.load.pacer import Slice, slices
from perfgate.load.warm_up import Warmth
from perfgate.metrics.run import pair_count
from perfgate.scenario.concurrent_profiles import AnyProfile

# A round must hold several iterations of each VU, or where it cuts them decides what is seen.
_ITERATIONS_A_ROUND = 5
_LONGEST_ROUND = 30.0

# Fewer pairs decide hardly anything; rounds are shortened, down to one iteration, before there are fewer.
_ENOUGH_PAIRS = 24

# An instance costs a start and a warm-up, and a few pairs on it say little of it.
_PAIRS_AN_INSTANCE = 12

# So many stretches of a profile of stages show all of it; each lets its users begin anew.
_BLOCKS_AN_INSTANCE = 6

# A turn of one side where both share a load (s). The speed of a shared machine comes and goes within a second: what is
# measured closer together differs less by it. Of longer ones there is little to gain.
_TURN = 0.1
_LONGEST_TURN = 0.5
# What is under way when a turn ends goes on beside the other side's, on average for no more than this share of a turn,
# which is longer where that takes longer.
_MOST_OVERHANG = 1 / 12
# A round has so many turns at least, else it is one.
_FEWEST_TURNS = 2


@dataclass(frozen=True)
class DuetLoad:
    """How a duet is played, known once its services are warm.

    parts: slices of the profile, one for each pair, in an order that leads all over it.
    count: of pairs.
    pair_seconds: of the budget that one pair takes.
    at_once: whether both sides are loaded at the same time.
    turn: how long it is one side's turn where both share a load, several times in a round (s); 0 where a round is one.
    varies: whether one part may be another load than the next.
    """

    parts: Sequence[Slice]
    count: int
    pair_seconds: float
    at_once: bool
    turn: float
    varies: bool

    def blocks(self, numbers: range, iteration: float) -> list[Block]:
        """The pairs that are played at a stretch. Stretches of stages are short, so that they lie all over them.

        iteration: how long one of a user takes (s).
        """
        if not self.varies:
            return in_a_row(numbers, len(self.parts))
        held = len(numbers) * self.pair_seconds / max(1e-9, _ITERATIONS_A_ROUND * iteration)
        return all_over(numbers, len(self.parts), max(1, min(_BLOCKS_AN_INSTANCE, int(held))))


def plan_duet(profile: AnyProfile, warmth: Warmth, round_seconds: float, budget: float) -> DuetLoad:
    """round_seconds: the length that was asked for. budget: of load (s)."""
    seconds = round_seconds if warmth.at_once else length_of_round(profile, warmth, round_seconds, budget)
    parts = slices(profile, min(seconds, profile.duration))
    length = parts[0].length
    turn = _length_of_turn(length, warmth.overhang) if warmth.can_share else 0.0
    at_once = warmth.at_once and not (turn and _stay_in_step(warmth))
    if at_once:
        turn = 0.0
    pair_seconds = length if at_once else 2 * length
    return DuetLoad(parts, pair_count(budget, pair_seconds), pair_seconds, at_once, turn, varies(profile))


def length_of_round(profile: AnyProfile, warmth: Warmth, round_seconds: float, budget: float | None) -> float:
    """The length of a round that stands alone: as asked for, or longer where iterations are long.

    budget: for which there should be enough pairs, even of rounds that hold fewer iterations; None for no duet.
    """
    wanted = max(round_seconds, min(_LONGEST_ROUND, _ITERATIONS_A_ROUND * warmth.iteration))
    if budget is not None:
        least = max(round_seconds, min(_LONGEST_ROUND, warmth.iteration))
        wanted = max(least, min(wanted, budget / (2 * _ENOUGH_PAIRS)))
    return float(min(wanted, profile.duration))


def shares(count: int, instances: int) -> list[range]:
    """The numbers of the pairs that each instance plays; fewer instances where their shares would be too small."""
    shares = max(1, min(instances, count // _PAIRS_AN_INSTANCE))
    return [range(count * share // shares, count * (share + 1) // shares) for share in range(shares)]


def _stay_in_step(warmth: Warmth) -> bool:
    """Whether iterations are so short that turns need not be longer for them.

    Loaded at the same time for a minute, such sides showed their median to 10 % only, probably since users keep meeting
    the same others in the service. In short turns they are the same users on both sides.
    """
    return _least_turn(warmth.overhang) == _TURN


def _least_turn(overhang: float) -> float:
    return max(_TURN, overhang / _MOST_OVERHANG)


def _length_of_turn(round_seconds: float, overhang: float) -> float:
    """Of a turn of which a round has several (s); 0 where what is under way at its end takes too long."""
    least = _least_turn(overhang)
    turns = int(round_seconds / least + 1e-9)
    return round_seconds / turns if turns >= _FEWEST_TURNS and least <= _LONGEST_TURN else 0.0
