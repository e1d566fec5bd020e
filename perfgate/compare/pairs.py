"""Base and head of one scenario, compared pair by pair."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist

from perfgate.compare.burst_check import MILD, STRICT, holds_without_any_stretch
from perfgate.compare.comparison import (
    BELOW_ZERO,
    Comparison,
    Interval,
    RowVerdict,
    classify,
    rules_out_regression,
    undecided,
)
from perfgate.compare.exact_counts import exact_margin, is_exact, least_of, uneven_rounding
from perfgate.compare.multiplicity import ErrorRates, share_jointly
from perfgate.compare.new_count import counted_on_one_side
from perfgate.compare.new_dependency import found_on_one_side
from perfgate.compare.new_request import NewRequests, new_requests
from perfgate.compare.proportions import difference
from perfgate.compare.rows import FAILED, LEAST_CPU_MS, Row, rows_of
from perfgate.compare.rules import Rules
from perfgate.compare.sample import Pair, counted_pairs, paired_sample, totals, valid_pairs
from perfgate.compare.statistics import fewest, lies_above, locate
from perfgate.metrics.catalogue import metric_of
from perfgate.metrics.run import Round, ScenarioRun
from perfgate.metrics.tally import Tally
from perfgate.metrics.tally_statistics import read, too_few

# What a ratio counts as where one side is zero and the other is not: far beyond anything real, so that it takes the
# last rank, and finite, so that it can be averaged.
_LOG_OF_ANYTHING = math.log(1000)

_SidesCounts = tuple[tuple[int, int], tuple[int, int]]

# Beyond this share of pairs that lack a value of a row, what is left may not be typical of the whole.
_FEW_MISSING = 0.1


def compare_pairs(
    base: ScenarioRun, head: ScenarioRun, rules: Rules, rates: ErrorRates, instance_variance: float = 0.0
) -> tuple[Comparison, ...]:
    """Every row of one scenario, from the pairs of which both rounds are valid; counts from those, too, that others
    disturbed: no neighbour makes a service ask more.

    instance_variance: of the log ratio, for no other reason than which instances were measured.
    """

    def ask(pairs: tuple[Pair, ...]) -> _Asked:
        sides = totals(pairs) if pairs else (base.total, head.total)
        return _Asked(pairs, sides, rules, rates.miss, instance_variance, new)

    new = new_on_head(base, head, rules)
    believed = counted_pairs(base, head)
    timed = ask(valid_pairs(base, head))
    counted = timed if len(believed) == len(timed.pairs) else ask(believed)
    asked = {row: counted if row.is_count else timed for row in rows_of(base.scenario, base.executor, *counted.sides)}
    compared = {row: partial(_compare, row, asked[row]) for row in asked}
    ratios = [row for row in asked if rules.gates(row) and not row.in_points and not new.why_not_compared(row)]
    logs = {row: worse_logs(row, asked[row].pairs) for row in ratios}
    whole = {row: sample for row, sample in logs.items() if len(sample) == len(timed.pairs) and asked[row] is timed}
    return tuple(share_jointly(compared, whole, rules, rates.red).values())


def new_on_head(base: ScenarioRun, head: ScenarioRun, rules: Rules) -> NewRequests:
    """The requests of a scenario that base does not know yet; none where more fail on head than the rules allow."""
    return new_requests(base, head, rules.margin_of(Row(base.scenario, None, FAILED, "rate"), 0.0))


@dataclass(frozen=True)
class _Asked:
    """What all rows of a scenario are compared by.

    pairs: those whose values can be believed.
    sides: what base and head counted in them.
    rules: those of perfgate.toml.
    miss: the error rate of the bound on the side of harm.
    instance_variance: of the log ratio.
    new: the requests that base does not know.
    """

    pairs: tuple[Pair, ...]
    sides: tuple[Tally, Tally]
    rules: Rules
    miss: float
    instance_variance: float
    new: NewRequests

    @property
    def of_known(self) -> _Asked:
        """The same without the requests that base does not know."""
        pairs = tuple((self._known(base), self._known(head)) for base, head in self.pairs)
        base, head = map(self.new.known_part, self.sides)
        return replace(self, pairs=pairs, sides=(base, head))

    def _known(self, round_: Round) -> Round:
        return replace(round_, tally=self.new.known_part(round_.tally))


def _compare(row: Row, asked: _Asked, red: float) -> Comparison:
    if row.metric == FAILED and asked.new.names and not asked.new.whole:
        asked = asked.of_known
    base, head = (read(side, row.metric, row.stat, row.request) for side in asked.sides)
    failed = _never_succeeded(row, asked.sides)
    if failed:
        return undecided(row, base, head, asked.rules, len(asked.pairs), (failed,))
    new_or_gone = (
        asked.new.why_not_compared(row)
        or found_on_one_side(row.metric, *asked.sides)
        or counted_on_one_side(row, *asked.sides)
    )
    if new_or_gone:
        lone = undecided(row, base, head, asked.rules, len(asked.pairs), (new_or_gone,))
        return replace(lone, gated=lone.gated and asked.new.leaves_open(row))
    empty = undecided(row, base, head, asked.rules, len(asked.pairs), _thin_tails(row, asked.sides))
    if not asked.pairs:
        return _warned(empty, "no pair of valid rounds was measured")
    if base is None or head is None:
        return _warned(empty, _one_sided(row, base, head))
    rates = ErrorRates(red, asked.miss)
    if row.in_points:
        return _compare_shares(empty, asked.pairs, rates)
    return _stricter_where_exact(_compare_ratios(_with_rounding(empty, asked), asked, rates), asked, rates)


def _with_rounding(empty: Comparison, asked: _Asked) -> Comparison:
    """A count may change by what a round is off by, as far as the rounds of the sides are not alike."""
    sides = ([pair[side].tally for pair in asked.pairs] for side in (0, 1))
    return replace(empty, margin=max(empty.margin, uneven_rounding(empty.row, *sides)))


def _stricter_where_exact(found: Comparison, asked: _Asked, rates: ErrorRates) -> Comparison:
    """A count that is the same in every round of base regressed with any change, unless a margin names it."""
    on_base = [base.tally for base, _ in asked.pairs]
    if found.verdict is RowVerdict.REGRESSED and found.gated:
        return found
    if asked.rules.names(found.row) or not is_exact(found.row, on_base):
        return found
    margin = exact_margin(found.row, on_base)
    strict = _compare_ratios(replace(found, margin=margin, warnings=(), gated=True), asked, rates)
    if strict.verdict is not RowVerdict.REGRESSED:
        return found
    return _warned(strict, "the same in every round of base: any change beyond rounding is a regression")


def _never_succeeded(row: Row, sides: tuple[Tally, Tally]) -> str:
    """What a row of latencies of requests says that were sent on both sides, and answered by errors alone; else ""."""
    named = [side.requests.get(row.request or "") for side in sides]
    if row.metric != "http_req_duration" or not all(one and one.failed.count and not one.ok.count for one in named):
        return ""
    kinds: Counter[str] = sum((one.errors for one in named if one), Counter[str]())
    said = ", ".join(kind for kind, _ in kinds.most_common(3))
    return f"none of its requests succeeded, on either side ({said or 'of unknown kind'})"


def _thin_tails(row: Row, sides: tuple[Tally, Tally]) -> tuple[str, ...]:
    if metric_of(row.metric).per_request and any(too_few(side, row.metric, row.stat, row.request) for side in sides):
        return (f"too few requests for {row.stat}",)
    return ()


def _one_sided(row: Row, base: float | None, head: float | None) -> str:
    if base is None and head is None:
        return "neither base nor head measured it"
    return f"only {'head' if base is None else 'base'} measured it"


def _warned(comparison: Comparison, *warnings: str) -> Comparison:
    return replace(comparison, warnings=(*comparison.warnings, *warnings))


def _compare_ratios(empty: Comparison, asked: _Asked, rates: ErrorRates) -> Comparison:
    row = empty.row
    logs = worse_logs(row, asked.pairs)
    if not logs:
        return _without_ratio(empty, asked)
    location = locate(logs, rates.red, rates.miss)
    sign = sign_of(row)
    found = replace(empty, change=_change(sign * location.estimate), rounds=len(logs))
    if len(logs) < (1 - _FEW_MISSING) * len(asked.pairs):
        found = _warned(found, f"only {len(logs)} of {len(asked.pairs)} pairs measured it on both sides")
    if location.high is None:
        return _warned(found, f"{len(logs)} pairs are too few to prove anything; {fewest(rates.miss)} are the least")
    if location.correlation:
        found = _warned(found, "the noise came in stretches of several pairs: the interval is widened for it")
    least = min(logs) if location.low is None else location.low
    of_instances = 0.0 if row.is_count else asked.instance_variance
    low, high = _widened(location.estimate, (least, location.high), rates, of_instances)
    interval = Interval(*sorted(_change(sign * bound) for bound in (low, high)))
    found = replace(
        found,
        interval=interval,
        smallest=math.expm1((high - low) / 2),
        verdict=classify(row, interval, empty.margin),
    )
    if location.low is None and not rules_out_regression(found):
        found = replace(found, verdict=RowVerdict.INCONCLUSIVE)
        return _warned(found, f"{len(logs)} pairs are too few to prove a regression; {fewest(rates.red)} are the least")
    return _unless_burst(found, partial(_beyond, logs, found), STRICT if location.correlation else MILD)


def _without_ratio(empty: Comparison, asked: _Asked) -> Comparison:
    row = empty.row
    if not paired_sample(asked.pairs, row.metric, row.stat, row.request):
        return _warned(empty, "no pair measured it on both sides")
    return _warned(replace(empty, gated=asked.rules.names(row)), BELOW_ZERO)


def _widened(
    estimate: float, bounds: tuple[float, float], rates: ErrorRates, instance_variance: float
) -> tuple[float, float]:
    """The bounds, with what instances differ by added to their distance from the estimate."""
    if not instance_variance:
        return bounds
    low, high = (
        math.hypot(bound - estimate, NormalDist().inv_cdf(rate) * math.sqrt(instance_variance))
        for bound, rate in zip(bounds, (rates.red, rates.miss), strict=True)
    )
    return estimate - low, estimate + high


def _change(log_ratio: float) -> float:
    return math.expm1(log_ratio) + 0.0  # never -0.0


def sign_of(row: Row) -> int:
    """1 where more is worse, -1 where less is."""
    return 1 if metric_of(row.metric).lower_is_better else -1


def worse_logs(row: Row, pairs: tuple[Pair, ...]) -> list[float]:
    """The log ratio of every pair that measured the row on both sides, worse ones positive.

    None of any where a value is below zero, as of a gauge: such values have no ratio.
    """
    sign = sign_of(row)
    found = []
    for pair in pairs:
        least = LEAST_CPU_MS if row.is_cpu_of_dependency else least_of(row, [round_.tally for round_ in pair])
        for base, head in paired_sample((pair,), row.metric, row.stat, row.request):
            if base < 0 or head < 0:
                return []
            found.append(sign * _log_ratio(max(least, base), max(least, head)))
    return found


def _log_ratio(base: float, head: float) -> float:
    if base <= 0 or head <= 0:
        return 0.0 if base == head else math.copysign(_LOG_OF_ANYTHING, head - base)
    return max(-_LOG_OF_ANYTHING, min(_LOG_OF_ANYTHING, math.log(head / base)))


def _compare_shares(empty: Comparison, pairs: tuple[Pair, ...], rates: ErrorRates) -> Comparison:
    request = empty.row.request
    counts = [(_counts(base.tally, request), _counts(head.tally, request)) for base, head in pairs]
    on_base, on_head = [base for base, _ in counts], [head for _, head in counts]
    found, most = (difference(on_base, on_head, alpha) for alpha in (rates.red, rates.miss))
    if found is None or most is None:
        return _warned(empty, "one pair is too few to prove anything; 2 are the least")
    interval = Interval(found.low, most.high)
    verdict = classify(empty.row, interval, empty.margin)
    compared = replace(
        empty,
        change=found.estimate,
        interval=interval,
        smallest=(most.high - found.low) / 2,
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


def _beyond(logs: list[float], found: Comparison, kept: list[int], alpha: float) -> bool:
    """Whether these pairs alone prove, at `alpha`, that the change is beyond the margin. logs: worse ones positive."""
    up = (found.change or 0.0) > 0
    bound = math.log1p(found.margin) if up else -math.log1p(-found.margin)
    direction = sign_of(found.row) if up else -sign_of(found.row)
    return lies_above([direction * logs[place] for place in kept], bound, alpha)


def _share_beyond(counts: list[_SidesCounts], found: Comparison, kept: list[int], alpha: float) -> bool:
    """As `_beyond`, for shares."""
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
