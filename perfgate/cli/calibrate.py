"""`perfgate calibrate`: what this machine can see."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfgate.application.context import Context
from perfgate.application.plan import LoadOptions
from perfgate.cli.options import budget_option, load_options, margin_option, option, take, with_context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perfgate.application.measuring import MeasuredDuet
    from perfgate.application.plan import MeasurementPlan
    from perfgate.compare.calibration import Calibrated
    from perfgate.compare.rules import Margin

# Seconds of load on a scenario that are asked about.
_BUDGETS = (30.0, 60.0, 180.0)
_USUAL_BUDGET = 60.0
_SELF_TEST_BUDGET = 20.0


@click.command(
    epilog="\b\nExamples:\n  perfgate calibrate --budget 60s --write\n"
    "  perfgate calibrate http://localhost:8080 create_pet\n"
    "  perfgate calibrate --self-test"
)
@click.argument("target", required=False)
@click.argument("scenario", nargs=-1)
@click.option(
    "--write",
    is_flag=True,
    help="Put what is proposed into perfgate.toml, budget included; the rest of it stays as it is.",
)
@click.option(
    "--self-test", is_flag=True, help="Try the gate itself on the embedded petstore: 2 minutes, exit 1 if wrong."
)
@option("--quiet", "-q", is_flag=True, help="No progress.")
@budget_option
@margin_option
@load_options
@with_context
def calibrate(
    context: Context,
    target: str | None,
    scenario: tuple[str, ...],
    write: bool,
    self_test: bool,
    quiet: bool,
    **options: Any,
) -> int:
    """Measure TARGET against itself: the noise of this machine, and the smallest changes that it can see.

    TARGET is by default that of `run`: head under [gate]; ref:HEAD with [service]; else the petstore.
    Nothing differs between the sides, so all that differs is noise. Prints, for every row that would gate, the
    standard deviation of one pair and the smallest change that 30 s, 1 min and 3 min of load would show, in
    rounds as long as these; proposes a budget and margins, and a scale where the load is too thin to decide.
    Says how much instances of the service differ, where there were enough of them ([measure] instances).
    SCENARIO is the name of one, or a file; all of the folder where none is given. Nothing is kept in the history.
    """
    from perfgate.application.planning import plan_measurement
    from perfgate.config.values import DEFAULT_FILE

    budget, margins = options.pop("budget"), options.pop("margins")
    load = take(LoadOptions, options)
    if self_test:
        if target is not None or write:
            raise click.UsageError("--self-test brings its own target, and nothing to write")
        return _self_test(context, load, budget or _SELF_TEST_BUDGET, quiet)
    plan = plan_measurement(context, load, scenario, margins, budget)
    file = context.path(load.config or DEFAULT_FILE) if write else None
    return _calibrate(context, plan, target or plan.config.head_target, file, quiet)


def _self_test(context: Context, load: LoadOptions, budget: float, quiet: bool) -> int:
    """Play all cases, and print what was expected and what came out."""
    from tabulate import tabulate

    from perfgate.application.self_test import run_self_test
    from perfgate.cli.progress import LiveProgress
    from perfgate.errors import ExitCode

    results = run_self_test(context, load, budget, lambda: LiveProgress(quiet))
    if results is None:
        return ExitCode.INTERRUPTED
    lines = [(one.head, one.expected, one.got, "ok" if one.right else "WRONG") for one in results]
    click.echo(tabulate(lines, ("petstore against", "expected", "got", ""), tablefmt="simple", disable_numparse=True))
    wrong = sum(not one.right for one in results)
    if wrong:
        click.echo(
            f"\n{wrong} of {len(lines)} are wrong: end what else runs on this machine, or allow more with --budget."
        )
    return ExitCode.FAIL if wrong else ExitCode.PASS


def _calibrate(context: Context, plan: MeasurementPlan, target: str, file: Path | None, quiet: bool) -> int:
    """Measure and propose. file: where that is written to; None to print it alone."""
    from perfgate.application.calibrating.answering import refuse_failing
    from perfgate.application.measurement import DuetTargets, measure_unkept
    from perfgate.cli.progress import LiveProgress
    from perfgate.compare.calibration import enough_budget, proposed_margins
    from perfgate.errors import ExitCode, NoVerdictError

    measured = measure_unkept(context, plan, DuetTargets(target, target), "calibrate", LiveProgress(quiet))
    if measured.ending.interrupted:
        return ExitCode.INTERRUPTED
    if measured.ending.stopped:
        raise measured.ending.stopped
    refuse_failing(measured, target, plan.config)
    rows = _rows(plan, measured)
    if not rows:
        raise NoVerdictError(
            "too few pairs are valid to say anything", "allow more with --budget, or see what else runs"
        )
    _print(rows)
    place = enough_budget(rows)
    margins = proposed_margins(rows, place)
    _say_margins(_BUDGETS[place], margins)
    values = {"budget": _BUDGETS[place], **_measuring(plan, measured, rows)}
    if file is None:
        click.echo("--write puts the budget and the margins into perfgate.toml.")
    else:
        _write(measured, file, margins, values)
    return ExitCode.PASS


def _rows(plan: MeasurementPlan, measured: MeasuredDuet) -> tuple[Calibrated, ...]:
    from perfgate.compare.calibration import calibrate as calibrate_rows
    from perfgate.compare.duet import DuetPlan

    heads = {run.scenario: run for run in measured.head.scenarios}
    methods = {method.scenario: method for method in measured.methods}
    found: list[Calibrated] = []
    for base in measured.base.scenarios:
        if base.scenario in methods:
            method = methods[base.scenario]
            seconds = method.round_seconds * (1 if method.at_once else 2)
            miss_rate = plan.config.rules.miss_rate
            plans = [DuetPlan(len(plan.scenarios), budget, seconds, miss_rate=miss_rate) for budget in _BUDGETS]
            found += calibrate_rows(base, heads[base.scenario], plan.config.rules, plans)
    return tuple(found)


def _print(rows: Sequence[Calibrated]) -> None:
    from tabulate import tabulate

    def share(value: float | None, comparison: Calibrated) -> str:
        if value is None:
            return "–"
        return f"{value * 100:.2f} points" if comparison.row.in_points else f"{value * 100:.1f} %"

    lines = [
        (
            comparison.row.scenario
            if comparison.row.request is None
            else f"{comparison.row.scenario} · {comparison.row.request}",
            f"{comparison.row.metric} {comparison.row.stat}",
            share(comparison.noise, comparison),
            *(share(smallest, comparison) for smallest in comparison.smallest),
            share(comparison.margin, comparison),
        )
        for comparison in rows
    ]
    headers = ("scenario", "metric", "noise of a pair", "30 s see", "1 min sees", "3 min see", "margin now")
    click.echo(
        tabulate(lines, headers, tablefmt="simple", colalign=("left", "left", *["right"] * 5), disable_numparse=True)
    )


def _say_margins(budget: float, margins: Sequence[Margin]) -> None:
    from perfgate.compare.rows import FAILED
    from perfgate.units import format_seconds

    place = "[measure] budget, or --budget"
    click.echo(f"\nA budget of {format_seconds(budget)} is proposed ({place}), and with it these margins:")
    for margin in margins:
        unit = "points" if margin.metric == FAILED else "%"
        click.echo(f"  {margin.metric} {margin.stat}: {margin.allowed * 100:g} {unit}")


def _measuring(plan: MeasurementPlan, measured: MeasuredDuet, rows: Sequence[Calibrated]) -> dict[str, float]:
    """Keys of [measure] that are proposed: the noise of instances, and the scale of a load that is too thin."""
    from perfgate.compare.calibration import instance_noise_of
    from perfgate.config.values import AUTO
    from perfgate.units import format_short

    values = {}
    sides = list(zip(measured.base.scenarios, measured.head.scenarios, strict=True))
    noise = instance_noise_of(sides, plan.config.rules)
    if noise:
        values["instance_noise"] = noise
        click.echo(f"Instances of one program differ by {format_short(noise * 100)} % here ([measure] instance_noise).")
    times = _times_needed(measured, rows)
    if times and plan.config.scale != AUTO:
        values["scale"] = times * plan.config.scale
    return values


def _times_needed(measured: MeasuredDuet, rows: Sequence[Calibrated]) -> float | None:
    """How many times a load that is too thin should be, as far as the service bears it; says what it would take."""
    from perfgate.application.scaling import busy_share, enough, fitting
    from perfgate.compare.calibration import load_needed
    from perfgate.report.thin_load import thin_load
    from perfgate.units import format_seconds

    times = load_needed(rows, _BUDGETS.index(_USUAL_BUDGET))
    if times <= 1:
        return None
    wanted, busy = enough(times), busy_share(measured)
    bearable = None if busy is None else fitting(busy)
    for sentence in thin_load(wanted, bearable, format_seconds(_USUAL_BUDGET), wanted * _USUAL_BUDGET):
        click.echo(sentence)
    most = min(wanted, bearable or 1.0)
    return most if most > 1 else None


def _write(measured: MeasuredDuet, file: Path, margins: Sequence[Margin], values: Mapping[str, float]) -> None:
    """Write what is proposed, and say what is new there. values: keys of [measure]."""
    from datetime import date

    from perfgate.config.margins_file import write_proposed
    from perfgate.config.reading import load_config
    from perfgate.units import format_seconds, format_short

    before = load_config(file).budget if file.exists() else None
    budget = format_seconds(values["budget"])
    written = {"budget": f'"{budget}"'} if before != values["budget"] else {}
    if "instance_noise" in values:
        written["instance_noise"] = f'"{format_short(values["instance_noise"] * 100)}%"'
    if "scale" in values:
        written["scale"] = f"{values['scale']:g}"
    testbed = measured.base.record.testbed
    origin = f"{date.today()}, {testbed.cpu_model}, {testbed.cores} cores, a budget of {budget}."
    write_proposed(file, margins, origin, written)
    under = f", and {' and '.join(written)} under [measure]" if written else f"; its budget is {budget} already"
    click.echo(f"The margins are in {file} now{under}.")
    if "scale" in written:
        click.echo("The margins are those of the load as it was: calibrate again with the new one.")
