"""The metrics, from their catalogue."""

from __future__ import annotations

from perfgate.compare.rows import COMPARED
from perfgate.metrics.catalogue import METRICS, NAMED, STATS, Metric
from tools.docs.markdown import code, table


def all_metrics() -> str:
    """A row for each metric."""
    head = ("metric", "is", "unit", "statistics", "compared by", "of one request name", "better")
    return table(head, [_row(metric) for metric in METRICS.values()])


def _row(metric: Metric) -> tuple[str, ...]:
    name = f"{metric.name}{{name:...}}" if metric.name in NAMED else metric.name
    stats = ", ".join(code(stat) for stat in STATS[metric.kind])
    compared = ", ".join(code(stat) for stat in COMPARED[metric.name].stats) if metric.name in COMPARED else ""
    per_request = "yes" if metric.per_request else ""
    better = "lower" if metric.lower_is_better else "higher"
    return code(name), metric.meaning, metric.unit, stats, compared, per_request, better
