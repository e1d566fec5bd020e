"""k6's raw samples (`--out json`), folded into a tally as they are read: memory is flat whatever a round holds.

The format is that of https://grafana.com/docs/k6/latest/results-output/real-time/json/: a line for each sample, one for
each metric before its first. k6 writes nine lines (3 kB) for a request; only what says something new is parsed.
"""

from __future__ import annotations

import calendar
import json
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from perfgate.errors import GeneratorError
from perfgate.load.http.urls import TargetUrls
from perfgate.load.k6.options import TARGET, split_selector
from perfgate.metrics.catalogue import Kind
from perfgate.metrics.request_names import Names
from perfgate.metrics.run_names import UNNAMED
from perfgate.metrics.series import Series
from perfgate.metrics.tally import Tally
from perfgate.metrics.threshold import Threshold

_NANOSECONDS = 1e6  # k6's durations are milliseconds
_DEFINITION = b'{"type":"Metric"'
_KINDS = {"trend": Kind.TREND, "rate": Kind.RATE, "counter": Kind.COUNTER, "gauge": Kind.GAUGE}
_COUNTED = ("data_sent", "data_received", "dropped_iterations")
_READ = ("http_req_duration", "iteration_duration", "checks", "vus", "vus_max", *_COUNTED)
_LEAST_ERROR = 400
_PROTOCOLS = ("ws", "grpc", "browser")
# What stands in a name for a value, where a script has http.url write it.
_VARIABLE = "${}"
# Metadata of samples of an iteration that our wrapper let wait before it began: how long (ms).
WAITED = "perfgate_waited"
# Metadata of requests that do not go to the target: where they go.
ORIGIN = "perfgate_origin"
# k6's error of a request whose URL names no host, such as "undefined/pet/1".
_NO_HOST = "unsupported protocol scheme"
_AFTER_PLACE = re.compile(r"[/?#]")
# The group of what our setup asks, which is no load.
_SETUP = "::setup"


@dataclass
class Samples:
    """The samples of one round.

    began, ended: first and last moment in them (Unix s).
    origins: requests by where they went ("http://localhost:8080"), as far as their URLs are known.
    named: requests that the script gave a name instead of a URL.
    protocols: what was spoken besides HTTP: "ws", "grpc", "browser".
    no_host: a request whose URL names no host, as the script has it: its URL, or its name; "" for none.
    """

    tally: Tally = field(default_factory=Tally)
    began: float = math.inf
    ended: float = -math.inf
    origins: Counter[str] = field(default_factory=Counter)
    named: int = 0
    protocols: set[str] = field(default_factory=set)
    no_host: str = ""


def read_samples(lines: Iterable[bytes], url: str, thresholds: Iterable[Threshold]) -> Samples:
    """Fold the samples in `lines`. url: the target's, which request names leave out."""
    samples = Samples()
    folding = Folding(url, thresholds, lambda _metric, _ended: samples)
    for line in lines:
        folding.line(line)
    samples.protocols = folding.protocols
    return samples


class Folding:
    """Samples, folded line by line.

    url: the target's, which request names leave out.
    choose: finds what a sample belongs to, by its metric and its moment (Unix s); None: it is left out.
    latest: the last moment in them (Unix s).
    protocols: what was spoken besides HTTP, as k6 calls it.
    """

    def __init__(
        self, url: str, thresholds: Iterable[Threshold], choose: Callable[[str, float], Samples | None]
    ) -> None:
        self.samples = Samples()
        self.protocols: set[str] = set()
        self.latest = -math.inf
        self._choose = choose
        selectors = {threshold.selector for threshold in thresholds}
        self._urls = TargetUrls(url)
        self._names = Names()
        self._series: dict[str, list[tuple[str, dict[str, str]]]] = {}
        for selector in selectors:
            metric, tags = split_selector(selector)
            tags = {tag: value.replace(TARGET, url) for tag, value in tags.items()}
            self._series.setdefault(metric, []).append((selector, tags))
        metrics = {*_READ, *self._series}
        self._wanted = tuple(f'{{"metric":{json.dumps(metric)},'.encode() for metric in sorted(metrics))
        self._kinds: dict[str, Kind] = {}

    def line(self, line: bytes) -> None:
        """Fold one more line. GeneratorError for one that is JSON, but not as k6 writes it."""
        is_sample = line.startswith(self._wanted)
        if not is_sample and not line.startswith(_DEFINITION):
            return
        try:
            plain = json.loads(line)
        except (ValueError, RecursionError):
            return  # the last line of a process that was ended, or none of k6's own
        try:
            if is_sample:
                self._sample(plain["metric"], plain["data"])
            else:
                self._definition(plain["data"])
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            what = f"k6 wrote a sample that cannot be read ({type(error).__name__}: {error})"
            raise GeneratorError(what, "is this k6 newer than perfgate? Take one that perfgate knows") from error

    def _definition(self, data: dict[str, Any]) -> None:
        self._kinds[data["name"]] = _KINDS[data["type"]]
        self.protocols |= {protocol for protocol in _PROTOCOLS if data["name"].startswith(f"{protocol}_")}

    def _sample(self, metric: str, data: dict[str, Any]) -> None:
        value, tags, ended = data["value"], data["tags"] or {}, _unix(data["time"])
        self.latest = max(self.latest, ended)
        chosen = self._choose(metric, ended)
        if chosen is None or tags.get("group") == _SETUP:
            return
        self.samples = chosen
        tally = chosen.tally
        if metric == "iteration_duration":
            value = max(0.0, value - float((data.get("metadata") or {}).get(WAITED, 0)))
        for selector, wanted in self._series.get(metric, ()):
            if wanted.items() <= tags.items():
                self._series_of(selector, metric).add(value)
        if metric == "http_req_duration":
            self._request(tags, value, data.get("metadata") or {})
            self._span(ended, value)
        elif metric == "iteration_duration":
            tally.iterations.record(round(value * _NANOSECONDS))
            self._span(ended, value)
        elif metric == "checks":
            group = tags.get("group", "").removeprefix("::").replace("::", ": ")
            tally.check(f"{group}: {tags.get('check', '')}" if group else tags.get("check", ""), value != 0)
        elif metric in _COUNTED:
            setattr(tally, metric, getattr(tally, metric) + round(value))
        elif metric in ("vus", "vus_max"):
            setattr(tally, metric, max(getattr(tally, metric), round(value)))

    def _series_of(self, selector: str, metric: str) -> Series:
        series = self.samples.tally.series
        if selector not in series:
            series[selector] = Series(self._kinds.get(metric, Kind.TREND))
        return series[selector]

    def _span(self, ended: float, milliseconds: float) -> None:
        self.samples.ended = max(self.samples.ended, ended)
        self.samples.began = min(self.samples.began, ended - milliseconds / 1000)

    def _request(self, tags: dict[str, str], milliseconds: float, metadata: dict[str, str]) -> None:
        request = self.samples.tally.request(self._name(tags, metadata.get(ORIGIN)))
        if _is_ok(tags):
            request.ok.record(round(milliseconds * _NANOSECONDS))
            return
        request.failed.record(round(milliseconds * _NANOSECONDS))
        status = tags.get("status", "0")
        request.errors[f"status {status}" if status != "0" else tags.get("error", "no answer")] += 1

    def _name(self, tags: dict[str, str], origin: str | None) -> str:
        """The script's own name for a request; without one, method and path as for any request here."""
        name = tags.get("name") or tags.get("url", "")
        is_url = name.startswith(("http://", "https://"))
        if is_url and _VARIABLE not in _origin(name):
            self.samples.origins[_origin(name)] += 1
        elif tags.get("error", "").startswith(_NO_HOST):
            self.samples.no_host = tags.get("url") or name
        elif origin is not None:
            self.samples.origins[_origin(origin)] += 1
        else:
            self.samples.named += 1
        if not is_url:
            return self._names.given(name, tags.get("method", "GET"), UNNAMED)
        return self._names.of(tags.get("method", "GET"), self._urls.path(name).replace(_VARIABLE, "{}"))


def _is_ok(tags: dict[str, str]) -> bool:
    expected = tags.get("expected_response")
    if expected is not None:
        return expected == "true"
    return not tags.get("error") and 0 < int(tags.get("status", "0")) < _LEAST_ERROR


@lru_cache(maxsize=4096)
def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")  # by hand: it need not be a URL that there can be
    return f"{scheme}://{_AFTER_PLACE.split(rest, maxsplit=1)[0].rpartition('@')[2]}"


def _unix(text: str) -> float:
    """The Unix seconds of "2026-11-23T05:31:38.744525749Z", or with an offset like +01:00 instead of the Z."""
    fraction = text[19:].rstrip("Z")
    offset = ""
    if len(fraction) >= 6 and fraction[-3] == ":":
        fraction, offset = fraction[:-6], fraction[-6:]
    return _second(text[:19], offset) + float(f"0{fraction}" if fraction else 0)


@lru_cache(maxsize=64)
def _second(text: str, offset: str) -> int:
    local = calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))
    if not offset:
        return local
    hours, minutes = offset[1:].split(":")
    ahead = int(hours) * 3600 + int(minutes) * 60
    return local - ahead if offset[0] == "+" else local + ahead
