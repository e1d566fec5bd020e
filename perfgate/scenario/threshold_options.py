"""The thresholds of a scenario: metric -> expression, or a list of expressions, as in k6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfgate.errors import MistakeError, did_you_mean
from perfgate.metrics.threshold import Threshold, parse_selector, parse_threshold
from perfgate.scenario.raw_option import RawOption, same_spelling
from perfgate.units import parse_duration

_EXAMPLE = 'write thresholds={"http_req_duration": ["p(95)<500ms"]}'
_KEYS = ("threshold", "abort_on_fail", "delay_abort_eval")


def read_thresholds(option: RawOption) -> tuple[Threshold, ...]:
    """All thresholds that can be read; the others are noted as mistakes."""
    value = option.value
    if not isinstance(value, Mapping):
        option.wrong(f"{option.label} is not a dict of thresholds", _EXAMPLE)
        return ()
    return tuple(
        threshold
        for selector, expressions in value.items()
        for threshold in _read_metric(selector, option.within(selector, expressions))
    )


def _read_metric(selector: object, option: RawOption) -> list[Threshold]:
    if not isinstance(selector, str):
        option.wrong(f"{selector!r} is not a metric", _EXAMPLE)
        return []
    try:
        parse_selector(selector)
    except MistakeError as error:
        option.wrong(error.message, error.hint)
        return []
    if not isinstance(option.value, (list, tuple)):
        found = [_read_threshold(selector, option)]
    elif option.value:
        found = [_read_threshold(selector, option.within(number, item)) for number, item in enumerate(option.value)]
    else:
        option.wrong(f"{selector} has no threshold", "write one, or leave the metric out")
        return []
    return [threshold for threshold in found if threshold]


def _read_threshold(selector: str, option: RawOption) -> Threshold | None:
    value = option.value
    expression: Any = value
    abort_on_fail = False
    delay = 0.0
    if isinstance(value, Mapping):
        for key in [key for key in value if key not in _KEYS]:
            option.within(key, value[key]).wrong(f"a threshold has no {key!r}", _hint(key))
        expression = value.get("threshold")
        abort_on_fail = value.get("abort_on_fail", False)
        delay = _read_delay(option, value)
    if not isinstance(abort_on_fail, bool):
        option.within("abort_on_fail", abort_on_fail).wrong(
            f"abort_on_fail={abort_on_fail!r} is neither True nor False", "write abort_on_fail as True or False"
        )
        return None
    try:
        return parse_threshold(selector, expression, abort_on_fail, delay)
    except MistakeError as error:
        option.wrong(error.message, error.hint)
        return None


def _read_delay(option: RawOption, value: Mapping[Any, Any]) -> float:
    """How long a run must have lasted before it is aborted (s); 0 where that is not said, or is a mistake."""
    written = value.get("delay_abort_eval", 0)
    try:
        return parse_duration(written)
    except ValueError as error:
        option.within("delay_abort_eval", written).wrong(f"delay_abort_eval: {error}", 'write it like "10s"')
        return 0.0


def _hint(key: object) -> str:
    twin = same_spelling(str(key), _KEYS)
    return f"write {twin}" if twin else did_you_mean(key, _KEYS)
