"""`perfgate history import` and `export`: runs from other tools' files, and runs for other tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfgate.application.context import Context
from perfgate.cli.options import FILE, config_option, history_option, with_context

if TYPE_CHECKING:
    from perfgate.application.stored_runs import RunWithResults, StoredRuns
    from perfgate.exchange.importing.formats import Imported
    from perfgate.history.stored import StoredResult, StoredRun

_OF_FILE = "file"
_MOST_LEFT_OUT = 5
_EXPORTED = ("csv", "jsonl", "bmf", "github-action-benchmark", "otava", "prometheus")

_IMPORT_EXAMPLES = """\
\b
Formats, found out by what is in the file: k6-summary, k6-handle-summary, k6-machine-summary, k6-json, k6-csv,
locust-stats, locust-json, jtl, oha, vegeta, vegeta-report, hyperfine, pytest-benchmark, github-action-benchmark,
csv (an export), table (a CSV of your own).

\b
Columns of a table: scenario, at least one of requests, failed, avg_ms, min_ms, med_ms, max_ms, p90_ms, p95_ms, p99_ms,
and as you have them started_at, commit_sha, branch, request, seconds, vus_max.

\b
Examples:
  perfgate history import results.json.gz --branch main --commit 3f2a9c1
  perfgate history import summary.json --date 2026-01-31T12:00:00Z --scenario checkout
  perfgate history import dev/bench/data.js --branch main --history history/perfgate.db
"""


class DateType(click.ParamType[str]):
    """A date, with or without a time (UTC without a zone), or `file` for the time the file was written."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from perfgate.errors import MistakeError
        from perfgate.exchange.importing.times import seconds_of

        text = str(value)
        if text != _OF_FILE:
            try:
                seconds_of(text)
            except MistakeError:
                self.fail(f"{text!r} is neither a date like 2026-01-31 or 2026-01-31T12:00:00Z nor 'file'", param, ctx)
        return text


@click.command("import", epilog=_IMPORT_EXAMPLES)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.option("--format", "format_name", metavar="NAME", help="What the files are  [default: what is in them says]")
@click.option("--commit", metavar="SHA", help="The commit that was measured, where the file does not say or is wrong.")
@click.option("--branch", metavar="NAME", help="The branch that was measured, likewise.")
@click.option("--date", type=DateType(), metavar="DATE", help="When it was measured, likewise; file: when written.")
@click.option("--scenario", metavar="NAME", help="What to call a scenario that has no name  [default: the tool's]")
@config_option
@history_option
@with_context
def import_(
    context: Context,
    files: tuple[Path, ...],
    format_name: str | None,
    commit: str | None,
    branch: str | None,
    date: str | None,
    scenario: str | None,
    config: Path | None,
    history: Path | None,
) -> None:
    """Put runs that other tools measured into the history, to be looked at and compared with.

    Files may be in UTF-8 or UTF-16, and packed by gzip. What a file does not say stays unknown. An imported run is of
    the testbed `imported`, so it never fails a gate. Importing a file again adds nothing. Where one file cannot be
    read, nothing is imported. The runs go to .perfgate/local.db unless --history names another; `perfgate history
    publish` shares them.
    """
    from perfgate.config.reading import load_config
    from perfgate.errors import MistakeError, Problem, ProblemsError
    from perfgate.exchange.importing.assembling import ImportOverrides
    from perfgate.exchange.importing.formats import read_file
    from perfgate.history.store import open_history

    read: dict[Path, Imported] = {}
    problems = []
    for path in dict.fromkeys(files):
        try:
            read[path] = read_file(path, format_name, ImportOverrides(_moment(date, path), commit, branch, scenario))
        except MistakeError as error:
            problems.append(Problem(str(path), error.message, error.hint))
    if problems:
        raise ProblemsError("what is to be imported; the history is as it was", problems)
    local = context.path(load_config(config, context.folder).local_history)
    with open_history(history or local, create=True) as opened:
        known = {run.record.id: run for run in opened.runs()}
        opened.add((kept.run, kept.results) for imported in read.values() for kept in imported.runs)
    for path, imported in read.items():
        _tell(path, imported, known)


def _moment(date: str | None, path: Path) -> float | None:
    """Unix seconds of --date. MistakeError where the file is not there."""
    from perfgate.errors import MistakeError
    from perfgate.exchange.importing.times import seconds_of

    if date is None:
        return None
    if date != _OF_FILE:
        return seconds_of(date)
    try:
        return path.stat().st_mtime
    except OSError as error:
        raise MistakeError(f"it cannot be read: {error.strerror}", "name a file that is there") from None


def _tell(path: Path, imported: Imported, known: Mapping[str, StoredRun]) -> None:
    added = sum(kept.run.record.id not in known for kept in imported.runs)
    old = len(imported.runs) - added
    said = [f"{added} run{'s' if added != 1 else ''} added"] if added or not old else []
    said += [f"{old} there already{_as_it_was(imported, known)}"] if old else []
    click.echo(f"{path} ({imported.file_format.name}): {', '.join(said)}")
    for text in imported.left_out[:_MOST_LEFT_OUT]:
        click.echo(f"{path}: left out: {text}", err=True)
    if len(imported.left_out) > _MOST_LEFT_OUT:
        click.echo(f"{path}: and so of {len(imported.left_out) - _MOST_LEFT_OUT} more runs", err=True)


def _as_it_was(imported: Imported, known: Mapping[str, StoredRun]) -> str:
    """What of the options has no effect on runs that are there: a run that is kept does not change."""
    pairs = [(known[kept.run.record.id], kept.run) for kept in imported.runs if kept.run.record.id in known]
    given = {
        "--branch": any(old.record.branch != new.record.branch for old, new in pairs),
        "--commit": any(old.record.commit != new.record.commit for old, new in pairs),
        "--scenario": any(set(old.scenarios) != set(new.scenarios) for old, new in pairs),
    }
    differing = [name for name, differs in given.items() if differs]
    if not differing:
        return ""
    return (
        f", and left as {'it is' if len(pairs) == 1 else 'they are'}: without the {' and '.join(differing)} given now"
    )


@click.command(
    epilog="\b\nExamples:\n  perfgate history export --format csv -o history.csv\n"
    "  bencher run --adapter json 'perfgate history export main --format bmf'\n"
    "  perfgate history export --format otava --branch main -o otava.csv"
)
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--format", "format_name", metavar="NAME", required=True, help="|".join(_EXPORTED))
@click.option("--output", "-o", type=FILE, metavar="FILE", help="Where to write  [default, and -: standard output]")
@click.option("--branch", metavar="NAME", help="Of all runs only those of this branch.")
@click.option("--testbed", help="Of all runs only those of this testbed: its id, the start of one, or its CPU.")
@click.option("--scenario", metavar="NAME", help="Of each run only this scenario.")
@config_option
@history_option
@with_context
def export(
    context: Context,
    runs: tuple[str, ...],
    format_name: str,
    output: Path | None,
    branch: str | None,
    testbed: str | None,
    scenario: str | None,
    config: Path | None,
    history: Path | None,
) -> None:
    """Write runs for other tools: csv (which import reads back), jsonl, bmf (Bencher Metric Format), otava, ...

    RUN is a run id, a git commit or branch, latest, or FILE:ID. Without it csv, jsonl and otava hold all runs, the
    oldest first, the others the latest run. Otava takes no gaps: what the newest run has, and all older ones that have
    it, too, are in its file.
    """
    from perfgate.application.shared_history import histories_to_read
    from perfgate.application.stored_runs import StoredRuns
    from perfgate.config.reading import load_config
    from perfgate.errors import UsageError, did_you_mean
    from perfgate.exchange.exporting.formats import FORMATS

    if format_name not in FORMATS:
        raise UsageError(f"there is no format {format_name!r} to export", did_you_mean(format_name, FORMATS))
    chosen = FORMATS[format_name]
    if runs and (branch or testbed):
        raise UsageError("--branch and --testbed choose among all runs", "Leave them out, or name no run.")
    if len(runs) > 1 and not chosen.of_many:
        raise UsageError(f"{format_name} holds one run", "Name one, or write a file for each.")
    with (
        histories_to_read(context, load_config(config, context.folder), history) as paths,
        StoredRuns(paths, context.folder) as stored,
    ):
        if runs or not (chosen.of_many or branch or testbed):
            found = [stored.find(run) for run in runs or ("latest",)]
        else:
            found = _found(stored, branch, testbed, newest=None if chosen.of_many else 1)
    exported = _exported(found, scenario)
    _write(output, chosen.write(exported))
    for text in chosen.left_out(exported):
        click.echo(f"left out: {text}", err=True)
    for text in chosen.remarks(exported):
        click.echo(text, err=True)


def _found(stored: StoredRuns, branch: str | None, testbed: str | None, newest: int | None) -> list[RunWithResults]:
    """The runs of a branch and a testbed; None for any. HistoryError where there are none."""
    from perfgate.history.finding import find_testbed

    machine = None if testbed is None else find_testbed(testbed, stored.testbeds().values()).id
    found = list(stored.everything(branch, machine, newest))
    if not found and (branch or testbed):
        raise stored.none_of(branch, machine)
    return found


def _exported(
    found: Sequence[RunWithResults], scenario: str | None
) -> list[tuple[StoredRun, tuple[StoredResult, ...]]]:
    """The runs with their results, or those of one scenario. UsageError where none has that."""
    from perfgate.errors import UsageError, did_you_mean

    if scenario is None:
        return [(one.run, one.results) for one in found]
    known = sorted({name for one in found for name in one.run.scenarios})
    if scenario not in known:
        raise UsageError(f"no run has a scenario {scenario!r}", did_you_mean(scenario, known))
    return [
        (replace(one.run, scenarios=(scenario,)), tuple(row for row in one.results if row.scenario == scenario))
        for one in found
        if scenario in one.run.scenarios
    ]


def _write(output: Path | None, pieces: Iterable[str]) -> None:
    from perfgate.errors import UsageError

    if output is None or str(output) == "-":
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}", "Name another file with -o.") from None
