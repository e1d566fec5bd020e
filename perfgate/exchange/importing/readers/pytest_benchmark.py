"""pytest --benchmark-json FILE: durations of function calls, in seconds; a benchmark stands for a request name.

https://pytest-benchmark.readthedocs.io. Each value is the mean of the calls of one of its rounds. With the single
values (always in a file of --benchmark-json, else by --benchmark-save-data) there are percentiles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from perfgate.exchange.importing.parsed_run import ParsedResult, ParsedRun, ParsedScenario, duration_of
from perfgate.exchange.importing.reading_json import Node
from perfgate.exchange.importing.samples import histogram_of
from perfgate.exchange.importing.source import SourceFile
from perfgate.history.histogram_codec import pack

ENGINE = "pytest-benchmark"
_UNKNOWN = ("unversioned", "unknown", "(unknown)")


def recognises(source: SourceFile) -> bool:
    document = source.document
    return isinstance(document, dict) and {"machine_info", "benchmarks"} <= document.keys()


def read(source: SourceFile) -> Iterator[ParsedRun]:
    document = Node(source.document)
    commit = document.member("commit_info")
    benchmarks = tuple(_result(benchmark) for benchmark in document.needed("benchmarks").items())
    yield ParsedRun(
        source.digest,
        document.moment("datetime"),
        (ParsedScenario("", benchmarks),),
        commit=_known(commit.text("id")),
        branch=_known(commit.text("branch")),
        dirty=bool(commit.member("dirty").value),
        versions={
            ENGINE: document.text("version"),
            "python": document.member("machine_info").text("python_version"),
        },
    )


def _result(benchmark: Node) -> ParsedResult:
    stats = benchmark.needed("stats")
    name = benchmark.text("fullname") or benchmark.text("name")
    histogram = histogram_of([1000 * item.own_amount() for item in stats.member("data").items()], stats.place)
    duration = replace(
        duration_of(histogram),
        avg_ms=_milliseconds(stats, "mean"),
        min_ms=_milliseconds(stats, "min"),
        med_ms=_milliseconds(stats, "median"),
        max_ms=_milliseconds(stats, "max"),
    )
    return ParsedResult(name, stats.count("rounds"), None, duration, pack(histogram), place=benchmark.place)


def _milliseconds(stats: Node, key: str) -> float | None:
    seconds = stats.amount(key)
    return None if seconds is None else 1000 * seconds


def _known(text: str) -> str:
    return "" if text in _UNKNOWN else text
