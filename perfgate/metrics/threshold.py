"""Thresholds in k6's grammar, with units: `p(95)<500ms`, `rate<1%`; per request name `http_reqs{name:POST /pet}`.

Metrics of dependencies and counters have their names likewise: `dependency_cpu{name:postgres}`.

The grammar is that of https://grafana.com/docs/k6/latest/using-k6/thresholds/ with units allowed after the number.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from perfgate.errors import MistakeError, did_you_mean
from perfgate.metrics.catalogue import (
    METRICS,
    NAMED,
    OF_DEPENDENCIES,
    STATS,
    Kind,
    metric_of,
    name_in,
    quantile_of,
    unit_of,
    with_name,
)
from perfgate.metrics.tally import Tally
from perfgate.metrics.tally_statistics import read
from perfgate.units import parse_bytes, parse_duration, parse_fraction

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "===": operator.eq,
    "!=": operator.ne,
}
_COUNT = "count"
_EXPRESSION = re.compile(r"\s*(?P<stat>\w+(?:\([^)]*\))?)\s*(?P<operator><=|>=|===|==|!=|<|>)\s*(?P<bound>\S.*?)\s*")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_SELECTOR = re.compile(r"(?P<metric>\w+)(?:\{\s*(?P<tag>\w+)\s*:\s*(?P<value>.*?)\s*\})?")


@dataclass(frozen=True)
class Threshold:
    """One condition that a run must meet.

    metric: one of the catalogue, of a dependency or counter with its name ("dependency_cpu{name:postgres}"); or what a
        script made up, with its tags ("waiting_time{tier:1}").
    bound: in the metric's unit (ms, fraction, ...).
    abort_on_fail: whether crossing it ends a run.
    abort_delay: load that there must have been before it does (s).
    """

    metric: str
    request: str | None
    stat: str
    comparison: str
    bound: float
    expression: str
    abort_on_fail: bool
    abort_delay: float

    @property
    def selector(self) -> str:
        """The metric with its request name, as it was written."""
        return self.metric if self.request is None else f"{self.metric}{{name:{self.request}}}"


@dataclass(frozen=True)
class ThresholdResult:
    """A threshold with what was measured. value: None where nothing was measured, and then it fails."""

    scenario: str
    threshold: Threshold
    value: float | None
    passed: bool


def parse_selector(text: str) -> tuple[str, str | None]:
    """The metric and the request name of `http_req_duration{name:POST /pet}`. MistakeError (a ValueError) otherwise.

    A metric of a dependency or counter keeps its name.
    """
    match = _SELECTOR.fullmatch(text.strip())
    if match is None:
        raise MistakeError(f"{text!r} is not a metric", "write it like 'http_reqs' or 'http_reqs{name:POST /pet}'")
    metric, request = match["metric"], match["value"]
    if metric not in METRICS:
        raise MistakeError(f"there is no metric {metric!r}", did_you_mean(metric, METRICS))
    if match["tag"] not in (None, "name"):
        raise MistakeError(f"{text!r}: the only tag is name", f"write it like '{metric}{{name:POST /pet}}'")
    if metric in NAMED:
        if not request:
            owner, example = ("dependency", "postgres") if metric in OF_DEPENDENCIES else ("counter", "queries")
            raise MistakeError(f"{metric} needs the name of a {owner}", f"write it like '{metric}{{name:{example}}}'")
        return with_name(metric, request), None
    if request is not None and not METRICS[metric].per_request:
        raise MistakeError(f"{metric} is counted for a whole scenario, not per request name", f"write '{metric}'")
    return metric, request


def parse_threshold(selector: str, expression: str, abort_on_fail: bool = False, abort_delay: float = 0.0) -> Threshold:
    """The threshold that `selector` ("http_req_duration") and `expression` ("p(95)<500ms") say.

    A plain number is in milliseconds for durations, as in k6. MistakeError (a ValueError) names what is wrong and what
    is allowed.
    """
    metric, request = parse_selector(selector)
    match = _EXPRESSION.fullmatch(expression) if isinstance(expression, str) else None
    if match is None:
        raise MistakeError(f"{expression!r} is not a threshold", f"write it like {_EXAMPLES[metric_of(metric).kind]}")
    stat = match["stat"]
    if not _has(metric, stat):
        stats = STATS[metric_of(metric).kind]
        raise MistakeError(f"{expression!r}: {metric} has no {stat!r}", did_you_mean(stat, stats))
    bound = _parse_bound(match["bound"], unit_of(metric, stat), expression)
    return Threshold(metric, request, stat, match["operator"], bound, expression.strip(), abort_on_fail, abort_delay)


def _has(metric: str, stat: str) -> bool:
    kind = metric_of(metric).kind
    if stat in STATS[kind]:
        return True
    try:
        return kind is Kind.TREND and quantile_of(stat) is not None
    except ValueError:
        return False


def _parse_bound(text: str, unit: str, expression: str) -> float:
    parse, noun, example = _BOUNDS[unit]
    try:
        bound = float(text) if _NUMBER.fullmatch(text) else parse(text)
        if math.isfinite(bound):
            return bound
    except ValueError:
        pass
    raise MistakeError(f"{expression!r}: {text!r} is not {noun}", f"write it like {example}")


def _parse_milliseconds(text: str) -> float:
    return parse_duration(text) * 1000


def _parse_rate(text: str) -> float:
    return float(text.removesuffix("/s"))


_BOUNDS: dict[str, tuple[Callable[[str], float], str, str]] = {
    "ms": (_parse_milliseconds, "a duration", "500ms or 1.5s"),
    "fraction": (parse_fraction, "a percentage", "1% or 0.01"),
    "bytes": (parse_bytes, "a size", "512MiB or 1GB"),
    "per_second": (_parse_rate, "a rate", "100/s"),
    "count": (float, "a number", "100"),
    "number": (float, "a number", "100"),
}
_EXAMPLES = {
    Kind.TREND: "'p(95)<500ms'",
    Kind.RATE: "'rate<1%'",
    Kind.COUNTER: "'count>100'",
    Kind.GAUGE: "'value<5'",
}


def evaluate(threshold: Threshold, scenario: str, tally: Tally, of_seconds: float | None = None) -> ThresholdResult:
    """Hold one threshold against what a scenario measured: its own series where there is one. Without data it fails.

    of_seconds: the load (s) that a count is meant for; it is held against its share of that. None: as it was counted.
    """
    series = tally.series.get(threshold.selector)
    if series is not None:
        value = series.read(threshold.stat, tally.seconds)
    elif threshold.metric in METRICS or name_in(threshold.metric):
        value = read(tally, threshold.metric, threshold.stat, threshold.request)
    else:
        value = None
    if value is not None and threshold.stat == _COUNT and of_seconds is not None and tally.seconds:
        value *= of_seconds / tally.seconds
    passed = value is not None and _OPERATORS[threshold.comparison](value, threshold.bound)
    return ThresholdResult(scenario, threshold, value, passed)


def aborts(result: ThresholdResult, tally: Tally) -> bool:
    """Whether a result on what was measured so far ends the run: crossed, with abort_on_fail, and not for lack of data.

    As in k6: what has no data yet, such as a scenario that begins later, may still have some at the end, and nothing is
    asked before the delay is over.
    """
    threshold = result.threshold
    waited = tally.seconds >= threshold.abort_delay
    return threshold.abort_on_fail and not result.passed and waited and _has_data(result, tally)


def _has_data(result: ThresholdResult, tally: Tally) -> bool:
    """A counter that nothing was added to has a value, 0, and no data."""
    threshold = result.threshold
    series = tally.series.get(threshold.selector)
    if series is not None:
        return series.count > 0
    return bool(result.value) or (result.value is not None and metric_of(threshold.metric).kind is not Kind.COUNTER)
