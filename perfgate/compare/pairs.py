"""Base and head of one scenario, compared pair by pair."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from perfgate.compare.burst_check import MILD, STRICT, holds_without_any_stretch
from perfgate.compare.comparison import Comparison, Interval, RowVerdict, classify, undecided
from perfgate.compare.multiplicity import share_error_rate
from perfgate.compare.proportions import difference
from perfgate.compare.rows import Row, rows_of
from perfgate.compare.rules import Rules
from perfgate.compare.sample import Pair, paired_sample, totals, valid_pairs
from perfgate.compare.statistics import fewest, lies_above, locate
from perfgate.metrics.catalogue import METRICS
from perfgate.metrics.run import ScenarioRun
from perfgate.metrics.tally import Tally
from perfgate.metrics.tally_statistics import read, too_few

# What a ratio counts as where one side is zero and the other is not: far beyond anything real, so that it takes the
# last rank, and finite, so that it can be averaged.
_LOG_OF_ANYTHING = math.log(1000)

_SidesCounts = tuple[tuple[int, int], tuple[int, int]]

# Beyond this share of pairs that lack a value of a row, what is left may not be typical of the whole.
_FEW_MISSING = 0.1

# From this correlation of neighbours on the widening is worth a word, the interval being 1.6 times as wide: pairs of
# rounds on a calm machine show 0.0 to 0.2, a burst on a quarter of one side 0.5, on half of it 0.7.
_STRIKING = 0.45


def compare_pairs(base: ScenarioRun, head: ScenarioRun, rules: Rules, alpha: float) -> tuple[Comparison, ...]:
    """Every row of one scenario, from the pairs of which both rounds are valid.

    alpha: the probability of a false alarm that all gated rows share.
    """
    pairs = valid_pairs(base, head)
    sides = totals(pairs) if pairs else (base.total, head.total)
    rows = rows_of(base.scenario, base.executor, *sides)
    compared = {row: partial(_compare, row, pairs, sides, rules) for row in rows}
    return tuple(share_error_rate(compared, rules, alpha).values())


def _compare(row: Row, pairs: tuple[Pair, ...], sides: tuple[Tally, Tally], rules: Rules, alpha: float) -> Comparison:
    base, head = (read(side, row.metric, row.stat, row.request) for side in sides)
    empty = undecided(row, base, head, rules, len(pairs), _thin_tails(row, sides))
    if not pairs:
        return _warned(empty, "no pair of valid rounds was measured")
    if base is None or head is None:
        return _warned(empty, _one_sided(row, base, head))
    return _compare_shares(empty, pairs, alpha) if row.in_points else _compare_ratios(empty, pairs, alpha)


def _thin_tails(row: Row, sides: tuple[Tally, Tally]) -> tuple[str, ...]:
    if METRICS[row.metric].per_request and any(too_few(side, row.stat, row.request) for side in sides):
        return (f"too few requests for {row.stat}",)
    return ()


def _one_sided(row: Row, base: float | None, head: float | None) -> str:
    if base is None and head is None:
        return "neither base nor head measured it"
    return f"only {'head' if base is None else 'base'} measured it"


def _warned(comparison: Comparison, *warnings: str) -> Comparison:
    return replace(comparison, warnings=(*comparison.warnings, *warnings))


def _compare_ratios(empty: Comparison, pairs: tuple[Pair, ...], alpha: float) -> Comparison:
    row = empty.row
    values = paired_sample(pairs, row.metric, row.stat, row.request)
    if not values:
        return _warned(empty, "no pair measured it on both sides")
    logs = [_log_ratio(base, head) for base, head in values]
    location = locate(logs, alpha)
    found = replace(empty, change=math.expm1(location.estimate), rounds=len(logs))
    if len(logs) < (1 - _FEW_MISSING) * len(pairs):
        found = _warned(found, f"only {len(logs)} of {len(pairs)} pairs measured it on both sides")
    if location.low is None or location.high is None:
        return _warned(found, f"{len(logs)} pairs are too few to prove anything; {fewest(alpha)} are the least")
    striking = location.correlation >= _STRIKING
    if striking:
        found = _warned(found, "the noise came in stretches of several pairs: the interval is widened for it")
    interval = Interval(math.expm1(location.low), math.expm1(location.high))
    found = replace(
        found,
        interval=interval,
        smallest=math.expm1((location.high - location.low) / 2),
        verdict=classify(row, interval, empty.margin),
    )
    return _unless_burst(found, partial(_ratio_beyond, logs, found), STRICT if striking else MILD)


def _log_ratio(base: float, head: float) -> float:
    if base <= 0 or head <= 0:
        return 0.0 if base == head else math.copysign(_LOG_OF_ANYTHING, head - base)
    return max(-_LOG_OF_ANYTHING, min(_LOG_OF_ANYTHING, math.log(head / base)))


def _compare_shares(empty: Comparison, pairs: tuple[Pair, ...], alpha: float) -> Comparison:
    request = empty.row.request
    counts = [(_counts(base.tally, request), _counts(head.tally, request)) for base, head in pairs]
    found = difference([base for base, _ in counts], [head for _, head in counts], alpha)
    if found is None:
        return _warned(empty, "one pair is too few to prove anything; 2 are the least")
    interval = Interval(found.low, found.high)
    verdict = classify(empty.row, interval, empty.margin)
    compared = replace(
        empty,
        change=found.estimate,
        interval=interval,
        smallest=(found.high - found.low) / 2,
        verdict=verdict,
    )
    if verdict is RowVerdict.INCONCLUSIVE and not (empty.base or empty.head):
        # Nothing failed on either side. More requests would only shrink what cannot be ruled out, and say so.
        return _warned(replace(compared, verdict=RowVerdict.UNCHANGED), "no request failed, of too few to be sure")
    return _unless_burst(compared, partial(_share_beyond, counts, compared), MILD)


def _counts(tally: Tally, request: str | None) -> tuple[int, int]:
    if request is not None:
        found = tally.requests.get(request)
        return (found.failed.count, found.count) if found else (0, 0)
    return tally.failed_count, tally.request_count


def _ratio_beyond(logs: list[float], found: Comparison, kept: list[int], alpha: float) -> bool:
    """Whether these pairs alone prove, at `alpha`, that the change is beyond the margin."""
    if (found.change or 0.0) > 0:
        return lies_above([logs[place] for place in kept], math.log1p(found.margin), alpha)
    return lies_above([-logs[place] for place in kept], -math.log1p(-found.margin), alpha)


def _share_beyond(counts: list[_SidesCounts], found: Comparison, kept: list[int], alpha: float) -> bool:
    """As `_ratio_beyond`, for shares."""
    rest = difference([counts[place][0] for place in kept], [counts[place][1] for place in kept], alpha)
    if rest is None:
        return False
    return rest.low > found.margin if (found.change or 0.0) > 0 else rest.high < -found.margin


def _unless_burst(found: Comparison, beyond: Callable[[list[int], float], bool], alpha: float) -> Comparison:
    """`found`, or inconclusive where its change hangs on one stretch of the pairs."""
    if found.verdict not in (RowVerdict.REGRESSED, RowVerdict.IMPROVED):
        return found
    if holds_without_any_stretch(found.rounds, beyond, alpha):
        return found
    return _warned(
        replace(found, verdict=RowVerdict.INCONCLUSIVE),
        "hangs on one stretch of the pairs, as a burst of noise would: not proven without it",
    )
