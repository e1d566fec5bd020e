"""`perfgate gate`: what CI calls."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from pathlib import Path

    from perfgate.application.measuring import Measured
    from perfgate.application.plan import MeasurementPlan
    from perfgate.config.reading import Config
    from perfgate.verdict import Verdict


@click.command(
    epilog="\b\nExample:\n  perfgate gate --head http://localhost:8080 --markdown report.md --json result.json"
)
@click.argument("scenario", nargs=-1)
@click.option(
    "--base",
    envvar="PERFGATE_BASE",
    help="Target of the base  [default: [gate] base; in a pull request its base commit]",
)
@click.option(
    "--head",
    envvar="PERFGATE_HEAD",
    help="Target of the head  [default: [gate] head; ref:HEAD with [service]; petstore]",
)
@budget_option
@margin_option
@load_options
@report_options
def gate(scenario: tuple[str, ...], base: str | None, head: str | None, **options: Any) -> int:
    """Measure, compare, report, and end with one exit code.

    Where a base can be had, base and head are measured in pairs: --base, or base under [gate] in perfgate.toml, or, in
    a pull request where [service] says how a commit is started, the commit that it is merged into. Otherwise head alone
    is measured and compared with the stored runs of the base branch.

    On GitHub Actions it also writes the summary, the annotations and the outputs of the job, and keeps one comment on
    the pull request, with the token in GITHUB_TOKEN or PERFGATE_TOKEN.
    """
    from perfgate.application.gate_targets import gate_targets
    from perfgate.application.planning import plan_measurement
    from perfgate.cli.github.job import job_here
    from perfgate.cli.github.workflow_log import quoted
    from perfgate.cli.reports import check_outputs, publish

    budget, margins = options.pop("budget"), options.pop("margins")
    load, report = take(LoadOptions, options), take(ReportOptions, options)
    check_outputs(report)
    job = job_here(load.config)
    with job.telling_errors() if job else nullcontext():
        with quoted("perfgate gate: measuring"):
            plan = plan_measurement(load, scenario, margins, budget)
            plan = replace(plan, history=load.history or _history_to_write(plan.config))
            base, chosen = gate_targets(plan.config, base, head, job.event if job else None)
            gated = _conclude(plan, load, base, chosen, report.quiet)
        with quoted():
            code = publish(gated.verdict, report, gated.trend, to_errors=job is not None)
        if job:
            job.report(gated.verdict, gated.trend, report.json_file)
    return gated.measured.exit_code(code)


@dataclass(frozen=True)
class _Gated:
    """What came of a gate. trend: of the history that it was held against, as Markdown."""

    measured: Measured
    verdict: Verdict
    trend: str


def _conclude(plan: MeasurementPlan, load: LoadOptions, base: str | None, head: str, quiet: bool) -> _Gated:
    """Measure base and head in pairs, or head alone where there is no base; what came of it."""
    from perfgate.application.judging import conclude_against_history, conclude_duet
    from perfgate.application.measurement import measure
    from perfgate.application.planning import command_line
    from perfgate.application.shared_history import history_to_read
    from perfgate.application.trend_query import trend_of_report
    from perfgate.cli.progress import LiveProgress

    with history_to_read(plan.config) as shared:
        plan = replace(plan, config=replace(plan.config, history=shared))
        if base is not None:
            measured = measure(plan, {"base": base, "head": head}, "gate", LiveProgress(quiet))
            shown = [measured.shown["base"], measured.shown["head"]]
            verdict = conclude_duet(plan, measured, command_line("duet", shown, plan, load))
        else:
            measured = measure(plan, {"": head}, "gate", LiveProgress(quiet))
            reproduce = command_line("run", ["--target", measured.shown[""]], plan, load)
            verdict = conclude_against_history(plan, measured, reproduce)
        return _Gated(measured, verdict, trend_of_report([shared], plan.config, verdict))


def _history_to_write(config: Config) -> Path:
    """Where the runs go: into the shared history on the default branch in CI, elsewhere to the local one."""
    from perfgate.application.plan import LOCAL_HISTORY
    from perfgate.application.shared_history import adds_to_history

    return config.history if adds_to_history(config) else LOCAL_HISTORY
