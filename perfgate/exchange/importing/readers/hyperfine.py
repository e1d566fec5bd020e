"""hyperfine --export-json FILE: durations of commands, in seconds. A command stands for a request name.

https://github.com/sharkdp/hyperfine. Older versions have no exit codes, the oldest no single times. Nothing says when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from perfgate.errors import MistakeError
from perfgate.exchange.importing.parsed_run import ParsedResult, ParsedRun, ParsedScenario, measured
from perfgate.exchange.importing.reading_json import Node
from perfgate.exchange.importing.samples import histogram_of
from perfgate.exchange.importing.source import SourceFile
from perfgate.history.stored import StoredDuration


def recognises(source: SourceFile) -> bool:
    document = source.document
    results = document.get("results") if isinstance(document, dict) else None
    return isinstance(results, list) and any(
        isinstance(result, dict) and {"command", "mean", "user", "system"} <= result.keys() for result in results
    )


def read(source: SourceFile) -> Iterator[ParsedRun]:
    found = Node(source.document).needed("results").items()
    results = tuple(replace(_result(result), place=result.place) for result in found)
    yield ParsedRun(source.digest, None, (ParsedScenario("", results),))


def _result(result: Node) -> ParsedResult:
    command = result.text("command")
    parameters = [f"{name}={value.value}" for name, value in result.member("parameters").members()]
    name = command if not parameters else f"{command} ({', '.join(parameters)})"
    times = [1000 * time.own_amount() for time in result.member("times").items()]
    codes = [code.value for code in result.member("exit_codes").items()]
    if not times:
        return ParsedResult(name, duration=_summary(result))
    if not codes:
        return ParsedResult(name, len(times), None, measured(name, histogram_of(times, result.place), None).duration)
    if len(codes) != len(times):
        raise MistakeError(f"{result.place} has {len(times)} times and {len(codes)} exit codes", "write it again")
    succeeded = [time for time, code in zip(times, codes, strict=True) if code == 0]
    failures = [code for code in codes if code != 0]
    errors = {_exit(code): failures.count(code) for code in failures}
    return measured(name, histogram_of(succeeded, result.place), len(failures), errors)


def _summary(result: Node) -> StoredDuration:
    found = {key: result.amount(key) for key in ("mean", "min", "median", "max")}
    mean, least, median, most = (None if value is None else 1000 * value for value in found.values())
    return StoredDuration(mean, least, median, most, None, None, None)


def _exit(code: object) -> str:
    return "killed by a signal" if code is None else f"exit code {code}"
