"""`perfgate history`: a look into the history file, and the group of all that can be done to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfgate.application.context import Context
from perfgate.cli.history.care import check, prune
from perfgate.cli.history.exchange import export, import_
from perfgate.cli.history.git import merge, publish, setup_git, textconv
from perfgate.cli.options import config_option, history_option, with_context
from perfgate.metrics.catalogue import unit_of
from perfgate.report.numbers import metric_name
from perfgate.units import format_second, format_value

if TYPE_CHECKING:
    from perfgate.application.stored_runs import RunWithResults, StoredRuns
    from perfgate.history.dependency_rows import StoredDependency
    from perfgate.history.stored import StoredLoad
    from perfgate.metrics.run import RunRecord

_NEWEST = 20


@click.group(epilog="\b\nExample:\n  perfgate history list --limit 5")
def history() -> None:
    """Look into the history, an SQLite file that any tool can open, and keep it in git.

    Without --history, both are read: the runs of this checkout (.perfgate/local.db) and those that are kept in
    the repository (history/perfgate.db).
    """


for _command in (merge, publish, setup_git, textconv, check, prune, import_, export):
    history.add_command(_command)


@history.command("list", epilog="\b\nExample:\n  perfgate history list --branch main --limit 5")
@click.option(
    "--limit", type=click.IntRange(1), default=_NEWEST, show_default=True, help="How many runs, newest first."
)
@click.option("--branch", help="Only runs of this branch.")
@config_option
@history_option
@with_context
def list_(context: Context, limit: int, branch: str | None, config: Path | None, history: Path | None) -> None:
    """List the runs, the newest first."""
    from tabulate import tabulate

    with _stored(context, config, history) as stored:
        runs, count = stored.runs(branch, limit), stored.count(branch)
        if branch and not runs:
            raise stored.none_of(branch, None)
    rows = [
        (
            run.record.id,
            _when(run.record),
            run.record.branch,
            run.record.commit[:7] + ("*" if run.record.dirty else ""),
            run.record.side or ("import" if run.record.imported_from else "run"),
            run.record.target,
            ", ".join(run.scenarios),
            "" if run.finished else "unfinished",
        )
        for run in runs
    ]
    headers = ("run", "started (UTC)", "branch", "commit", "side", "target", "scenarios", "")
    click.echo(tabulate(rows, headers, tablefmt="simple", disable_numparse=True))
    if count > limit:
        click.echo(f"\n{count - limit} older runs are left out; --limit {count} shows all.")


@history.command("show", epilog="\b\nExample:\n  perfgate history show latest")
@click.argument("run", default="latest")
@config_option
@history_option
@with_context
def show(context: Context, run: str, config: Path | None, history: Path | None) -> None:
    """Show one run: RUN is a run id, a git commit or branch, latest (default), or FILE:ID in another history."""
    with _stored(context, config, history) as stored:
        found = stored.find(run)
    click.echo(_record_text(found))
    click.echo()
    click.echo(_results_text(found))


@contextmanager
def _stored(context: Context, config: Path | None, history: Path | None) -> Iterator[StoredRuns]:
    from perfgate.application.shared_history import histories_to_read
    from perfgate.application.stored_runs import StoredRuns
    from perfgate.config.reading import load_config

    with (
        histories_to_read(context, load_config(config, context.folder), history) as paths,
        StoredRuns(paths, context.folder) as stored,
    ):
        yield stored


def _when(record: RunRecord) -> str:
    return format_second(record.started_at)


def _record_text(found: RunWithResults) -> str:
    record = found.run.record
    facts = {
        "run": record.id + ("" if found.run.finished else " (did not come to its end)"),
        "started": f"{_when(record)} UTC",
        "command": f"perfgate {record.command}" + (f", {record.side} of duet {record.duet}" if record.duet else ""),
        "target": record.target or "unknown",
        "commit": f"{record.commit[:12] or 'unknown'}" + (" with uncommitted changes" if record.dirty else ""),
        "branch": record.branch or "unknown",
        **({"testbed": "unknown"} if record.imported_from else _testbed_facts(record)),
        "versions": ", ".join(f"{name} {version}" for name, version in record.versions.items()) or "unknown",
    }
    if record.imported_from:
        facts["command"] = f"imported from {record.imported_from}"
    for result in found.results:
        if record.imported_from and result.load and result.load.warnings:
            facts[f"on {result.scenario}"] = "; ".join(result.load.warnings)
        if result.dependencies:
            facts[f"used by {result.scenario}"] = "; ".join(
                f"{name}, {_used(one)}" for name, one in result.dependencies.items()
            )
        if result.counts_by_metric:
            place = result.scenario if result.request is None else f"{result.request} of {result.scenario}"
            facts[f"counted in {place}"] = "; ".join(
                f"{metric_name(metric, 'value')} {format_value(value, unit_of(metric, 'value'))}"
                for metric, value in result.counts_by_metric.items()
            )
    width = max(map(len, facts))
    return "\n".join(f"{name:<{width}}  {text}" for name, text in facts.items())


def _used(dependency: StoredDependency) -> str:
    """ "1.50 ms of CPU a request, 48.0 MB"."""
    known = [
        *([] if dependency.cpu_ms is None else [f"{format_value(dependency.cpu_ms, 'ms')} of CPU a request"]),
        *([] if dependency.memory_bytes is None else [format_value(dependency.memory_bytes, "bytes")]),
    ]
    return ", ".join(known) or "not read"


def _testbed_facts(record: RunRecord) -> dict[str, str]:
    testbed = record.testbed
    return {
        "testbed": f"{testbed.cpu_model}, {testbed.cores} cores, {testbed.memory_bytes / 2**30:.0f} GiB ({testbed.id})",
        "kernel": testbed.kernel + (f", image {testbed.image}" if testbed.image else ""),
        "CPUs": ", ".join(f"{who} {','.join(map(str, cpus)) or 'any'}" for who, cpus in record.cpus.items()),
        "seed": str(record.seed),
    }


def _compliance(load: StoredLoad) -> str:
    """ "2 of 3": how many of the thresholds held; "-" where none was declared."""
    return f"{load.thresholds_passed or 0} of {load.thresholds_total}" if load.thresholds_total else "-"


def _results_text(found: RunWithResults) -> str:
    from tabulate import tabulate

    from perfgate.units import format_count, format_milliseconds, format_percent, format_rate

    def milliseconds(value: float | None) -> str:
        return "-" if value is None else format_milliseconds(value)

    def counted(value: int | None) -> str:
        return "-" if value is None else format_count(value)

    rows = []
    for result in found.results:
        failed = result.read("http_req_failed", "rate")
        rate = result.read("http_reqs", "rate")
        rows.append(
            (
                result.scenario if result.request is None else f"· {result.request}",
                *(
                    milliseconds(result.read("http_req_duration", stat))
                    for stat in ("avg", "med", "p(95)", "p(99)", "max")
                ),
                counted(result.requests),
                "-" if rate is None else format_rate(rate),
                "-" if failed is None else format_percent(failed),
                milliseconds(result.read("service_cpu", "value")) if result.request is None else "",
                counted(result.load.vus_max) if result.load else "",
                f"{result.load.rounds - result.load.invalid_rounds} of {result.load.rounds}" if result.load else "",
                _compliance(result.load) if result.load else "",
            )
        )
    headers = (
        "scenario",
        "avg",
        "med",
        "p(95)",
        "p(99)",
        "max",
        "requests",
        "rate",
        "errors",
        "CPU/request",
        "VUs",
        "rounds",
        "thresholds",
    )
    right = ("left", *["right"] * (len(headers) - 1))
    return tabulate(rows, headers, tablefmt="simple", colalign=right, disable_numparse=True)
