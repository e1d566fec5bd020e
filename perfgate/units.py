"""Durations, times, rates, bytes and percentages: read what people write, write what people read.

Inside perfgate everything is in base units: seconds (nanoseconds on the wire), requests per second, bytes, fractions.
Only these functions know of "500ms" and "5%".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal

_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_BYTES = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_BYTES_PATTERN = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(_BYTES)})?")
_ENDLESS = 1e300  # beyond it a whole number may not fit into a float
_MOST_BYTES = 2**63  # what a file or a memory is counted with

_MOST_MARGIN = 10

# Beyond, the rounds of a load can no longer be counted (s).
_LONGEST = 1e9


def parse_duration(text: str | float) -> float:
    """Seconds in "20s", "1m30s", "500ms" or a plain number of seconds. ValueError for anything else."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        seconds = float(text) if abs(text) < _ENDLESS else math.inf
    elif isinstance(text, str) and _NUMBER.fullmatch(text.strip()):
        seconds = float(text)
    elif isinstance(text, str):
        seconds = _parse_written_duration(text.strip())
    else:
        raise ValueError(f"{text!r} is not a duration; write it like '20s', '1m30s' or '500ms'")
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"{text!r} is not a duration; it must be finite and not negative")
    if seconds > _LONGEST:
        raise ValueError(f"{text!r} is not a duration; it must be at most 30 years")
    return seconds


def _parse_written_duration(text: str) -> float:
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is not a duration; write it like '20s', '1m30s' or '500ms'")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def parse_fraction(text: str | float) -> float:
    """The fraction in "5%" (0.05) or in a plain number (0.05). ValueError for anything else."""
    try:
        if isinstance(text, str) and text.strip().endswith("%"):
            value = float(text.strip()[:-1]) / 100
        elif isinstance(text, bool):
            raise ValueError
        else:
            value = float(text)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a percentage; write it like '5%' or 0.05") from None
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a percentage; it must be finite")
    return value


def parse_margin(text: str | float) -> float:
    """The fraction in "5%" or 0.05, more than nothing and less than ten. ValueError for anything else.

    A number without a sign must be less than 1: who writes 5 hardly means 500 %.
    """
    fraction = parse_fraction(text)
    if not 0 < fraction < _MOST_MARGIN:
        raise ValueError(f"{text!r} must lie between 0 and {_MOST_MARGIN * 100} %; write it like '5%'")
    if fraction >= 1 and not str(text).strip().endswith("%"):
        raise ValueError(f"{text!r} would be {fraction * 100:g} %; write '{fraction:g}%' or '{fraction * 100:g}%'")
    return fraction


def parse_bytes(text: str | int) -> int:
    """Bytes in "512MiB", "1GB" or a plain number. ValueError for anything else."""
    match = _BYTES_PATTERN.fullmatch(text.strip()) if isinstance(text, str) else None
    if isinstance(text, int) and not isinstance(text, bool) and text >= 0:
        size: float = text
    elif match is not None:
        size = float(match[1]) * _BYTES[match[2] or "B"]
    else:
        raise ValueError(f"{text!r} is not a size; write it like '512MiB' or '1GB'")
    if size >= _MOST_BYTES:
        raise ValueError(f"{text!r} is not a size; it must be less than 8 EiB")
    return round(size)


def _significant(value: float, digits: int) -> str:
    """`value` with `digits` significant digits and without an exponent."""
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"


def format_milliseconds(value: float) -> str:
    """A duration in milliseconds as people read it: "0.43 ms", "12.3 ms", "1.53 s"."""
    if abs(value) >= 1000:
        return f"{_significant(value / 1000, 3)} s"
    return f"{_significant(value, 3)} ms"


def format_seconds(value: float) -> str:
    """A length of time in seconds as people read it: "800ms", "12s", "1m30s"."""
    if value < 1:
        return f"{value * 1000:.0f}ms"
    if value < 60:
        return f"{value:.1f}".rstrip("0").rstrip(".") + "s"
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return "".join(f"{number}{unit}" for number, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if number)


def format_date(seconds: float) -> str:
    """The day (UTC) of Unix seconds: "2026-01-31"."""
    return _moment(seconds).strftime("%Y-%m-%d")


def format_minute(seconds: float) -> str:
    """The minute of Unix seconds: "2026-01-31 12:00 UTC"."""
    return _moment(seconds).strftime("%Y-%m-%d %H:%M UTC")


def format_second(seconds: float) -> str:
    """The second (UTC) of Unix seconds: "2026-01-31 12:00:00"."""
    return _moment(seconds).strftime("%Y-%m-%d %H:%M:%S")


def format_timestamp(seconds: float) -> str:
    """Unix seconds for machines, in ISO 8601: "2026-01-31T12:00:00.250Z". Such texts sort by time."""
    return _moment(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_timestamp(text: str) -> float:
    """Unix seconds of a time in ISO 8601; or ValueError."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def format_percent(fraction: float, *, signed: bool = False) -> str:
    """A fraction as a percentage: "4.36 %", signed: "+4.4 %"."""
    if signed:
        return f"{fraction * 100:+.1f} %"
    return f"{_significant(fraction * 100, 3)} %"


def format_short(value: float, digits: int = 2) -> str:
    """A number with so many digits at most, and without an exponent: "1.8", "110", "0.25"."""
    return format(Decimal(f"{value:.{digits}g}"), ",f")


def format_bytes(value: float) -> str:
    """A size as people read it: "812 B", "1.53 MB"."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if abs(value) >= size:
            return f"{_significant(value / size, 3)} {unit}"
    return f"{value:.0f} B"


def format_rate(value: float) -> str:
    """Events per second: "1,234/s", "0.52/s"."""
    return f"{_significant(value, 3) if value < 1000 else f'{value:,.0f}'}/s"


def format_count(value: float) -> str:
    """A number of things: "12,345"."""
    return f"{value:,.0f}"


def format_number(value: float) -> str:
    """A number of something that nobody named: "0.970", "1,234"."""
    return _significant(value, 3) if abs(value) < 1000 else f"{value:,.0f}"


def format_value(value: float, unit: str) -> str:
    """`value` in one of the units of the metric catalogue: ms, fraction, per_second, bytes, count, number."""
    return _FORMATS[unit](value)


_FORMATS: dict[str, Callable[[float], str]] = {
    "ms": format_milliseconds,
    "fraction": format_percent,
    "per_second": format_rate,
    "bytes": format_bytes,
    "count": format_count,
    "number": format_number,
}
