"""Measurements as pages: verdicts made by hand, with the rounds that could stand behind them."""

from dataclasses import replace

from perfgate.compare.rules import Rules
from perfgate.compare.stored.points import rows_without_base
from perfgate.metrics.run import Run
from perfgate.report.page.details import NO_DETAILS
from perfgate.report.page.measurement import render
from perfgate.verdict import Evidence, decide
from tests.support.seeded_duets import run_of, tally
from tests.support.verdict_samples import ALONE, BASE, HEAD, POLICY, regression, summary, thresholds


def duet_runs(scenario="create_pet", request="POST /pet"):
    """Base and head of a duet of twelve pairs, of which one does not count."""
    sides = []
    for record, middle, invalid in ((BASE, 12.0, ()), (HEAD, 16.0, (4,))):
        tallies = [tally(middle + pair % 3, failed=pair % 2, requests=(request,)) for pair in range(12)]
        sides.append(Run(record, (run_of(record.side, tallies, scenario, invalid=invalid),)))
    return tuple(sides)


def duet_page(scenario="create_pet", request="POST /pet"):
    return render(regression(), replace(NO_DETAILS, runs=duet_runs(scenario, request)))


def one_run():
    """A run of one target, five rounds long."""
    return Run(ALONE, (run_of("", [tally(12.0, requests=("POST /pet",))] * 5, "create_pet"),))


def run_page():
    run = one_run()
    verdict = decide(Evidence(None, ALONE, rows_without_base(run, Rules()), summary(""), thresholds(), ()), POLICY, "")
    return render(verdict, replace(NO_DETAILS, runs=(run,)))
