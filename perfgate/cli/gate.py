"""`perfgate gate`: what CI calls."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from perfgate.application.context import Context
from perfgate.application.plan import LoadOptions
from perfgate.cli.options import (
    ReportOptions,
    budget_option,
    explain_option,
    load_options,
    margin_option,
    option,
    report_options,
    section_option,
    take,
    with_context,
)
from perfgate.cli.progress import LiveProgress
from perfgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from perfgate.application.explaining import Explain
    from perfgate.application.gate_targets import GateTargets
    from perfgate.application.judging import JudgedRun
    from perfgate.application.measuring import Ending, MeasuredRun
    from perfgate.application.plan import MeasurementPlan
    from perfgate.compare.rules import Margin
    from perfgate.github.event import Event
    from perfgate.report.page.details import PageDetails
    from perfgate.verdict import Verdict

# What --explain compares are profiles, and the history has none.
_NO_BASE = "--explain does nothing here: there is no base to measure beside head; name one with --base."


@click.command(
    epilog="\b\nExample:\n  perfgate gate --head http://localhost:8080 --markdown report.md --json result.json"
)
@click.argument("scenario", nargs=-1)
@option(
    "--base",
    help="Target of the base; none: head alone is measured  [default: [gate] base; in a pull request its base commit]",
)
@option(
    "--head",
    help="Target of the head  [default: [gate] head; ref:HEAD with [service]; petstore]",
)
@budget_option
@margin_option
@explain_option
@option(
    "--dry-run",
    is_flag=True,
    help="Say what would be measured, for how long at most, and what it could see; build, start and load nothing."
    " --json writes that.",
)
@load_options
@report_options
@section_option
@with_context
def gate(
    context: Context, scenario: tuple[str, ...], base: str | None, head: str | None, dry_run: bool, **options: Any
) -> int:
    """Measure, compare, report, and end with one exit code.

    Where a base can be had, base and head are measured in pairs: --base, or base under [gate] in perfgate.toml, or, in
    a pull request where [service] says how a commit is started, the commit that it is merged into, or left its base
    branch at. Otherwise head alone is measured and compared with the stored runs of the base branch; so it is where
    that commit lacks the Dockerfile or compose file that [service] names, as it does before a service is added.

    A pull request, or a group of a merge queue, that touches nothing of `paths` in perfgate.toml is not measured: the
    gate passes and says so.

    On GitHub Actions it also writes the summary, the annotations and the outputs of the job, and keeps one comment on
    the pull request, with the token in GITHUB_TOKEN or PERFGATE_TOKEN. A label on the pull request accepts a red gate,
    if somebody put it there who may write, after the newest commit was pushed (accept_label under [gate]).
    """
    from perfgate.application.gate_targets import gate_targets
    from perfgate.cli.github.job import job_here
    from perfgate.cli.github.workflow_log import commands_stopped
    from perfgate.cli.reports import check_outputs, publish

    budget, margins, section = (options.pop(name) for name in ("budget", "margins", "section"))
    explain = options.pop("explain")
    load, report = take(LoadOptions, options), take(ReportOptions, options)
    check_outputs(report)
    job = job_here(context, load.config, section)
    event = job.event if job else None
    if dry_run and (unmeasured := _untouched(context, load, event)):
        return publish(context, unmeasured.verdict, replace(report, html_file=None))
    if dry_run:
        plan = _plan(context, load, scenario, margins, budget)
        _say_plan(context, plan, gate_targets(context, plan.config, base, head, event), explain, report)
        return ExitCode.PASS
    if job and job.is_overtaken():
        return ExitCode.NO_VERDICT  # a push back to this commit must not find a green check
    with job.telling_errors() if job else nullcontext():
        with commands_stopped(context, "perfgate gate: measuring"):
            gated = _untouched(context, load, event)
            if gated is None:
                plan = _plan(context, load, scenario, margins, budget)
                targets = gate_targets(context, plan.config, base, head, event)
                gated = _gate(context, plan, load, targets, explain, LiveProgress(report.quiet))
            elif report.html_file:
                report = replace(report, html_file=None)
        verdict = job.accepted(gated.verdict, gated.label) if job else gated.verdict
        with commands_stopped(context):
            code = publish(context, verdict, report, gated.details, gated.trend, to_errors=job is not None)
        if job:
            job.report(verdict, gated.trend, report.json_file, report.html_file, gated.label)
    return gated.ending.exit_code(code) if gated.ending else code


def _plan(
    context: Context, load: LoadOptions, wanted: tuple[str, ...], margins: tuple[Margin, ...], budget: float | None
) -> MeasurementPlan:
    from perfgate.application.planning import plan_measurement  # where nothing is measured, its second is spared

    return plan_measurement(context, load, wanted, margins, budget)


def _when(explain: bool | None) -> Explain:
    """When causes are looked for. explain: as --explain says."""
    from perfgate.application.explaining import Explain

    return {None: Explain.AFTER_RED, True: Explain.ALWAYS, False: Explain.NEVER}[explain]


def _say_plan(
    context: Context, plan: MeasurementPlan, targets: GateTargets, explain: bool | None, report: ReportOptions
) -> None:
    """Print what would be measured, and write it where --json names a file."""
    from perfgate.application.dry_running.planned import dry_run
    from perfgate.application.plan import Histories
    from perfgate.application.shared_history import history_to_read
    from perfgate.cli.github.workflow_log import commands_stopped
    from perfgate.cli.reports import write_report
    from perfgate.cli.streams import print_report
    from perfgate.report.dry_run import plain, words

    if report.markdown_file or report.junit_file or report.html_file:
        raise UsageError("--dry-run measures nothing to report on", "--json FILE writes what would be measured")
    with commands_stopped(context), history_to_read(context, plan.config) as shared:
        histories = Histories(plan.histories.write, (plan.histories.write, shared))
        planned = dry_run(context, replace(plan, histories=histories), targets, _when(explain))
        to_output = report.json_file == "-"
        if not report.quiet:
            print_report(words.render(planned), sys.stderr if to_output else sys.stdout)
        if report.json_file is not None:
            write_report(report.json_file, plain.dumps(planned))


@dataclass(frozen=True)
class _Gated:
    """The outcome of a gate.

    verdict: on what was measured.
    details: for the page, made where there is one.
    trend: of the history that it was compared with, as Markdown.
    ending: of the measurement; None where nothing was measured.
    label: that accepts a red gate; "" for none.
    """

    verdict: Verdict
    details: Callable[[], PageDetails]
    trend: str
    ending: Ending | None
    label: str


def _untouched(context: Context, load: LoadOptions, event: Event | None) -> _Gated | None:
    """The pass of a change that touches nothing of what is measured; None where it does."""
    from perfgate.application.unmeasured.untouched import untouched_verdict
    from perfgate.config.reading import load_config
    from perfgate.report.page.details import NO_DETAILS

    verdict = untouched_verdict(context, load_config(load.config, context.folder), load, event)
    return _Gated(verdict, lambda: NO_DETAILS, "", ending=None, label="") if verdict else None


def _gate(
    context: Context,
    plan: MeasurementPlan,
    load: LoadOptions,
    targets: GateTargets,
    explain: bool | None,
    progress: LiveProgress,
) -> _Gated:
    """Measure base and head in pairs, or head alone where there is no base, and judge them."""
    from perfgate.application.judging import judge_against_history, judge_duet
    from perfgate.application.measurement import DuetTargets, measure_duet, measure_run
    from perfgate.application.measuring import shown_target
    from perfgate.application.plan import Histories
    from perfgate.application.planning import command_line
    from perfgate.application.shared_history import history_to_read, history_to_write
    from perfgate.application.trend_query import trend_of_report
    from perfgate.report.page.details import NO_DETAILS

    write = plan.histories.write
    if load.history is None:
        write = history_to_write(context, plan.config, write)
    if explain and targets.base is None:
        progress.say(_NO_BASE)
    with history_to_read(context, plan.config) as shared:
        plan = replace(plan, histories=Histories(write, (write, shared)))
        if targets.base is not None:
            sides = DuetTargets(targets.base, targets.head)
            pairs = measure_duet(context, plan, sides, "gate", progress, explain=_when(explain))
            shown = [shown_target(pairs.base.record), shown_target(pairs.head.record)]
            ending, details = pairs.ending, partial(replace, NO_DETAILS, runs=pairs.runs, seen=pairs.seen)
            verdict = judge_duet(context, plan, pairs, command_line("duet", shown, plan, load))
        else:
            measured = measure_run(context, plan, targets.head, "gate", progress, compared=True)
            reproduce = command_line("run", ["--target", shown_target(measured.run.record)], plan, load)
            judged = judge_against_history(context, plan, measured, reproduce, targets.no_base)
            ending, verdict = measured.ending, judged.verdict
            details = partial(_details, plan, measured, judged)
        trend = trend_of_report(context, [shared], plan.config, verdict)
        return _Gated(verdict, details, trend, ending, plan.config.accept_label)


def _details(plan: MeasurementPlan, measured: MeasuredRun, judged: JudgedRun) -> PageDetails:
    from perfgate.application.pages.stored_times import times_of_baseline
    from perfgate.report.page.details import NO_DETAILS

    times = times_of_baseline(measured.run, judged.baseline, plan.config.baseline_runs)
    return replace(NO_DETAILS, runs=measured.runs, stored=times)
