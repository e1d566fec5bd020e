"""`perfgate duet`: measure two targets in pairs."""

from __future__ import annotations

from typing import Any

import click

from perfgate.application.plan import LoadOptions
from perfgate.cli.options import (
    ReportOptions,
    budget_option,
    load_options,
    margin_option,
    report_options,
    take,
)


@click.command(epilog="\b\nExample:\n  perfgate duet petstore 'petstore?slow=20%' create_pet --budget 30s")
@click.argument("base")
@click.argument("head")
@click.argument("scenario", nargs=-1)
@budget_option
@margin_option
@load_options
@report_options
def duet(base: str, head: str, scenario: tuple[str, ...], **options: Any) -> int:
    """Measure BASE and HEAD in pairs until every row is decided or the budget is spent.

    A pair is a round on each, next to each other in random order, so that whatever else the machine does
    happens to both. SCENARIO is the name of one, or a file; all of the folder where none is given.
    """
    from perfgate.application.judging import conclude_duet
    from perfgate.application.measurement import measure
    from perfgate.application.planning import command_line, plan_measurement
    from perfgate.cli.progress import LiveProgress
    from perfgate.cli.reports import check_outputs, publish

    budget, margins = options.pop("budget"), options.pop("margins")
    load, report = take(LoadOptions, options), take(ReportOptions, options)
    check_outputs(report)
    plan = plan_measurement(load, scenario, margins, budget)
    measured = measure(plan, {"base": base, "head": head}, "duet", LiveProgress(report.quiet))
    shown = [measured.shown["base"], measured.shown["head"]]
    verdict = conclude_duet(plan, measured, command_line("duet", shown, plan, load))
    return measured.exit_code(publish(verdict, report))
