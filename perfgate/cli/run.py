"""`perfgate run`: measure one target."""

from __future__ import annotations

from typing import Any

import click

from perfgate.cli.options import LoadOptions, ReportOptions, load_options, report_options, take


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
    from perfgate.application.planning import ask, command_line
    from perfgate.cli.reports import check_outputs, publish

    load, report = take(LoadOptions, options), take(ReportOptions, options)
    check_outputs(report)
    asked = ask(load, scenario)
    chosen = target or asked.config.head_target
    measured = measure(asked, {"": chosen}, "run", report.quiet)
    verdict = conclude_run(asked, measured, command_line("run", ["--target", measured.shown[""]], asked, load))
    return measured.exit_code(publish(verdict, report))
