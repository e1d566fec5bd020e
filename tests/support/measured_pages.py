"""Measurements as pages: verdicts made by hand, with the rounds that could stand behind them."""

import random
from dataclasses import replace

from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.rules import Rules
from perfgate.compare.stored.points import rows_without_base
from perfgate.explain.profile import Function
from perfgate.metrics.run import Run
from perfgate.report.page.details import NO_DETAILS, SeenStacks
from perfgate.report.page.measurement import render
from perfgate.testing import seeded_run
from perfgate.verdict import Evidence, decide, summarise
from tests.support.seeded_duets import run_of, tally
from tests.support.verdict_samples import ALONE, BASE, HEAD, POLICY, regression, summary, thresholds

# As many scenarios as are profiled after a verdict.
MOST_PROFILED = 2


def duet_runs(scenario="create_pet", request="POST /pet"):
    """Base and head of a duet of twelve pairs, of which one does not count."""
    sides = []
    for record, middle, invalid in ((BASE, 12.0, ()), (HEAD, 16.0, (4,))):
        tallies = [tally(middle + pair % 3, failed=pair % 2, requests=(request,)) for pair in range(12)]
        sides.append(Run(record, (run_of(record.side, tallies, scenario, invalid=invalid),)))
    return tuple(sides)


def duet_page(scenario="create_pet", request="POST /pet"):
    return render(regression(), replace(NO_DETAILS, runs=duet_runs(scenario, request)))


def flame_page(name="shop.prices.discount"):
    """A duet with what a profiler saw: one function that takes more, one that is gone and one that is new."""
    return render(regression(), replace(NO_DETAILS, runs=duet_runs(), seen=(seen_stacks(name),)))


def largest_page():
    """A duet of four scenarios, of 60 s of load in rounds of half a second each, and profiles of the most of them."""
    sides = [
        seeded_run(side=side, rounds=60, change=change, failed=0.01) for side, change in (("base", 0.0), ("head", 0.2))
    ]
    base, head = ({one.scenario: one for one in run.scenarios} for run in sides)
    plan = DuetPlan(len(base), 60.0, 1.0)
    rows = tuple(row for name, one in base.items() for row in judge(plan, Rules(), one, head[name], last=True).rows)
    found = tuple(line for run in sides for line in summarise(run, ()))
    evidence = Evidence(sides[0].record, sides[1].record, rows, found, thresholds(), ())
    seen = tuple(replace(many_stacks(), scenario=name) for name in list(base)[:MOST_PROFILED])
    return render(decide(evidence, POLICY, ""), replace(NO_DETAILS, runs=tuple(sides), seen=seen))


def many_stacks():
    """Stacks by chance of more functions than a page shows, on both sides."""
    lots = random.Random(1)
    functions = [
        Function(f"handle_request_{number}", f"site-packages/framework/module_{number}.py") for number in range(300)
    ]
    stacks = [tuple(lots.choices(functions, k=lots.randint(8, 40))) for _ in range(400)]
    base, head = ({stack: lots.expovariate(100) for stack in stacks} for _ in range(2))
    return SeenStacks("", "CPU of a request", "py-spy", base, head, dict.fromkeys(functions, 120))


def seen_stacks(name="discount"):
    """Stacks of both sides, thirty functions deep."""
    outside = tuple(Function(f"handler_{number}", "lib/python3.11/site-packages/web/app.py") for number in range(26))
    within = {
        one: (*outside, Function("create_pet", "shop/pets.py"), Function(one, f"shop/{one}.py"))
        for one in ("validate", "store", "render", "old_rules", "new_rules")
    }
    prices = (*within["store"], Function(name, "shop/prices.py"))
    same = {within["validate"]: 0.8, within["store"]: 0.5}
    base = {**same, prices: 0.6, within["render"]: 0.9, within["old_rules"]: 0.45}
    head = {**same, prices: 1.9, within["render"]: 0.85, within["new_rules"]: 0.3}
    lines = {prices[-1]: 41, within["store"][-1]: 12}
    return SeenStacks("create_pet", "CPU of a request", "py-spy", base, head, lines)


def one_run():
    """A run of one target, five rounds long."""
    return Run(ALONE, (run_of("", [tally(12.0, requests=("POST /pet",))] * 5, "create_pet"),))


def run_page():
    run = one_run()
    verdict = decide(Evidence(None, ALONE, rows_without_base(run, Rules()), summary(""), thresholds(), ()), POLICY, "")
    return render(verdict, replace(NO_DETAILS, runs=(run,)))
