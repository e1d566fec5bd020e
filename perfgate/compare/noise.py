"""Base against itself: an A/A comparison that costs no load, because the rounds are there anyway."""

from __future__ import annotations

from dataclasses import replace

from perfgate.compare.comparison import Comparison
from perfgate.compare.multiplicity import ErrorRates
from perfgate.compare.pairs import compare_pairs
from perfgate.compare.rules import Rules
from perfgate.metrics.run import Round, ScenarioRun


def against_itself(run: ScenarioRun, rules: Rules, alpha: float) -> tuple[Comparison, ...]:
    """The rows of one half of `run`'s rounds (as base) against the other half (as head), then the other way round.

    The halves are rounds 0, 3, 4, 7, 8, ... and 1, 2, 5, 6, 9, ...: a steady drift or a ramp goes up in one pair and
    down in the next. The code is the same, so whatever is proven to be worse is the machine's doing. alpha: the
    probability that any gated row is said to be worse by chance, in either direction.
    """
    rounds = sorted(run.rounds, key=lambda round_: round_.pair)
    pairs = [(rounds[place], rounds[place + 1]) for place in range(0, len(rounds) - 1, 2)]
    crossed = [pair if place % 2 == 0 else pair[::-1] for place, pair in enumerate(pairs)]
    one, other = (_half(run, [pair[side] for pair in crossed]) for side in (0, 1))
    rates = ErrorRates(alpha, rules.miss_rate)
    return (*compare_pairs(one, other, rules, rates), *compare_pairs(other, one, rules, rates))


def _half(run: ScenarioRun, rounds: list[Round]) -> ScenarioRun:
    return replace(run, rounds=tuple(replace(round_, pair=place) for place, round_ in enumerate(rounds)))
