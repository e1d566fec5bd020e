"""Numbers of a report as people read them."""

from __future__ import annotations

import math

from perfgate.compare.comparison import Comparison
from perfgate.metrics.catalogue import (
    COUNTER,
    DEPENDENCY_CPU,
    METRICS,
    SERVER_TIMING,
    Kind,
    count_of,
    covers,
    dependency_of,
)
from perfgate.report.escaping import clean
from perfgate.units import format_short, format_value

NOTHING = "–"

# As wide as "http_req_duration p(95)": a longer name of a dependency is cut in the middle.
_WIDEST = 23


def metric_name(metric: str, stat: str) -> str:
    """The metric with its statistic: "http_req_duration p(95)", "http_reqs/s"; alone where it has but one.

    Of a dependency or counter in words: "CPU of postgres", "count of db".
    """
    dependency = dependency_of(metric)
    if dependency:
        what = "CPU of " if covers(DEPENDENCY_CPU, metric) else "memory of "
        return what + clean(dependency, _WIDEST - len(what))
    counted = count_of(metric)
    if counted:
        what = "" if covers(COUNTER, metric) else "time of " if covers(SERVER_TIMING, metric) else "count of "
        return what + clean(counted, _WIDEST - len(what))
    described = METRICS.get(metric)
    kind = described.kind if described else None
    if kind is Kind.COUNTER and stat == "rate":
        return f"{metric}/s"
    if kind in (Kind.RATE, Kind.GAUGE) or (kind is Kind.COUNTER and stat == "count"):
        return metric
    return f"{metric} {stat}"


def value(number: float | None, unit: str) -> str:
    """A measured value in a unit of the metric catalogue; a dash where there is none."""
    if number is None or not math.isfinite(number):
        return NOTHING
    return "0 %" if unit == "fraction" and number == 0 else format_value(number, unit)


def change(comparison: Comparison) -> str:
    """How far the number went: "+31.2 %", of a share in percentage points: "+4.00 pp"."""
    return NOTHING if comparison.change is None else signed(comparison.change, comparison.row.unit)


def signed(fraction: float, unit: str) -> str:
    """A change of a number of that unit: "+31.2 %", "+4.00 pp"."""
    return f"{_signed(fraction, unit)} {_scale(unit)}"


def span(low: float, high: float, unit: str) -> str:
    """Two values, their unit once where both have the same: "9.21 to 10.4 ms"."""
    first, last = value(low, unit), value(high, unit)
    number, _, written = first.rpartition(" ")
    return f"{number} to {last}" if number and last.endswith(f" {written}") else f"{first} to {last}"


# An interval that reaches beyond tenfold says no more than that nothing is known.
_HUGE = 10.0

# A margin that nobody would write down: a thousandth of a percent.
_ROUNDING = 1e-5


def interval(comparison: Comparison) -> str:
    """Where the true change lies: "+28.1 to +34.0 %"."""
    if comparison.interval is None:
        return NOTHING
    unit = comparison.row.unit
    low, high, scale = _signed(comparison.interval.low, unit), _signed(comparison.interval.high, unit), _scale(unit)
    if _HUGE < comparison.interval.high < math.inf and not is_difference(comparison):
        lower = "" if comparison.interval.low > _HUGE else f"{low} to "
        return f"{lower}over +1,000 {scale}"
    return f"{low} to {high} {scale}"


def margin(comparison: Comparison) -> str:
    """The regression that is allowed: "5 %"; "any change" where that is none."""
    return "any change" if allows_nothing(comparison) else plain(comparison.margin, comparison.row.unit)


def with_margin(comparison: Comparison, allowed: str) -> str:
    """ "margin 5 %"; of a count that may not change at all "any change counts".

    allowed: the margin as it is written.
    """
    return "any change counts" if allows_nothing(comparison) else f"margin {allowed}"


def allows_nothing(comparison: Comparison) -> bool:
    """Whether the margin is no more than what numbers are rounded by, as that of an exact count."""
    return comparison.margin <= _ROUNDING


def smallest(comparison: Comparison) -> str:
    """The smallest change that this row could have told from noise: "1.8 %"."""
    return NOTHING if comparison.smallest is None else told_from_noise(comparison.smallest, comparison.row.unit)


def told_from_noise(fraction: float, unit: str) -> str:
    """The smallest change that a row of that unit could tell from noise: "1.8 %", "over 1,000 %"."""
    huge = _HUGE < fraction < math.inf and unit != "fraction"
    return f"over 1,000 {_scale(unit)}" if huge else plain(fraction, unit)


def is_difference(comparison: Comparison) -> bool:
    """True where a change is a difference in percentage points, not a ratio."""
    return comparison.row.unit == "fraction"


def _scale(unit: str) -> str:
    return "pp" if unit == "fraction" else "%"


def _signed(fraction: float, unit: str) -> str:
    if not math.isfinite(fraction):
        return NOTHING if math.isnan(fraction) else f"{'+' if fraction > 0 else '-'}∞"
    decimals = 2 if unit == "fraction" else 1
    return f"{round(fraction * 100, decimals) + 0.0:+,.{decimals}f}"  # + 0.0: never "-0.0"


def plain(fraction: float, unit: str) -> str:
    """The size of a change of a number of that unit: "15 %", "0.5 pp"."""
    if not math.isfinite(fraction):
        return NOTHING
    percent = abs(fraction) * 100
    text = f"{percent:,.0f}" if percent >= 100 else format_short(percent)
    return f"{text} {_scale(unit)}"
