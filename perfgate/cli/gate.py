"""`perfgate gate`: what CI calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from pathlib import Path

    from perfgate.cli.config import Config


@click.command(
    epilog="\b\nExample:\n  perfgate gate --head http://localhost:8080 --markdown report.md --json result.json"
)
@click.argument("scenario", nargs=-1)
@click.option("--base", envvar="PERFGATE_BASE", help="Target of the base  [default: [gate] base]")
@click.option("--head", envvar="PERFGATE_HEAD", help="Target of the head  [default: [gate] head]")
@budget_option
@margin_option
@load_options
@report_options
def gate(scenario: tuple[str, ...], base: str | None, head: str | None, **options: Any) -> int:
    """Measure, compare, report, and end with one exit code.

    Where a base can be had (--base, or base under [gate] in perfgate.toml), base and head are measured in pairs.
    Otherwise head alone is measured and compared with the stored runs of the base branch.
    """
    from perfgate.cli.asked import ask, command_line
    from perfgate.cli.concluding import conclude_against_history, conclude_duet
    from perfgate.cli.reports import check_outputs, publish
    from perfgate.cli.session import measure
    from perfgate.cli.sharing import history_to_read

    budget, margins = options.pop("budget"), options.pop("margins")
    load, report = take(LoadOptions, options), take(ReportOptions, options)
    check_outputs(report)
    asked = ask(load, scenario, margins, budget)
    asked = replace(asked, history=load.history or _history_to_write(asked.config))
    base = base or asked.config.base
    head = head or asked.config.head
    with history_to_read(asked.config) as shared:
        asked = replace(asked, config=replace(asked.config, history=shared))
        if base is not None:
            measured = measure(asked, {"base": base, "head": head}, "gate", report.quiet)
            shown = [measured.shown["base"], measured.shown["head"]]
            verdict = conclude_duet(asked, measured, command_line("duet", shown, asked, load))
        else:
            measured = measure(asked, {"": head}, "gate", report.quiet)
            reproduce = command_line("run", ["--target", measured.shown[""]], asked, load)
            verdict = conclude_against_history(asked, measured, reproduce)
    return measured.exit_code(publish(verdict, report))


def _history_to_write(config: Config) -> Path:
    """Where the runs go: into the shared history on the default branch in CI, elsewhere to the local one."""
    from perfgate.cli.asked import LOCAL_HISTORY
    from perfgate.cli.sharing import adds_to_history

    return config.history if adds_to_history(config) else LOCAL_HISTORY
