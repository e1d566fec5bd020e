"""`perfgate bisect`: the commit that made it slower."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfgate.application.context import Context
from perfgate.application.plan import LoadOptions
from perfgate.cli.options import budget_option, json_option, load_options, option, take, with_context
from perfgate.config.compared import check_has_rows, metric_name

if TYPE_CHECKING:
    from perfgate.bisecting.bisection import Bisection


class _MetricType(click.ParamType[str]):
    """A metric of the catalogue that is compared."""

    name = "metric"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            metric = metric_name(value)
            check_has_rows(metric, None, None)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return metric


@click.command(
    epilog="\b\nExamples:\n  perfgate bisect v1.2.0 main\n"
    "  perfgate bisect HEAD~40 HEAD create_pet --metric service_cpu"
)
@click.argument("good")
@click.argument("bad")
@click.argument("scenario", nargs=-1)
@option("--metric", type=_MetricType(), help="Like service_cpu  [default: what differs most clearly]")
@json_option
@option("--quiet", "-q", is_flag=True, help="No progress, no report: only what --json names.")
@option("--verbose", "-v", is_flag=True, help="Every duet that the finding rests on.")
@budget_option
@load_options
@with_context
def bisect(
    context: Context,
    good: str,
    bad: str,
    scenario: tuple[str, ...],
    metric: str | None,
    json_file: str | None,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> int:
    """Find the commit after GOOD, up to BAD, that made the service slower.

    GOOD and BAD are commits, branches or tags; [service] in perfgate.toml says how a commit is started. A duet of the
    two says what differs, and by how much; then duets of the commits between them, each as long as it takes to tell
    whether the change lies between its two, at most --budget, all together at most nine times that. A commit that does
    not build, start or answer is left out, one that changes documents or tests alone is unlikely. Merges are followed
    along their first parents. SCENARIO is the name of one, or a file; all of the folder where none is given.

    Interrupted, it goes on where it was when it is called again with the same ends and load: .perfgate/bisect.json
    keeps every duet. Nothing is kept in the history.

    \b
    Exit codes: 0 where one commit, or one of some that cannot be measured apart, or several
    commits did it; 3 where nothing surely got slower, or the load was spent undecided.
    """
    from perfgate.application.bisecting.bisection import bisect as search
    from perfgate.application.planning import plan_measurement
    from perfgate.bisecting.finding import NothingSlower, Undecided
    from perfgate.cli.progress import LiveProgress
    from perfgate.cli.reports import check_files
    from perfgate.errors import ExitCode

    budget = options.pop("budget")
    check_files([json_file])
    plan = plan_measurement(context, take(LoadOptions, options), scenario, (), budget)
    found = search(context, plan, good, bad, metric, LiveProgress(quiet))
    _report(context, found, json_file, quiet, verbose)
    open_ = found.finding is None or isinstance(found.finding, (NothingSlower, Undecided))
    return ExitCode.NO_VERDICT if open_ else ExitCode.PASS


def _report(context: Context, found: Bisection, json_file: str | None, quiet: bool, verbose: bool) -> None:
    from perfgate.cli.streams import print_report
    from perfgate.report.bisection import dumps, terminal

    if not quiet:
        stream = sys.stderr if json_file == "-" else sys.stdout
        color = stream.isatty() and "NO_COLOR" not in context.environment
        print_report(terminal(found, color=color, verbose=verbose), stream)
    if json_file == "-":
        print_report(dumps(found), sys.stdout)
    elif json_file:
        Path(json_file).write_text(dumps(found) + "\n", encoding="utf-8")
