"""The plan of a duet: pairs, looks and error rates."""

from dataclasses import replace

import pytest

from perfgate.compare.alpha_spending import share_at, spent
from perfgate.compare.comparison import RowVerdict, rules_out_regression
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.rules import MISS_RATE, Rules
from perfgate.metrics.run import Environment, Occupancy
from tests.support.seeded_duets import noisy_duet, noisy_tails, prefix_of, run_of, tally


def test_a_minute_of_half_second_rounds_is_sixty_pairs_and_seven_looks():
    plan = DuetPlan(scenarios=4, budget_seconds=60, pair_seconds=1.0)
    assert plan.pairs == 60
    assert plan.looks == (11, 15, 20, 27, 36, 48, 60)
    assert [pairs for pairs in range(62) if plan.is_look(pairs)] == [11, 15, 20, 27, 36, 48, 60, 61]


def test_the_first_look_is_as_soon_as_its_part_of_the_miss_rate_can_prove_anything():
    for pairs in (20, 60, 300):
        looks = DuetPlan(1, 2.0 * pairs, 2).looks
        assert 0.5 ** looks[0] <= MISS_RATE * share_at(looks[0], looks, last=False)
        assert 0.5 ** (looks[0] - 1) > MISS_RATE * spent((looks[0] - 1) / pairs)


def test_a_short_duet_is_looked_at_only_when_it_ends():
    assert DuetPlan(1, 14, 2).looks == (7,)
    assert DuetPlan(1, 5, 2).looks == (2,)
    assert DuetPlan(1, 0.1, 2).looks == (1,)


@pytest.mark.parametrize("pairs", [1, 12, 20, 60, 97])
def test_the_looks_share_the_whole_error_rate(pairs):
    looks = DuetPlan(1, 2.0 * pairs, 2).looks
    assert sum(share_at(look, looks, last=False) for look in looks) == pytest.approx(1)


def test_a_duet_that_ends_early_spends_what_is_left():
    looks = (15, 30, 45, 60)
    assert share_at(37, looks, last=True) == pytest.approx(1 - spent(0.5))
    assert share_at(64, looks, last=False) == pytest.approx(1 - spent(0.75))


def test_nothing_changed_is_decided_at_the_first_look():
    plan = DuetPlan(4, 60, 1.0)
    judgement = judge(plan, Rules(), *noisy_duet(15, 1.0))
    assert judgement.decided
    assert {row.verdict for row in judgement.rows} == {RowVerdict.UNCHANGED}


def test_a_regression_is_decided_at_the_end_of_the_budget_only():
    plan = DuetPlan(4, 60, 1.0)
    early = judge(plan, Rules(), *noisy_duet(30, 1.3))
    assert any(row.verdict is RowVerdict.REGRESSED for row in early.rows)
    assert not early.decided
    assert judge(plan, Rules(), *noisy_duet(60, 1.3)).decided


def test_what_is_undecided_goes_on_until_nothing_comes_after():
    plan = DuetPlan(4, 60, 1.0)
    assert not judge(plan, Rules(), *noisy_duet(30, 1.05)).decided
    assert judge(plan, Rules(), *noisy_duet(30, 1.05), last=True).decided


@pytest.mark.parametrize("last", [False, True])
def test_a_regression_that_others_may_have_made_is_none(last):
    def beside_others(run, foreign):
        seen = Environment(Occupancy(foreign, idle=0.2), None, None)
        return replace(run, rounds=tuple(replace(one, environment=seen) for one in run.rounds))

    base, head = noisy_duet(60, 1.3)
    judgement = judge(DuetPlan(4, 60, 1.0), Rules(), beside_others(base, 0.2), beside_others(head, 0.25), last)
    assert judgement.decided
    assert RowVerdict.REGRESSED not in {row.verdict for row in judgement.rows}


def test_green_early_looks_spend_the_miss_rate_and_red_only_the_last():
    plan = DuetPlan(4, 60, 1.0)
    duet = noisy_duet(20, 1.0)
    early, last = (judge(plan, Rules(), *duet, last=last) for last in (False, True))
    for one, other in zip(early.rows, last.rows, strict=True):
        for end in ("low", "high"):
            if one.row.metric != "http_reqs":  # which is the same in all of these pairs
                assert (getattr(one.interval, end) != getattr(other.interval, end)) is (end == "high")


def test_an_improvement_need_not_be_proven():
    plan = DuetPlan(4, 60, 1.0)
    judgement = judge(plan, Rules(), *noisy_duet(20, 0.95))
    assert judgement.decided
    assert RowVerdict.INCONCLUSIVE in {row.verdict for row in judgement.rows if row.gated}


def test_a_row_that_informs_and_looks_worse_keeps_a_duet_going():
    def with_tail(pair):
        made = tally(10.0)
        for _ in range(3):
            made.request("GET /").ok.record(10_000_000 * (5 if pair % 2 else 7))
        return made

    base = run_of("base", [tally(10.0)] * 60)
    head = run_of("head", [with_tail(pair) for pair in range(60)])
    first = judge(DuetPlan(4, 60, 1.0), Rules(), prefix_of(base, 11), prefix_of(head, 11))
    assert all(rules_out_regression(row) for row in first.rows if row.gated)
    assert not first.decided
    told = [row for row in judge(DuetPlan(4, 60, 1.0), Rules(), base, head).rows if row.row.stat == "p(99)"]
    assert [(row.gated, row.verdict) for row in told] == [(False, RowVerdict.REGRESSED)]


def test_a_tail_that_cannot_be_decided_is_said_at_half_time_and_waited_for_no_longer():
    plan = DuetPlan(4, 60, 1.0)
    base, head = noisy_tails(60)
    early, half = (judge(plan, Rules(), prefix_of(base, pairs), prefix_of(head, pairs)) for pairs in (27, 36))
    assert not early.decided
    assert half.decided
    (tail,) = [row for row in half.rows if row.row.stat == "p(95)"]
    assert not tail.gated
    said = "informs: by the end of the budget http_req_duration p(95) of 27,000 requests is known to ±"
    assert tail.warnings[-1].startswith(said)
    assert [row.row.stat for row in half.rows if row.gated and row.row.metric == "http_req_duration"] == ["med"]


def test_instances_widen_the_intervals_of_ratios():
    alone, known = (
        judge(DuetPlan(1, 60, 1.0, instance_noise=noise), Rules(), *noisy_duet(60, 1.0), instances=2)
        for noise in (None, 0.02)
    )
    for one, other in zip(alone.rows, known.rows, strict=True):
        wider = other.smallest - one.smallest
        assert wider == 0 if one.row.in_points else wider > 0.02
    more = judge(DuetPlan(1, 60, 1.0, instance_noise=0.02), Rules(), *noisy_duet(60, 1.0), instances=8)
    assert more.rows[-1].smallest < known.rows[-1].smallest


def test_more_scenarios_ask_for_more_certainty():
    few, many = (judge(DuetPlan(scenarios, 60, 1.0), Rules(), *noisy_duet(60, 1.0)) for scenarios in (1, 20))
    few_cpu, many_cpu = (next(row for row in judged.rows if row.row.metric == "service_cpu") for judged in (few, many))
    assert few_cpu.smallest < many_cpu.smallest
