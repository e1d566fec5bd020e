"""A request log as JMeter writes it (JTL, as CSV), and Locust with the JmeterListener of locust-plugins.

https://jmeter.apache.org/usermanual/listeners.html#csvlogformat. timeStamp is Unix time in ms, or a date; a date that
names no zone is taken for UTC.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.errors import MistakeError
from perfgate.exchange.importing.columns import Line, columns_of, table_of
from perfgate.exchange.importing.parsed_run import ParsedRun, without_seconds
from perfgate.exchange.importing.places import at
from perfgate.exchange.importing.readers.jtl_transactions import JtlRow, Transactions, is_empty, sums_up
from perfgate.exchange.importing.samples import ScenarioSamples
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.importing.times import plausible, seconds_of

_IN_MILLISECONDS = "let JMeter write milliseconds: jmeter.save.saveservice.timestamp_format=ms"


def recognises(source: SourceFile) -> bool:
    return {"timeStamp", "elapsed", "label", "success"} <= columns_of(source.first_line)


def read(source: SourceFile) -> Iterator[ParsedRun]:
    samples, transactions, threads, whole_seconds = ScenarioSamples(), Transactions(), 0, True
    for line in table_of(source):
        row = _row(line)
        if is_empty(line):
            continue
        try:
            _add(samples, transactions, row)
        except MistakeError as error:
            raise at(f"line {line.number}", error) from None
        threads = max(threads, line.count("allThreads") or 0)
        whole_seconds = whole_seconds and row.began == int(row.began)
    transactions.add_in_place_of_parts(samples)
    if samples.tally.requests:
        load = {
            "vus_max": threads or None,
            "data_sent_bytes": samples.tally.data_sent or None,
            "data_received_bytes": samples.tally.data_received or None,
        }
        scenario, note = transactions.beside(samples.found("", load))
        found = ParsedRun(source.digest, samples.began, (scenario,), left_out=(note,) if note else ())
        yield without_seconds(found) if whole_seconds else found


def _row(line: Line) -> JtlRow:
    return JtlRow(
        label=line.text("label"),
        thread=(line.text("Hostname"), line.text("threadName")),
        began=line.moment("timeStamp", _moment),
        milliseconds=line.needed("elapsed"),
        error=_error(line),
        sent=line.count("sentBytes") or 0,
        received=line.count("bytes") or 0,
        sums_up=sums_up(line),
    )


def _add(samples: ScenarioSamples, transactions: Transactions, row: JtlRow) -> None:
    if row.sums_up:
        transactions.add(row)
        return
    transactions.part(row)
    samples.request(row.label, row.milliseconds, row.error, row.ended, row.began)
    samples.tally.data_sent += row.sent
    samples.tally.data_received += row.received


def _moment(text: str) -> float:
    if text.isdecimal():
        return plausible(float(text) / 1000)
    try:
        return seconds_of(text.replace("/", "-"))
    except MistakeError as error:
        raise MistakeError(error.message, _IN_MILLISECONDS) from None


def _error(line: Line) -> str:
    if line.text("success").lower() == "true":
        return ""
    code = line.text("responseCode")
    if code.isdecimal() and int(code):
        return f"status {code}"
    return "failed" if code in ("", "0") else code  # JMeter names the exception there, Locust's listener writes 0
