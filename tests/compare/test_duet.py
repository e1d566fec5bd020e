"""The plan of a duet: pairs, looks and error rates."""

from dataclasses import replace

import pytest

from perfgate.compare.alpha_spending import share_at, spent
from perfgate.compare.comparison import RowVerdict
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.rules import Rules
from perfgate.metrics.run import Environment, Occupancy
from tests.support.seeded_duets import noisy_duet


def test_a_minute_of_half_second_rounds_is_sixty_pairs_and_four_looks():
    plan = DuetPlan(scenarios=4, budget_seconds=60, round_seconds=0.5)
    assert plan.pairs == 60
    assert plan.looks == (15, 30, 45, 60)
    assert [pairs for pairs in range(62) if plan.is_look(pairs)] == [15, 30, 45, 60, 61]


def test_there_is_no_look_before_a_dozen_pairs_but_the_last():
    assert DuetPlan(1, 20, 0.5).looks == (15, 20)
    assert DuetPlan(1, 5, 1).looks == (2,)
    assert DuetPlan(1, 0.1, 1).looks == (1,)


@pytest.mark.parametrize("pairs", [1, 12, 20, 60, 97])
def test_the_looks_share_the_whole_error_rate(pairs):
    looks = DuetPlan(1, 2.0 * pairs, 1).looks
    assert sum(share_at(look, looks, last=False) for look in looks) == pytest.approx(1)


def test_a_duet_that_ends_early_spends_what_is_left():
    looks = (15, 30, 45, 60)
    assert share_at(37, looks, last=True) == pytest.approx(1 - spent(0.5))
    assert share_at(64, looks, last=False) == pytest.approx(1 - spent(0.75))


def test_nothing_changed_is_decided_at_the_first_look():
    plan = DuetPlan(4, 60, 0.5)
    judgement = judge(plan, Rules(), *noisy_duet(15, 1.0))
    assert judgement.decided
    assert {row.verdict for row in judgement.rows} == {RowVerdict.UNCHANGED}


def test_a_regression_is_decided_at_the_end_of_the_budget_only():
    plan = DuetPlan(4, 60, 0.5)
    early = judge(plan, Rules(), *noisy_duet(30, 1.3))
    assert any(row.verdict is RowVerdict.REGRESSED for row in early.rows)
    assert not early.decided
    assert judge(plan, Rules(), *noisy_duet(60, 1.3)).decided


def test_what_is_undecided_goes_on_until_nothing_comes_after():
    plan = DuetPlan(4, 60, 0.5)
    assert not judge(plan, Rules(), *noisy_duet(30, 1.05)).decided
    assert judge(plan, Rules(), *noisy_duet(30, 1.05), last=True).decided


@pytest.mark.parametrize("last", [False, True])
def test_a_regression_that_others_may_have_made_is_none(last):
    def beside_others(run, foreign):
        seen = Environment(Occupancy(foreign, idle=0.2), None, None)
        return replace(run, rounds=tuple(replace(one, environment=seen) for one in run.rounds))

    base, head = noisy_duet(60, 1.3)
    judgement = judge(DuetPlan(4, 60, 0.5), Rules(), beside_others(base, 0.2), beside_others(head, 0.25), last)
    assert judgement.decided
    assert RowVerdict.REGRESSED not in {row.verdict for row in judgement.rows}


def test_more_scenarios_ask_for_more_certainty():
    few, many = (judge(DuetPlan(scenarios, 60, 0.5), Rules(), *noisy_duet(60, 1.0)) for scenarios in (1, 20))
    few_cpu, many_cpu = (next(row for row in judged.rows if row.row.metric == "service_cpu") for judged in (few, many))
    assert few_cpu.smallest < many_cpu.smallest
