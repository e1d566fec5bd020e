"""What k6 hands to handleSummary(data), written as JSON: statistics under `values`, a threshold as `{"ok": true}`.

It says how long the run took, and not when it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.exchange.importing.parsed_run import ParsedRun
from perfgate.exchange.importing.readers.k6_summary import Summary, scenario_of
from perfgate.exchange.importing.reading_json import Node
from perfgate.exchange.importing.source import SourceFile


def recognises(source: SourceFile) -> bool:
    document = source.document
    metrics = document.get("metrics") if isinstance(document, dict) else None
    if not isinstance(metrics, dict):
        return False
    return "state" in document or any(isinstance(metric, dict) and "values" in metric for metric in metrics.values())


def read(source: SourceFile) -> Iterator[ParsedRun]:
    document = Node(source.document)
    metrics = dict(document.needed("metrics").members())
    milliseconds = document.member("state").amount("testRunDurationMs")
    values = {name: metric.member("values") for name, metric in metrics.items()}
    summary = Summary(
        values,
        held=tuple(
            bool(ok.value) if isinstance(ok.value, bool) else ok.refuse("true or false")
            for metric in metrics.values()
            for _, threshold in metric.member("thresholds").members()
            for ok in [threshold.member("ok")]
        ),
        seconds=None if milliseconds is None else milliseconds / 1000,
        failed=values["http_req_failed"].count("passes") if "http_req_failed" in values else None,
        checks=(
            (values["checks"].count("passes"), values["checks"].count("fails")) if "checks" in values else (None, None)
        ),
    )
    yield ParsedRun(source.digest, None, (scenario_of(summary),))
