"""Trends as JSON, for machines: the series with all that was found in them."""

from __future__ import annotations

import json
from typing import Any

from perfgate.compare.stored.trend import Trend
from perfgate.report.trend.trends import Trends
from perfgate.units import format_timestamp

SCHEMA = "perfgate.trend/1"


def dumps(trends: Trends) -> str:
    """The trends, without a line break at the end. Units, ratios and signs are those of a result file."""
    plain = {
        "schema": SCHEMA,
        "branch": trends.branch,
        "testbeds": [
            {
                "id": testbed.id,
                "cpu_model": testbed.cpu_model,
                "cores": testbed.cores,
                "memory_bytes": testbed.memory_bytes,
            }
            for testbed in (trends.testbeds[one] for one in trends.used)
        ],
        "trends": [_plain(trend) for trend in trends.trends],
    }
    return json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False)


def _plain(trend: Trend) -> dict[str, Any]:
    row, band, interval = trend.row, trend.baseline, trend.interval
    return {
        "scenario": row.scenario,
        "request": row.request,
        "metric": row.metric,
        "stat": row.stat,
        "unit": row.unit,
        "testbed": trend.testbed,
        "change": trend.change,
        "low": interval and interval.low,
        "high": interval and interval.high,
        "verdict": trend.verdict.value,
        "baseline": band and {"low": band.low, "centre": band.centre, "high": band.high, "runs": band.runs},
        "stretches": [
            {
                "start": stretch.start,
                "end": stretch.end,
                "begins": stretch.begins.value,
                "commit": trend.points[stretch.start].commit,
                "level": stretch.level,
                "change": stretch.change,
            }
            for stretch in trend.stretches
        ],
        "points": [
            {
                "run": point.run,
                "started_at": format_timestamp(point.started_at),
                "commit": point.commit,
                "dirty": point.dirty,
                "value": point.value,
            }
            for point in trend.points
        ],
    }
