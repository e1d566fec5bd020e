"""k6's machine-readable summary, version 1 (k6 run --new-machine-readable-summary): metrics in a list, and a date.

It has no thresholds, and its percentiles are written `p95`.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.errors import MistakeError
from perfgate.exchange.importing.parsed_run import ParsedRun
from perfgate.exchange.importing.readers.k6_summary import ENGINE, Summary, scenario_of
from perfgate.exchange.importing.reading_json import Node
from perfgate.exchange.importing.source import SourceFile


def recognises(source: SourceFile) -> bool:
    document = source.document
    metadata = document.get("metadata") if isinstance(document, dict) else None
    return isinstance(metadata, dict) and "k6_version" in metadata


def read(source: SourceFile) -> Iterator[ParsedRun]:
    document = Node(source.document)
    version = document.text("version")
    if version.partition(".")[0] != "1":
        raise MistakeError(f"it is version {version[:20]!r} of k6's summary", "this perfgate reads version 1")
    results, metadata = document.needed("results"), document.needed("metadata")
    metrics = _by_name(results.member("metrics"))
    checks = _by_name(results.member("checks").member("metrics"))
    seconds = document.member("config").amount("duration")
    summary = Summary(
        metrics,
        held=None,
        seconds=seconds,
        failed=_matches(metrics, "http_req_failed"),
        checks=(_matches(checks, "checks_succeeded"), _matches(checks, "checks_failed")),
    )
    ended = metadata.moment("generated_at")
    yield ParsedRun(
        source.digest,
        None if ended is None else ended - (seconds or 0.0),
        (scenario_of(summary),),
        versions={ENGINE: metadata.text("k6_version")},
    )


def _by_name(metrics: Node) -> dict[str, Node]:
    return {metric.text("name"): metric.member("values") for metric in metrics.items()}


def _matches(metrics: dict[str, Node], name: str) -> int | None:
    return metrics[name].count("matches") if name in metrics else None
