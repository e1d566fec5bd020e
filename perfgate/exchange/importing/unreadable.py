"""Files that people take for one that can be imported, and what makes one of them that is."""

from __future__ import annotations

import re

from perfgate.errors import MistakeError
from perfgate.exchange.importing.columns import columns_of
from perfgate.exchange.importing.source import SourceFile

_VEGETA = "import what `vegeta encode --to json FILE > FILE.json` makes of it"
_UNPACK = "unpack it, and import what was in it"
_STATS = "import NAME_stats.csv, which `locust --csv NAME` writes beside it"
_JMETER = "let JMeter write CSV: jmeter.save.saveservice.output_format=csv"
_LOG = "import the log that it was made of: `jmeter -n -t PLAN -l FILE.jtl` writes it"
_HEADER = "let JMeter name the columns: jmeter.save.saveservice.print_field_names=true; or write that line at its top"

# What a file begins with, what it is then, and what to do.
_STARTS = (
    (re.compile(rb"SQLite format 3\0"), "an SQLite database", "histories are put together by `perfgate history merge`"),
    (re.compile(rb"PK\x03\x04"), "a ZIP archive", _UNPACK),
    (re.compile(rb"(?s).{257}ustar"), "a tar archive", _UNPACK),
    (re.compile(rb"BZh|\xfd7zXZ|\x28\xb5\x2f\xfd"), "packed, and not by gzip", _UNPACK),
    (re.compile(rb"version https://git-lfs"), "a pointer of Git LFS", "fetch what it points to: `git lfs pull`"),
    (re.compile(rb"(?s)\s*(<\?xml.*)?<testResults"), "JMeter's log as XML", _JMETER),
    (re.compile(rb"(?i)\s*<(!doctype )?html"), "a web page, made for people", "import the data that it was made of"),
)
# What known tools print for people, by a line of it, and how each writes a file that can be imported.
_PRINTED = (
    (re.compile(r"(?m)^ *http_req_duration\.*: avg=|^ *scenarios: \(\d|\|‾‾\|"), "k6", "k6 run --summary-export FILE"),
    (re.compile(r"(?m)^Type +Name +# reqs|locust\.main: "), "locust", "locust --csv NAME"),
    (re.compile(r"(?m)^ *Success rate:.*\n *Total:"), "oha", "oha --output-format json > FILE"),
    (re.compile(r"(?m)^Requests +\[total, rate"), "vegeta", "vegeta report --type json > FILE"),
    (re.compile(r"(?m)^(Time \(mean ± σ\)|Benchmark \d+: )"), "hyperfine", "hyperfine --export-json FILE"),
)
# Tools that load services as those do that can be imported, whose files have no reader here: by their first line, ...
_TABLE = "make a CSV of its figures that has a column scenario: `perfgate history import --help` tells the others"
_FIRST_LINES = (
    (re.compile(r"Running \S+ test @ "), "what wrk prints"),
    (re.compile(r"Summary:"), "what hey prints"),
    (re.compile(r"Bombarding "), "what bombardier prints"),
    (re.compile(r"This is ApacheBench|Percentage served,Time in ms|starttime\tseconds\tctime"), "a file of ab"),
    (re.compile(r"response-time,DNS\+dialup,"), "a list of requests by hey"),
    (re.compile(r"RUN\t|ASSERTION\t"), "Gatling's log of a simulation"),
)
# ... and by the keys of their JSON.
_DOCUMENTS = (
    ({"latency", "requests", "throughput"}, "a result of autocannon"),
    ({"aggregate", "intermediate"}, "a report of Artillery"),
    ({"type", "name", "path", "contents", "stats"}, "the statistics of a Gatling report"),
    ({"spec", "result"}, "a result of bombardier"),
)
# A row of JMeter's log: Unix time in ms or a date, a duration, a label, a status code.
_JTL_ROW = re.compile(r"(\d{13}|\d{4}[-/]\d\d[-/]\d\d \d\d:\d\d:\d\d[.\d]*)[,;\t]\d+[,;\t]")
# A row of vegeta's CSV, which names no columns: Unix time in ns, status code, latency in ns.
_VEGETA_ROW = re.compile(r"\d{19},\d{1,3},\d+,")
# Enough of what a tool prints to find its name in.
_PRINTED_BYTES = 16 * 2**10
_LOCUST = (
    ({"Timestamp", "User Count", "Type", "Name"}, "Locust's history of a run"),
    ({"Method", "Name", "Error", "Occurrences"}, "Locust's list of failures"),
    ({"Count", "Message", "Traceback"}, "Locust's list of exceptions"),
)


def refuse_binary(start: bytes) -> None:
    """MistakeError for a file whose first bytes say that it is not text in a known format."""
    if b"\x06Result" in start and b"\0" in start:
        raise MistakeError("it is vegeta's own binary format", _VEGETA)
    for mark, what, hint in _STARTS:
        if mark.match(start):
            raise MistakeError(f"it is {what}", hint)


def refuse_relatives(source: SourceFile) -> None:
    """MistakeError for a file that a known tool has written beside the one that can be imported."""
    columns = columns_of(source.first_line)
    for own, what in _LOCUST:
        if own <= columns:
            raise MistakeError(f"it is {what}", _STATS)
    if {"Label", "# Samples", "Average"} <= columns:
        raise MistakeError("it is a report of JMeter's, not its log", _LOG)
    if _JTL_ROW.match(source.first_line):
        raise MistakeError("it is JMeter's log without the names of its columns", _HEADER)
    if _VEGETA_ROW.match(source.first_line):
        raise MistakeError("it is vegeta's CSV", _VEGETA)
    printed = source.start(_PRINTED_BYTES).decode(errors="replace")
    for mark, tool, instead in _PRINTED:
        if mark.search(printed):
            raise MistakeError(f"it is what {tool} prints, which is made for people", f"import what `{instead}` writes")
    for start, what in _FIRST_LINES:
        if start.match(source.first_line):
            raise MistakeError(f"it is {what}, which cannot be imported", _TABLE)
    document = source.document
    if isinstance(document, dict) and _is_dashboard(document):
        raise MistakeError("it is a report of JMeter's, not its log", _LOG)
    for keys, what in _DOCUMENTS:
        if isinstance(document, dict) and keys <= document.keys():
            raise MistakeError(f"it is {what}, which cannot be imported", _TABLE)
    if isinstance(document, dict) and str(document.get("schema")).startswith("perfgate.result/"):
        raise MistakeError(
            "it is a result of perfgate, whose runs are in a history", "`perfgate history merge` takes that"
        )


def _is_dashboard(document: dict[str, object]) -> bool:
    """Whether JSON is the statistics.json of JMeter's HTML report."""
    total = document.get("Total")
    return isinstance(total, dict) and "sampleCount" in total
