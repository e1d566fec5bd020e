"""verdict/deciding: what would have decided a duet that stayed open."""

import math
from dataclasses import replace
from datetime import date

import pytest

from perfgate.compare.comparison import Interval
from perfgate.compare.rows import Row
from perfgate.verdict import DuetMethod, Evidence, Policy, ReasonKind, ScenarioSummary, decide, what_decides
from tests.support.evidence_cases import BASE, HEAD, UNCHANGED, UNDECIDED

POLICY = Policy("pass", (), date(2026, 11, 23), 0.01)
CPU = replace(UNCHANGED, row=Row("create_pet", None, "service_cpu", "value"), base=1.0, head=1.0)
CLOSED = replace(UNCHANGED, row=Row("create_pet", None, "http_reqs", "rate"))
OTHER = replace(UNDECIDED, row=replace(UNDECIDED.row, scenario="order_pet"))


def line(scenario, side, requests=300, per_second=10.0, vus=10):
    return ScenarioSummary(scenario, side, None, 10.0, 10.0, 20.0, vus, requests, per_second, 0.0, 0, 0, 0, 0)


def lines(scenario="create_pet", **figures):
    return (line(scenario, "base", **figures), line(scenario, "head", **figures))


def method(scenario="create_pet", pairs=30, at_once=False):
    """A minute of load in turns of a second."""
    return DuetMethod(scenario, pairs, 1.0, at_once, 0.0 if at_once else 1.0, 1, ())


METHODS = (method(), method("order_pet"))


def what(*rows, summary=None, cpus=2, methods=METHODS):
    head = replace(HEAD, cpus={"service": list(range(cpus))})
    evidence = Evidence(BASE, head, rows, lines() if summary is None else summary, (), (), methods)
    verdict = decide(evidence, POLICY, "")
    return what_decides(verdict, verdict.rows_of(ReasonKind.OPEN))


def test_a_longer_budget_decides_what_scatters():
    found = what(UNDECIDED)
    assert found.vus is None  # what the service spends is not known
    assert found.budget % 10 == 0
    assert 60 < found.budget < 600
    assert found.margins == ((UNDECIDED.row, 0.10),)


def test_an_idle_service_bears_more_users():
    found = what(UNDECIDED, CPU, CLOSED)
    assert found.vus == pytest.approx(10 * found.budget / 60, rel=0.2)
    assert found.scale is None


def test_a_busy_service_does_not():
    for busy in ({"summary": lines(per_second=1000.0)}, {"cpus": 0}):
        found = what(UNDECIDED, CPU, CLOSED, **busy)
        assert (found.vus, found.scale) == (None, None)


def test_more_users_add_no_load_where_iterations_start_on_a_schedule():
    found = what(UNDECIDED, CPU)
    assert (found.vus, found.scale) == (None, math.ceil(found.budget / 60))


def test_the_scale_that_was_played_is_part_of_what_it_takes():
    twice = (replace(method(), scale=2.0),)
    assert what(UNDECIDED, CPU, methods=twice).scale > what(UNDECIDED, CPU).scale
    assert what(UNDECIDED, CPU, CLOSED, methods=twice).vus < what(UNDECIDED, CPU, CLOSED).vus


def test_users_of_one_scenario_are_no_advice_where_others_have_their_own():
    both = (*lines(), *lines("order_pet", vus=200))
    cpu_of_other = replace(CPU, row=replace(CPU.row, scenario="order_pet"))
    found = what(UNDECIDED, CPU, CLOSED, cpu_of_other, summary=both)
    assert (found.vus, found.scale) == (None, what(UNDECIDED, CPU).scale)
    busy = what(UNDECIDED, CPU, CLOSED, replace(cpu_of_other, head=100.0), summary=both)
    assert (busy.vus, busy.scale) == (None, None)


def test_sides_that_are_loaded_at_the_same_time_share_the_cpus():
    lively = replace(CPU, base=10.0, head=10.0)  # 5 % of the CPUs on each side
    assert what(UNDECIDED, lively, CLOSED).vus is not None
    at_once = (method(pairs=60, at_once=True),)
    assert what(UNDECIDED, lively, CLOSED, methods=at_once).vus is None
    assert what(UNDECIDED, CPU, CLOSED, methods=at_once).vus is not None


def test_the_scenario_that_needs_most_sets_the_budget():
    wide = replace(OTHER, interval=Interval(-0.1, 0.18))
    both = what(UNDECIDED, wide, summary=(*lines(), *lines("order_pet")))
    assert both.budget == what(wide, summary=lines("order_pet")).budget > what(UNDECIDED).budget


def test_a_row_that_no_load_decides_leaves_the_margins():
    near = replace(UNDECIDED, change=0.049, interval=Interval(0.02, 0.075))
    found = what(UNDECIDED, near)
    assert (found.vus, found.scale, found.budget) == (None, None, None)
    assert [margin for _, margin in found.margins] == [0.10, 0.10]


def test_what_instances_differ_by_asks_for_more_of_them_and_for_no_load():
    wide = replace(UNDECIDED, change=0.0, interval=Interval(-0.07, 0.07))
    noisy = (replace(method(), instances=2, instance_noise=0.02),)
    found = what(wide, CPU, CLOSED, methods=noisy)
    assert (found.instances, found.vus, found.scale, found.budget) == (True, None, None, None)
    assert [margin for _, margin in found.margins] == [0.07]
    assert not what(wide, CPU, CLOSED).instances
    near = replace(OTHER, change=0.049, interval=Interval(0.02, 0.075))
    assert not what(wide, near, methods=(*noisy, method("order_pet"))).instances


def test_a_budget_of_hours_is_no_advice():
    assert what(UNDECIDED, methods=(method(pairs=3000),)).budget is None


def test_sides_that_were_loaded_at_the_same_time_took_half_the_budget():
    turns, at_once = (what(UNDECIDED, methods=(method(pairs=100, at_once=both),)).budget for both in (False, True))
    assert at_once == turns / 2


def test_what_was_not_measured_is_no_matter_of_load():
    missing = replace(UNDECIDED, change=None, interval=None, base=None)
    found = what(missing)
    assert (found.vus, found.scale, found.budget, found.margins) == (None, None, None, ())


def test_an_older_file_may_lack_the_figures():
    assert what(UNDECIDED, CPU, methods=()).budget is None
    assert what(UNDECIDED, CPU, CLOSED, summary=()).vus is None
