"""k6 run --out csv=FILE (or FILE.gz): a line for each point of each metric, times in whole seconds (or as configured).

https://grafana.com/docs/k6/latest/results-output/real-time/csv/. The columns are tags, fewer in older versions.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.errors import MistakeError
from perfgate.exchange.importing.columns import columns_of, table_of
from perfgate.exchange.importing.parsed_run import ParsedRun, without_seconds
from perfgate.exchange.importing.places import at
from perfgate.exchange.importing.readers.k6_samples import METRICS, Points
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.importing.times import plausible, seconds_of

# K6_CSV_TIME_FORMAT: unix, unix_milli, unix_micro, unix_nano, rfc3339, rfc3339_nano. Digits tell the first four apart
# from 1973 to 2286.
_OF_WHOLE_SECONDS = 10
_SCALES = {10: 1.0, 13: 1e3, 16: 1e6, 19: 1e9}


def recognises(source: SourceFile) -> bool:
    return {"metric_name", "timestamp", "metric_value"} <= columns_of(source.first_line)


def read(source: SourceFile) -> Iterator[ParsedRun]:
    points, whole_seconds = Points(), True
    for line in table_of(source):
        if line.text("metric_name") in METRICS:
            value, moment = line.needed("metric_value"), line.moment("timestamp", _moment)
            try:
                points.add(line.text("metric_name"), value, moment, line.cells)
            except MistakeError as error:
                raise at(f"line {line.number}", error) from None
            whole_seconds = whole_seconds and _is_whole(line.text("timestamp"))
    if found := points.run(source.digest):
        yield without_seconds(found) if whole_seconds else found


def _is_whole(text: str) -> bool:
    """Whether a moment is written to the second."""
    return len(text) == _OF_WHOLE_SECONDS if text.isdecimal() else "." not in text


def _moment(text: str) -> float:
    if text.isdecimal():
        return plausible(float(text) / _SCALES.get(len(text), 1.0))
    return seconds_of(text)
