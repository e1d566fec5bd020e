"""`perfgate trend`: the history as a table with sparklines and change points, and as charts."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfgate.application.context import Context
from perfgate.cli.options import (
    FILE,
    SINCE,
    config_option,
    history_option,
    json_option,
    markdown_option,
    take,
    with_context,
)

if TYPE_CHECKING:
    from perfgate.application.stored_runs import StoredRuns
    from perfgate.application.trend_query import Choice
    from perfgate.config.values import Config
    from perfgate.history.values import Statistic
    from perfgate.report.trend.release_issue import WaySince
    from perfgate.report.trend.trends import Trends

_EPILOG = """\
\b
Examples:
  perfgate trend
  perfgate trend create_pet --stat 'p(95)' --since 90d
  perfgate trend --html trend.html --commit-url 'https://github.com/OWNER/NAME/commit/{sha}'
  perfgate trend --issue
"""


@dataclass(frozen=True)
class _Outputs:
    """Where it goes. A file of "-" is standard output."""

    json_file: str | None
    markdown_file: str | None
    png: Path | None
    svg: Path | None
    html: Path | None


@click.command(epilog=_EPILOG)
@click.argument("scenarios", metavar="[SCENARIO]...", nargs=-1)
@click.option("--metric", help="Like service_cpu or 'dependency_cpu{name:db}'  [default: http_req_duration]")
@click.option("--stat", help="Its statistic, like med or p(95)  [default: med, rate or value]")
@click.option("--since", type=SINCE, metavar="DATE", help="From a day or age on, such as 2026-01-31, 90d, 12w or 2y.")
@click.option("--limit", type=click.IntRange(1), help="Newest runs of each testbed  [default: 200; all with --since]")
@click.option("--branch", help="Whose runs  [default: the default branch, or that of the newest run]")
@click.option("--testbed", help="Only this machine: its id, the start of one, or a part of its CPU's name.")
@config_option
@history_option
@json_option
@markdown_option
@click.option("--png", type=FILE, metavar="FILE", help="Draw the charts as an image.")
@click.option("--svg", type=FILE, metavar="FILE", help="Draw them as vectors.")
@click.option("--html", type=FILE, metavar="FILE", help="Write one page with all charts, to zoom and to hover.")
@click.option("--commit-url", metavar="URL", help="Of a commit, with {sha}  [default: from the remote on GitHub]")
@click.option("--issue", is_flag=True, help="Keep a GitHub issue for each slowdown of the default branch.")
@with_context
def trend(
    context: Context,
    scenarios: tuple[str, ...],
    config: Path | None,
    history: Path | None,
    issue: bool,
    **options: Any,
) -> None:
    """Show how the stored runs went: sparklines, change points with their commits, and where the next run should lie.

    SCENARIO is the name of one; all of them if left out. Runs are those that `perfgate compare` takes for a baseline:
    they finished, and heads of duets are left out. Charts need an extra: pip install 'perfgate[chart]'.

    --issue: where the newest three runs or more confirm that a gated row got worse, by 70 % of its margin at least, one
    issue says what, how much, between which commits, and how to find the one. It is edited, not repeated, and closed
    when the level is back; one that somebody closed is not opened again. Rows that are worse than the pinned release
    by more than their margin have one of their own. GITHUB_TOKEN (or PERFGATE_TOKEN) must have
    `issues: write`, and GITHUB_REPOSITORY names the repository. On a pull request nothing is done.
    """
    from perfgate.application.stored_runs import StoredRuns
    from perfgate.application.trend_query import Choice, read_trends, statistics_of
    from perfgate.config.reading import load_config

    outputs: _Outputs = take(_Outputs, options)
    _check(outputs)
    statistics = statistics_of(choice := Choice(**options))
    if issue:
        _check_whole(scenarios, choice)
    loaded = load_config(config, context.folder)
    if issue:
        choice = replace(choice, branch=loaded.branch)
    shown = statistics if outputs.html or issue else statistics[:1]
    with _histories(context, loaded, history, issue) as paths, StoredRuns(paths, context.folder) as stored:
        found = read_trends(context, stored, loaded, choice, scenarios, shown)
        judged = found.on_known_machines()
        way = _way_since_release(context, stored, loaded, judged) if issue and judged.trends else None
    _write(context, found, statistics[0], outputs)
    if issue:
        _keep_issues(context, loaded, config, judged, way)


def _way_since_release(context: Context, stored: StoredRuns, loaded: Config, found: Trends) -> WaySince | None:
    from perfgate.application.pinned_release import way_since_release

    newest = max((trend.newest for trend in found.trends), key=lambda point: point.started_at)
    return way_since_release(context, stored, loaded, stored.find(newest.run))


def _histories(
    context: Context, loaded: Config, history: Path | None, published: bool
) -> AbstractContextManager[list[Path]]:
    """Whose runs are shown. published: not those of this checkout alone, which are nobody's business."""
    from perfgate.application.shared_history import histories_to_read, published_history

    if published and history is None:
        return published_history(context, loaded)
    return histories_to_read(context, loaded, history)


def _check_whole(scenarios: tuple[str, ...], choice: Choice) -> None:
    """Issues are about everything that gates on the default branch: a part would close those of the others."""
    from perfgate.errors import UsageError

    chosen = [
        f"--{name}" for name in ("metric", "stat", "since", "limit", "branch", "testbed") if getattr(choice, name)
    ]
    if scenarios or chosen:
        what = ", ".join([*scenarios, *chosen])
        raise UsageError(
            f"--issue is about all that gates on the default branch, not about {what}", f"leave out {what}"
        )


def _keep_issues(context: Context, loaded: Config, config: Path | None, found: Trends, way: WaySince | None) -> None:
    from perfgate.application.ci_job import ci_job
    from perfgate.cli.github.issues import keep_issues

    if ci_job(context.environment).is_request:
        context.say("No issue: this is a pull request, and issues are about the default branch.")
        return
    keep_issues(context, config, loaded, found, way)


def _check(outputs: _Outputs) -> None:
    """Refuse what could not be written, before anything is read."""
    from perfgate.cli.reports import check_files

    charts = [outputs.png, outputs.svg, outputs.html]
    check_files([outputs.json_file, outputs.markdown_file, *charts])
    if any(charts):
        from perfgate.report.page.document import require

        require()


def _write(context: Context, found: Trends, shown: Statistic, outputs: _Outputs) -> None:
    """The page has every statistic that was read, all else the one that is shown."""
    from perfgate.report.trend import table, trend_file

    of_one = found.of(shown.metric, shown.stat)
    if "-" not in map(str, (outputs.json_file, outputs.markdown_file, outputs.png, outputs.svg, outputs.html)):
        click.echo(table.terminal(of_one, color=sys.stdout.isatty() and "NO_COLOR" not in context.environment))
    for name, render in ((outputs.json_file, trend_file.dumps), (outputs.markdown_file, table.markdown)):
        if name == "-":
            click.echo(render(of_one))
        elif name is not None:
            Path(name).write_text(render(of_one) + "\n", encoding="utf-8")
    if outputs.png or outputs.svg or outputs.html:
        _draw(found, of_one, outputs)


def _draw(found: Trends, of_one: Trends, outputs: _Outputs) -> None:
    from perfgate.report.page import trend as page
    from perfgate.report.trend import chart

    if outputs.png:
        _save(outputs.png, chart.png(of_one))
    if outputs.svg:
        _save(outputs.svg, chart.svg(of_one).encode())
    if outputs.html:
        _save(outputs.html, page.render(found).encode())


def _save(file: Path, content: bytes) -> None:
    if str(file) == "-":
        click.echo(content, nl=False)
    else:
        file.write_bytes(content)
