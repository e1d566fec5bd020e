"""k6 run --out json=FILE (or FILE.gz): a line for each point of each metric.

https://grafana.com/docs/k6/latest/results-output/real-time/json/
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.errors import MistakeError
from perfgate.exchange.importing.parsed_run import ParsedRun
from perfgate.exchange.importing.places import at
from perfgate.exchange.importing.readers.k6_samples import METRICS, Points
from perfgate.exchange.importing.reading_json import Node, parse_json
from perfgate.exchange.importing.source import SourceFile

_WANTED = tuple(f'"{name}"' for name in METRICS)


def recognises(source: SourceFile) -> bool:
    record = source.record
    return isinstance(record, dict) and {"type", "metric", "data"} <= record.keys()


def read(source: SourceFile) -> Iterator[ParsedRun]:
    points = Points()
    for number, line in source.lines():
        # Most points are of metrics that do not count here; only a line that was cut must be looked at anyway.
        if line and (not line.endswith("}") or any(wanted in line for wanted in _WANTED)):
            try:
                _add(points, Node(parse_json(line)))
            except MistakeError as error:
                raise at(f"line {number}", error) from None
    if found := points.run(source.digest):
        yield found


def _add(points: Points, point: Node) -> None:
    if not isinstance(point.value, dict):
        point.refuse("an object")
    metric = point.text("metric")
    if point.text("type") != "Point" or metric not in METRICS:
        return
    data = point.needed("data")
    value = data.amount("value")
    tags = data.member("tags").value or {}
    if not isinstance(tags, dict):
        data.member("tags").refuse("an object")
    if value is None:
        raise MistakeError("data.value is missing", "was it cut short or edited? Write it again")
    points.add(metric, value, data.needed_moment("time"), tags)
