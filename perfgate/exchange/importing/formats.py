"""The formats that can be imported, and which of them a file has: its contents decide, not its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from perfgate.errors import MistakeError, did_you_mean
from perfgate.exchange.importing.assembling import ImportOverrides, assembled
from perfgate.exchange.importing.parsed_run import CompleteRun, ParsedRun
from perfgate.exchange.importing.places import at
from perfgate.exchange.importing.readers import (
    github_action_benchmark,
    hyperfine,
    jtl,
    k6_csv,
    k6_handle_summary,
    k6_json,
    k6_machine_summary,
    k6_summary_export,
    locust_json,
    locust_stats,
    oha,
    perfgate_csv,
    plain_csv,
    pytest_benchmark,
    vegeta_report,
    vegeta_results,
)
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.importing.unreadable import refuse_binary, refuse_relatives


class FormatReader(Protocol):
    """The module of a format. Both functions raise MistakeError where the file is damaged."""

    def recognises(self, source: SourceFile) -> bool:
        """Whether the file is of this format."""

    def read(self, source: SourceFile) -> Iterable[ParsedRun | CompleteRun]:
        """The runs in the file."""


@dataclass(frozen=True)
class ImportFormat:
    """One format that can be imported.

    name: as --format takes it.
    tool: the tool that writes it.
    meaning: how such a file is made.
    reader: the module that reads it.
    """

    name: str
    tool: str
    meaning: str
    reader: FormatReader


FORMATS = {
    one.name: one
    for one in (
        ImportFormat("k6-summary", "k6", "k6 run --summary-export FILE", k6_summary_export),
        ImportFormat("k6-handle-summary", "k6", "JSON.stringify(data) in k6's handleSummary(data)", k6_handle_summary),
        ImportFormat("k6-machine-summary", "k6", "k6 run --new-machine-readable-summary", k6_machine_summary),
        ImportFormat("k6-json", "k6", "k6 run --out json=FILE", k6_json),
        ImportFormat("k6-csv", "k6", "k6 run --out csv=FILE", k6_csv),
        ImportFormat("locust-stats", "locust", "locust --csv NAME: NAME_stats.csv", locust_stats),
        ImportFormat("locust-json", "locust", "locust --json > FILE", locust_json),
        ImportFormat("jtl", "jmeter", "a request log of JMeter, or of Locust's JmeterListener", jtl),
        ImportFormat("oha", "oha", "oha --output-format json", oha),
        ImportFormat("vegeta", "vegeta", "vegeta encode --to json", vegeta_results),
        ImportFormat("vegeta-report", "vegeta", "vegeta report --type json", vegeta_report),
        ImportFormat("hyperfine", "hyperfine", "hyperfine --export-json FILE", hyperfine),
        ImportFormat("pytest-benchmark", "pytest-benchmark", "pytest --benchmark-json FILE", pytest_benchmark),
        ImportFormat(
            "github-action-benchmark",
            "github-action-benchmark",
            "data.js of benchmark-action/github-action-benchmark",
            github_action_benchmark,
        ),
        ImportFormat("csv", "perfgate", "perfgate history export --format csv", perfgate_csv),
        ImportFormat("table", "table", "CSV with a column scenario and others of an export", plain_csv),
    )
}

_KNOWN = f"there are {', '.join(FORMATS)}; `perfgate history import --help` says more"
_START = 512
_NOTHING = ImportOverrides(None, None, None, None)


@dataclass(frozen=True)
class Imported:
    """The runs of one file.

    file_format: the format that the file has.
    runs: ready for a history.
    left_out: what could not be kept, in sentences.
    """

    file_format: ImportFormat
    runs: tuple[CompleteRun, ...]
    left_out: tuple[str, ...]


def read_file(path: Path, format_name: str | None, overrides: ImportOverrides) -> Imported:
    """The runs that a file holds. MistakeError where it is of no known format, damaged or has no run."""
    source = SourceFile(path)
    chosen = detected(source) if format_name is None else _named(source, format_name)
    found = list(chosen.reader.read(source))
    if any(isinstance(one, CompleteRun) for one in found) and overrides != _NOTHING:
        raise MistakeError("it says all of its runs itself", "leave --commit, --date, --branch and --scenario out")
    if len(found) > 1 and (overrides.commit is not None or overrides.date is not None):
        raise MistakeError("it holds runs with commits and dates of their own", "leave --commit and --date out")
    runs = [
        one if isinstance(one, CompleteRun) else _assembled(one, chosen, overrides, one_of_many=len(found) > 1)
        for one in found
        if isinstance(one, CompleteRun) or any(scenario.named for scenario in one.scenarios)
    ]
    left_out = [text for one in found if isinstance(one, ParsedRun) for text in one.left_out]
    if not runs:
        why = f": {left_out[0]}" if left_out else ""
        raise MistakeError(f"it is {chosen.name}, and there is nothing in it that can be kept{why}", "write it again")
    return Imported(chosen, tuple(runs), tuple(left_out))


def _assembled(run: ParsedRun, chosen: ImportFormat, overrides: ImportOverrides, one_of_many: bool) -> CompleteRun:
    try:
        return assembled(run, chosen.name, chosen.tool, overrides)
    except MistakeError as error:
        place = f"commit {run.commit[:12]}" if run.commit else f"the run of {run.started_at or 'no date'}"
        raise (at(place, error) if one_of_many else error) from None


def detected(source: SourceFile) -> ImportFormat:
    """The one format that the file has. MistakeError where it is none of them, or could be several."""
    start = source.start(_START)
    refuse_binary(start)
    if not source.first_line:
        raise MistakeError("it is empty", "write it again")
    fitting = [one for one in FORMATS.values() if one.reader.recognises(source)]
    if not fitting:
        plain_csv.refuse_without_values(source)
        refuse_relatives(source)
        raise MistakeError("it is of no format that can be imported", _KNOWN)
    if len(fitting) > 1:
        names = " or ".join(one.name for one in fitting)
        raise MistakeError(f"it could be {names}", f"say which with --format {fitting[0].name}")
    return fitting[0]


def _named(source: SourceFile, name: str) -> ImportFormat:
    if name not in FORMATS:
        raise MistakeError(f"there is no format {name!r} to import", did_you_mean(name, FORMATS))
    chosen = FORMATS[name]
    if not chosen.reader.recognises(source):
        if chosen.reader is plain_csv:
            plain_csv.refuse_without_values(source)
        raise MistakeError(f"it is no {name} file", f"such a file is made by: {chosen.meaning}; or leave --format out")
    return chosen
