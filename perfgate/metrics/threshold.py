"""Thresholds in k6's grammar, with units: `p(95)<500ms`, `rate<1%`; per request name `http_reqs{name:POST /pet}`.

The grammar is that of https://grafana.com/docs/k6/latest/using-k6/thresholds/ with units allowed after the number.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from perfgate.metrics.catalogue import METRICS, STATS, Kind, quantile_of, unit_of
from perfgate.metrics.tally import Tally, read
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
_EXPRESSION = re.compile(r"\s*(?P<stat>\w+(?:\([^)]*\))?)\s*(?P<operator><=|>=|===|==|!=|<|>)\s*(?P<bound>\S.*?)\s*")
_SELECTOR = re.compile(r"(?P<metric>\w+)(?:\{\s*(?P<tag>\w+)\s*:\s*(?P<value>.*?)\s*\})?")


@dataclass(frozen=True)
class Threshold:
    """One condition that a run must meet. bound: in the metric's unit (ms, fraction, ...)."""

    metric: str
    request: str | None
    stat: str
    comparison: str
    bound: float
    expression: str
    abort_on_fail: bool

    @property
    def selector(self) -> str:
        """The metric with its request name, as it was written."""
        return self.metric if self.request is None else f"{self.metric}{{name:{self.request}}}"


@dataclass(frozen=True)
class ThresholdResult:
    """A threshold held against what was measured. value: None where nothing was measured, and then it fails."""

    scenario: str
    threshold: Threshold
    value: float | None
    passed: bool


def parse_selector(text: str) -> tuple[str, str | None]:
    """The metric and the request name of `http_req_duration{name:POST /pet}`. ValueError names what is wrong."""
    match = _SELECTOR.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a metric; write it like 'http_reqs' or 'http_reqs{{name:POST /pet}}'")
    metric, request = match["metric"], match["value"]
    if metric not in METRICS:
        raise ValueError(f"there is no metric {metric!r}; there are {', '.join(METRICS)}")
    if match["tag"] not in (None, "name"):
        raise ValueError(f"{text!r}: the only tag to choose by is name, as in {metric}{{name:POST /pet}}")
    if request is not None and not METRICS[metric].per_request:
        raise ValueError(f"{metric} is counted for a whole scenario, not per request name")
    return metric, request


def parse_threshold(selector: str, expression: str, abort_on_fail: bool = False) -> Threshold:
    """The threshold that `selector` ("http_req_duration") and `expression` ("p(95)<500ms") say.

    A plain number is in milliseconds for durations, as in k6. ValueError names what is wrong and what is allowed.
    """
    metric, request = parse_selector(selector)
    match = _EXPRESSION.fullmatch(expression) if isinstance(expression, str) else None
    if match is None:
        raise ValueError(f"{expression!r} is not a threshold; write it like {_example(metric)}")
    stat = match["stat"]
    _refuse_unknown_stat(metric, stat, expression)
    bound = _parse_bound(match["bound"], unit_of(metric, stat), expression)
    return Threshold(metric, request, stat, match["operator"], bound, expression.strip(), abort_on_fail)


def _refuse_unknown_stat(metric: str, stat: str, expression: str) -> None:
    allowed = STATS[METRICS[metric].kind]
    if stat in allowed:
        return
    if METRICS[metric].kind is Kind.TREND and stat.startswith("p("):
        try:
            if quantile_of(stat) is not None:
                return
        except ValueError:
            pass
    raise ValueError(f"{expression!r}: {metric} has no {stat!r}; it has {', '.join(allowed)}")


def _parse_bound(text: str, unit: str, expression: str) -> float:
    plain = re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text)
    if plain:
        return float(text)
    try:
        if unit == "ms":
            return parse_duration(text) * 1000
        if unit == "fraction":
            return parse_fraction(text)
        if unit == "bytes":
            return float(parse_bytes(text))
        if unit == "per_second" and text.endswith("/s"):
            return float(text[:-2])
    except ValueError as error:
        raise ValueError(f"{expression!r}: {error}") from None
    raise ValueError(f"{expression!r}: {text!r} is not a number")


def _example(metric: str) -> str:
    return {Kind.TREND: "'p(95)<500ms'", Kind.RATE: "'rate<1%'", Kind.COUNTER: "'count>100'", Kind.GAUGE: "'value<5'"}[
        METRICS[metric].kind
    ]


def evaluate(threshold: Threshold, scenario: str, tally: Tally) -> ThresholdResult:
    """Hold one threshold against what a scenario measured. Without data it fails."""
    value = read(tally, threshold.metric, threshold.stat, threshold.request)
    passed = value is not None and _OPERATORS[threshold.comparison](value, threshold.bound)
    return ThresholdResult(scenario, threshold, value, passed)
