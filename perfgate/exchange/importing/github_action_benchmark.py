"""data.js of benchmark-action/github-action-benchmark: every commit that was measured, with one value a benchmark.

https://github.com/benchmark-action/github-action-benchmark. Only durations can be kept; what counts operations a second
is left out, unless it says the mean as well (as pytest-benchmark does).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

from perfgate.errors import MistakeError
from perfgate.exchange.importing.parsed_run import ParsedResult, ParsedRun, ParsedScenario
from perfgate.exchange.importing.reading_json import Node, parse_json
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.importing.times import plausible
from perfgate.history.stored import StoredDuration

_START = "window.BENCHMARK_DATA"
_MILLISECONDS = {"ns": 1e-6, "nsec": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "usec": 1e-3, "ms": 1.0, "msec": 1.0}
_MILLISECONDS |= {"s": 1e3, "sec": 1e3, "seconds": 1e3, "milliseconds": 1.0, "nanoseconds": 1e-6}
_MEAN = re.compile(r"mean: ([\d.]+(?:e[+-]?\d+)?) ?(\w+)", re.IGNORECASE)
_AVERAGE = "the file has one value each; it stands as the average"


def recognises(source: SourceFile) -> bool:
    return source.first_line.lstrip().startswith(_START)


def read(source: SourceFile) -> Iterator[ParsedRun]:
    _, equals, text = source.text().partition("=")
    if not equals:
        raise MistakeError("it has no data", "was it cut short? Write it again")
    for suite, entries in Node(parse_json(text.strip().removesuffix(";"))).needed("entries").members():
        for entry in entries.items():
            yield _run(suite, entry)


def _run(suite: str, entry: Node) -> ParsedRun:
    benches = list(entry.needed("benches").items())
    kept = [ParsedResult(bench.text("name"), duration=found) for bench in benches if (found := _duration(bench))]
    commit = entry.member("commit").text("id")
    units = sorted({bench.text("unit") for bench in benches if _duration(bench) is None})
    lost = len(benches) - len(kept)
    note = f"{lost} values of {commit[:12] or suite}: {', '.join(units)} is no duration" if lost else ""
    date = entry.needed("date") and entry.amount("date")
    benched = json.dumps(entry.member("benches").value, sort_keys=True)
    return ParsedRun(
        identity=hashlib.sha256(f"{suite}\n{commit}\n{date}\n{benched}".encode()).hexdigest(),
        started_at=plausible((date or 0.0) / 1000),
        scenarios=(ParsedScenario(suite, tuple(kept), warnings=(_AVERAGE,)),) if kept else (),
        commit=commit,
        left_out=(note,) if note else (),
    )


def _duration(bench: Node) -> StoredDuration | None:
    """The average, where the value is a duration."""
    scale = _MILLISECONDS.get(bench.text("unit").strip().lower().removesuffix("/iter").removesuffix("/op"))
    value = bench.amount("value")
    if scale is None and (mean := _MEAN.search(bench.text("extra"))):
        scale, value = _MILLISECONDS.get(mean[2].lower()), float(mean[1])
    if scale is None or value is None:
        return None
    return StoredDuration(value * scale, *[None] * 6)
