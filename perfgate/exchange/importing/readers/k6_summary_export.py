"""k6 run --summary-export FILE: statistics lie flat in their metric, and a threshold is `true` where it was crossed.

That a threshold's boolean says whether it failed is how it was made and is kept: https://github.com/grafana/k6/issues/1498.
It says nothing of when it was measured.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.exchange.importing.parsed_run import ParsedRun
from perfgate.exchange.importing.readers.k6_summary import OWN, Summary, scenario_of
from perfgate.exchange.importing.reading_json import Node
from perfgate.exchange.importing.source import SourceFile


def recognises(source: SourceFile) -> bool:
    document = source.document
    metrics = document.get("metrics") if isinstance(document, dict) else None
    if not isinstance(metrics, dict) or "state" in document:
        return False
    flat = not any(isinstance(metric, dict) and "values" in metric for metric in metrics.values())
    return flat and ("root_group" in document or bool(OWN & metrics.keys()))


def read(source: SourceFile) -> Iterator[ParsedRun]:
    metrics = dict(Node(source.document).needed("metrics").members())
    summary = Summary(
        metrics,
        held=tuple(
            not crossed.value if isinstance(crossed.value, bool) else crossed.refuse("true or false")
            for metric in metrics.values()
            for _, crossed in metric.member("thresholds").members()
        ),
        seconds=_seconds(metrics),
        failed=metrics["http_req_failed"].count("passes") if "http_req_failed" in metrics else None,
        checks=(
            (metrics["checks"].count("passes"), metrics["checks"].count("fails"))
            if "checks" in metrics
            else (None, None)
        ),
    )
    yield ParsedRun(source.digest, None, (scenario_of(summary),))


def _seconds(metrics: dict[str, Node]) -> float | None:
    """A counter's rate is its count over the length of the run."""
    for name in ("iterations", "http_reqs"):
        if name in metrics:
            count, rate = metrics[name].amount("count"), metrics[name].amount("rate")
            if count and rate:
                return count / rate
    return None
