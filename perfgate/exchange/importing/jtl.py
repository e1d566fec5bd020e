"""A request log as JMeter writes it (JTL, as CSV), and Locust with the JmeterListener of locust-plugins.

https://jmeter.apache.org/usermanual/listeners.html#csvlogformat. timeStamp is Unix time in ms, or a date; a date that
names no zone is taken for UTC.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.exchange.importing.columns import Line, columns_of, table_of
from perfgate.exchange.importing.parsed_run import ParsedRun, without_seconds
from perfgate.exchange.importing.samples import ScenarioSamples
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.importing.times import plausible, seconds_of


def recognises(source: SourceFile) -> bool:
    return {"timeStamp", "elapsed", "label", "success"} <= columns_of(source.first_line)


def read(source: SourceFile) -> Iterator[ParsedRun]:
    samples, threads, whole_seconds = ScenarioSamples(), 0, True
    for line in table_of(source):
        began, elapsed = _moment(line), line.needed("elapsed")
        samples.request(line.text("label"), elapsed, _error(line), began + elapsed / 1000, began)
        samples.tally.data_sent += line.count("sentBytes") or 0
        samples.tally.data_received += line.count("bytes") or 0
        threads = max(threads, line.count("allThreads") or 0)
        whole_seconds = whole_seconds and began == int(began)
    if samples.tally.requests:
        load = {
            "vus_max": threads or None,
            "data_sent_bytes": samples.tally.data_sent or None,
            "data_received_bytes": samples.tally.data_received or None,
        }
        found = ParsedRun(source.digest, samples.began, (samples.found("", load),))
        yield without_seconds(found) if whole_seconds else found


def _moment(line: Line) -> float:
    text = line.text("timeStamp")
    return plausible(int(text) / 1000) if text.isdecimal() else seconds_of(text.replace("/", "-"))


def _error(line: Line) -> str:
    if line.text("success").lower() == "true":
        return ""
    code = line.text("responseCode")
    if code.isdecimal() and int(code):
        return f"status {code}"
    return "failed" if code in ("", "0") else code  # JMeter names the exception there, Locust's listener writes 0
