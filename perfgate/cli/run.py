"""`perfgate run`: measure one target."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from perfgate.application.context import Context
from perfgate.application.plan import LoadOptions
from perfgate.cli.options import ReportOptions, load_options, option, report_options, take, with_context


@click.command(epilog="\b\nExample:\n  perfgate run create_pet --target http://localhost:8080/api/v3 --duration 10s")
@click.argument("scenario", nargs=-1)
@option("--target", help="Target to load  [default: [gate] head; ref:HEAD with [service]; petstore]")
@load_options
@report_options
@with_context
def run(context: Context, scenario: tuple[str, ...], target: str | None, **options: Any) -> int:
    """Measure one target: print the table, check the thresholds, keep the run.

    SCENARIO is the name of one, or a file; all of the folder where none is given.
    """
    from perfgate.application.judging import judge_run
    from perfgate.application.measurement import measure_run
    from perfgate.application.measuring import shown_target
    from perfgate.application.plan import Histories
    from perfgate.application.planning import command_line, plan_measurement
    from perfgate.application.shared_history import history_to_write
    from perfgate.cli.progress import LiveProgress
    from perfgate.cli.reports import check_outputs, publish
    from perfgate.report.page.details import NO_DETAILS

    load, report = take(LoadOptions, options), take(ReportOptions, options)
    check_outputs(report)
    plan = plan_measurement(context, load, scenario)
    if load.history is None:
        write = history_to_write(context, plan.config, plan.histories.write)
        plan = replace(plan, histories=Histories(write, plan.histories.read))
    chosen = target or plan.config.head_target
    measured = measure_run(context, plan, chosen, "run", LiveProgress(report.quiet))
    shown = shown_target(measured.run.record)
    verdict = judge_run(plan, measured, command_line("run", ["--target", shown], plan, load))
    code = publish(context, verdict, report, lambda: replace(NO_DETAILS, runs=measured.runs))
    return measured.ending.exit_code(code)
