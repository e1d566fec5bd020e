"""vegeta encode --to json: a line for each request, times in nanoseconds.

https://github.com/tsenart/vegeta#encode-command. What `vegeta attack` itself writes (Go's gob) is not read; `vegeta
encode` makes this of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.errors import MistakeError
from perfgate.exchange.importing.naming import Naming
from perfgate.exchange.importing.parsed_run import ALL_REQUESTS, ParsedRun
from perfgate.exchange.importing.places import at
from perfgate.exchange.importing.reading_json import Node, parse_json
from perfgate.exchange.importing.samples import ScenarioSamples
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.importing.status_codes import error_of


def recognises(source: SourceFile) -> bool:
    record = source.record
    return isinstance(record, dict) and {"attack", "seq", "code", "latency", "timestamp"} <= record.keys()


def read(source: SourceFile) -> Iterator[ParsedRun]:
    attacks: dict[str, ScenarioSamples] = {}
    naming = Naming()
    for number, line in source.lines():
        if line.strip():
            try:
                _add(attacks, naming, Node(parse_json(line)))
            except MistakeError as error:
                raise at(f"line {number}", error) from None
    scenarios = tuple(
        samples.found(
            name, {"data_sent_bytes": samples.tally.data_sent, "data_received_bytes": samples.tally.data_received}
        )
        for name, samples in sorted(attacks.items())
    )
    if scenarios:
        began = min(samples.began for samples in attacks.values())
        yield ParsedRun(source.digest, began, scenarios, target=naming.target)


def _add(attacks: dict[str, ScenarioSamples], naming: Naming, hit: Node) -> None:
    latency, began = hit.needed("latency") and hit.amount("latency"), hit.needed_moment("timestamp")
    milliseconds = (latency or 0.0) / 1e6
    samples = attacks.setdefault(hit.text("attack"), ScenarioSamples())
    error = error_of(str(hit.count("code") or 0))
    url = hit.text("url")  # older versions do not say it
    name = naming.of(hit.text("method"), url) if url else ALL_REQUESTS
    samples.request(name, milliseconds, error, began + milliseconds / 1000, began)
    samples.tally.data_sent += hit.count("bytes_out") or 0
    samples.tally.data_received += hit.count("bytes_in") or 0
