"""What a duet will show, in the lines that are said before its rounds are played."""

from __future__ import annotations

import math
from collections.abc import Sequence

from perfgate.compare.forecast import Forecast
from perfgate.report.escaping import clean
from perfgate.units import format_percent, format_rate, format_seconds, format_short

_NAME_LIMIT = 64

# Changes that are no better known than this are not known at all.
_LARGEST = 1.0

# More users answer the same only where the service is idle for most of the time.
_BUSIEST = 0.5

# A longer budget for one scenario is no advice (s).
_LONGEST = 1800.0


def forecast_lines(forecast: Forecast, vus: int | None, busy: float, scale: float) -> tuple[str, ...]:
    """The forecast, and what is missing for a decision, a line each.

    vus: the most users of the load; None where it is no matter of users, or other scenarios have users of their own.
    busy: the share of its CPUs that the load keeps the service busy for.
    scale: how many times the scenario's own load that is.
    """
    name = clean(forecast.scenario, _NAME_LIMIT)
    lines = [f"{name}: {_makes(forecast)}; {forecast.seconds:.3g} s on each side will show {_shown(forecast)}"]
    if forecast.pairs < forecast.pairs_needed:
        lines.append(
            f"{name}: {_pairs(forecast.pairs)} into the budget, and {forecast.pairs_needed} are the least that can"
            f" decide: --budget {format_seconds(_round_up(forecast.budget_for_pairs))} would do"
        )
    elif forecast.times is not None and forecast.times > 1 and forecast.margin is not None:
        lines.append(
            f"{name}: this load is too thin for a margin of {format_percent(forecast.margin)}:"
            f" {_ways(forecast, forecast.times, vus, busy, scale)} would do"
        )
    return tuple(lines)


def _makes(forecast: Forecast) -> str:
    return f"this load makes {format_rate(forecast.requests_per_second).removesuffix('/s')} requests/s"


def _shown(forecast: Forecast) -> str:
    known = [
        f"{_sizes(values)} of {what}"
        for what, values in (("the median", forecast.medians), ("p(95)", forecast.tails))
        if values and values[0] < _LARGEST
    ]
    return f"about {', '.join(known)} at best" if known else "next to nothing of its latencies"


def _sizes(values: Sequence[float]) -> str:
    """ "±6 %", of several requests "±4 to ±9 %"."""
    low, high = (format_short(min(_LARGEST, value) * 100) for value in (values[0], values[-1]))
    return f"±{low} %" if low == high else f"±{low} to ±{high} %"


def _pairs(count: int) -> str:
    return "1 pair fits" if count == 1 else f"{count} pairs fit"


def _ways(forecast: Forecast, times: float, vus: int | None, busy: float, scale: float) -> str:
    """What would make the load enough, the cheapest first."""
    ways = []
    if busy * times <= _BUSIEST:
        if vus is not None:
            ways.append(f"--vus {math.ceil(vus * times / scale)}")
        ways.append(f"--scale {math.ceil(times * scale)}")
    if forecast.budget * times <= _LONGEST:
        ways.append(f"--budget {format_seconds(_round_up(forecast.budget * times))}")
    return " or ".join(ways) or "a wider --margin"


def _round_up(seconds: float) -> float:
    """Seconds of load, as a person would write them."""
    step = 1 if seconds <= 20 else 10 if seconds <= 60 else 30 if seconds <= 300 else 60
    return float(math.ceil(seconds / step - 1e-9) * step)
