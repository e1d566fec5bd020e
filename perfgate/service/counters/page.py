"""Prometheus' text format, as far as counters take it: some names out of a page that may be long.

https://prometheus.io/docs/instrumenting/exposition_formats/. Only lines of wanted names are looked at, so that a page
of a megabyte takes milliseconds; prometheus_client's parser, which reads every line, takes a hundred times as long.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_CHARACTER = "[A-Za-z0-9_:]"
_LABELS = r"""\{(?:[^"}\n]|"(?:[^"\\\n]|\\[^\n])*")*\}"""
_LABEL = re.compile(rb"""([A-Za-z0-9_]+)\s*=\s*"((?:[^"\\]|\\.)*)\"""")
_TYPE = re.compile(rb"^#[ \t]+TYPE[ \t]+([A-Za-z0-9_:]+)[ \t]+(\w+)", re.MULTILINE)
_SAMPLE = re.compile(rf"^{_CHARACTER}+(?:[ \t]*{_LABELS})?[ \t]+([^\s#]+)".encode(), re.MULTILINE)
_SAID = re.compile(rb"^[ \t]*[^#\s]", re.MULTILINE)
_ESCAPE = re.compile(rb"\\(.)")
# What a histogram or summary is made of; its buckets and quantiles count nothing by themselves.
_PARTS = ("_count", "_sum", "_bucket", "_created")
_RISES = ("_total", "_count", "_sum")


@dataclass(frozen=True)
class Counted:
    """What a page, or a command, says. gauge: it may fall as well as rise."""

    value: float
    gauge: bool


class PageReader:
    """Reads the samples of some names, each the sum over its labels.

    names: names, or patterns with * and ?. labels: those that a sample must have.
    """

    def __init__(self, names: Sequence[str], labels: Mapping[str, str]) -> None:
        wanted = "|".join(map(_pattern, names))
        self._line = re.compile(rf"^({wanted})(?:[ \t]*({_LABELS}))?[ \t]+([^\s#]+)".encode(), re.MULTILINE)
        self._labels = {name.encode(): text.encode() for name, text in labels.items()}
        self._gauges: dict[str, bool | None] = {}

    def read(self, page: bytes) -> dict[str, Counted]:
        """The samples by name; those that are no finite number are left out, as are buckets and quantiles."""
        sums: dict[str, float] = {}
        for found, labels, text in self._line.findall(page):
            value = _number(text)
            if value is not None and self._has_labels(labels):
                name = found.decode()
                sums[name] = sums.get(name, 0.0) + value
        if any(name not in self._gauges for name in sums):
            self._learn(page, sums)
        return {
            name: Counted(value, gauge)
            for name, value in sums.items()
            if (gauge := self._gauges[name]) is not None and math.isfinite(value)
        }

    def _has_labels(self, labels: bytes) -> bool:
        if not self._labels:
            return True
        has = {name: _ESCAPE.sub(_unescaped, text) for name, text in _LABEL.findall(labels)}
        return all(has.get(name) == text for name, text in self._labels.items())

    def _learn(self, page: bytes, names: Mapping[str, object]) -> None:
        """Which names are gauges; None of what is no sample by itself."""
        types = {name.decode(): kind.decode() for name, kind in _TYPE.findall(page)}
        for name in names:
            self._gauges.setdefault(name, _is_gauge(name, types))


def names_on(page: bytes) -> tuple[str, ...]:
    """The names of all on a page that can be counted."""
    return tuple(PageReader(("?*",), {}).read(page))


def is_something_else(page: bytes) -> bool:
    """Whether a page says something, and not one sample: a page for people, or JSON."""
    return bool(_SAID.search(page)) and not any(_is_number(text) for text in _SAMPLE.findall(page))


def is_pattern(name: str) -> bool:
    """Whether it may mean several names, or none."""
    return "*" in name or "?" in name


def _is_gauge(name: str, types: Mapping[str, str]) -> bool | None:
    if name in types:
        kind = types[name]
        if kind in ("summary", "histogram"):
            return None
        return kind == "gauge" or (kind not in ("counter",) and not name.endswith(_RISES))
    for part in _PARTS:
        if types.get(name.removesuffix(part)) in ("summary", "histogram") and name.endswith(part):
            return None if part in ("_bucket", "_created") else False
    if types.get(name.removesuffix("_total")) == "counter":
        return False
    return not name.endswith(_RISES)


def _pattern(name: str) -> str:
    return "".join({"*": f"{_CHARACTER}*", "?": _CHARACTER}.get(mark) or re.escape(mark) for mark in name)


def _number(text: bytes) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and b"_" not in text else None


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _unescaped(match: re.Match[bytes]) -> bytes:
    return b"\n" if match[1] == b"n" else match[1]
