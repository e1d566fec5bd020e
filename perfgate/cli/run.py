"""`perfgate run`: measure one target."""

from __future__ import annotations

from typing import Any

import click

from perfgate.application.plan import LoadOptions
from perfgate.cli.options import ReportOptions, load_options, report_options, take


@click.command(epilog="\b\nExample:\n  perfgate run create_pet --target http://localhost:8080/api/v3 --duration 10s")
@click.argument("scenario", nargs=-1)
@click.option("--target", envvar="PERFGATE_TARGET", help="What to load  [default: petstore]")
@load_options
@report_options
def run(scenario: tuple[str, ...], target: str | None, **options: Any) -> int:
    """Measure one target: print the table, check the thresholds, keep the run.

    SCENARIO is the name of one, or a file; all of the folder where none is given.
    """
    from perfgate.application.judging import conclude_run
    from perfgate.application.measurement import measure
    from perfgate.application.planning import command_line, plan_measurement
    from perfgate.cli.progress import LiveProgress
    from perfgate.cli.reports import check_outputs, publish

    load, report = take(LoadOptions, options), take(ReportOptions, options)
    check_outputs(report)
    plan = plan_measurement(load, scenario)
    chosen = target or plan.config.head_target
    measured = measure(plan, {"": chosen}, "run", LiveProgress(report.quiet))
    verdict = conclude_run(plan, measured, command_line("run", ["--target", measured.shown[""]], plan, load))
    return measured.exit_code(publish(verdict, report))
