"""`perfgate duet`: measure two targets in pairs."""

from __future__ import annotations

from typing import Any

import click

from perfgate.cli.options import (
    LoadOptions,
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
    from perfgate.application.planning import ask, command_line
    from perfgate.cli.reports import check_outputs, publish

    budget, margins = options.pop("budget"), options.pop("margins")
    load, report = take(LoadOptions, options), take(ReportOptions, options)
    check_outputs(report)
    asked = ask(load, scenario, margins, budget)
    measured = measure(asked, {"base": base, "head": head}, "duet", report.quiet)
    shown = [measured.shown["base"], measured.shown["head"]]
    verdict = conclude_duet(asked, measured, command_line("duet", shown, asked, load))
    return measured.exit_code(publish(verdict, report))
