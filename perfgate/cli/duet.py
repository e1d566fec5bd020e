"""`perfgate duet`: measure two targets in pairs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from perfgate.application.context import Context
from perfgate.application.plan import LoadOptions
from perfgate.cli.options import (
    ReportOptions,
    budget_option,
    explain_option,
    load_options,
    margin_option,
    report_options,
    take,
    with_context,
)


@click.command(
    epilog="\b\nExamples:\n  perfgate duet ref:main worktree\n"
    "  perfgate duet petstore 'petstore?slow=20%' create_pet --budget 30s"
)
@click.argument("base")
@click.argument("head")
@click.argument("scenario", nargs=-1)
@budget_option
@margin_option
@explain_option
@load_options
@report_options
@with_context
def duet(context: Context, base: str, head: str, scenario: tuple[str, ...], **options: Any) -> int:
    """Measure BASE and HEAD in pairs, until no row can have regressed; else for the whole budget.

    A pair is a round on each, next to each other in random order, so that whatever else the machine does
    happens to both. SCENARIO is the name of one, or a file; all of the folder where none is given.
    """
    from perfgate.application.explaining import Explain
    from perfgate.application.judging import judge_duet
    from perfgate.application.measurement import DuetTargets, measure_duet
    from perfgate.application.measuring import shown_target
    from perfgate.application.planning import command_line, plan_measurement
    from perfgate.cli.progress import LiveProgress
    from perfgate.cli.reports import check_outputs, publish
    from perfgate.report.page.details import NO_DETAILS

    budget, margins = options.pop("budget"), options.pop("margins")
    when = Explain.ALWAYS if options.pop("explain") else Explain.NEVER
    load, report = take(LoadOptions, options), take(ReportOptions, options)
    check_outputs(report)
    plan = plan_measurement(context, load, scenario, margins, budget)
    progress = LiveProgress(report.quiet)
    measured = measure_duet(context, plan, DuetTargets(base, head), "duet", progress, explain=when)
    shown = [shown_target(measured.base.record), shown_target(measured.head.record)]
    verdict = judge_duet(context, plan, measured, command_line("duet", shown, plan, load))
    code = publish(context, verdict, report, lambda: replace(NO_DETAILS, runs=measured.runs, seen=measured.seen))
    return measured.ending.exit_code(code)
