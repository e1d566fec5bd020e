"""A machine that treats the two rounds of a pair differently."""

from dataclasses import replace
from typing import Any

import pytest

from perfgate.compare.comparison import RowVerdict
from perfgate.compare.interference import downgrade_doubtful, flag_pair, flag_round, imbalance
from perfgate.compare.multiplicity import ErrorRates
from perfgate.compare.pairs import compare_pairs
from perfgate.compare.rules import Rules
from perfgate.metrics.run import Environment, Occupancy
from tests.support.seeded_duets import noisy_duet

LIMIT = 0.1
BASE, HEAD = noisy_duet(pairs=20, head_factor=1.0)
QUIET = Environment(Occupancy(foreign=0.01, idle=0.3), Occupancy(foreign=-0.02, idle=0.6), steal=0.0)


def loud(share, place="service"):
    """A machine on which others take so much, and that has a third left idle."""
    changed: dict[str, Any] = {place: share if place == "steal" else Occupancy(share, 0.3)}
    return replace(QUIET, **changed)


def round_(environment, side=BASE):
    return replace(side.rounds[0], environment=environment)


def together(base, head, limit=LIMIT):
    return flag_pair(round_(base), round_(head, HEAD), limit)


def side(run, environments):
    return replace(
        run, rounds=tuple(replace(one, environment=seen) for one, seen in zip(run.rounds, environments, strict=True))
    )


@pytest.mark.parametrize("place", ["service", "generator", "steal"])
@pytest.mark.parametrize("disturbed", ["base", "head"])
def test_a_pair_of_which_one_round_lost_much_is_invalid(place, disturbed):
    other = loud(0.3, place)
    base, head = together(*((other, QUIET) if disturbed == "base" else (QUIET, other)))
    assert not base.valid
    assert not head.valid
    assert f"from {disturbed}" in head.disturbances[0]
    assert "foreign_cpu under [measure]" in head.disturbances[0]


def test_a_pair_of_which_both_rounds_lost_alike_is_valid():
    busy = Environment(Occupancy(0.5, 0.1), Occupancy(0.4, 0.0), steal=0.2)
    assert [one.disturbances for one in together(busy, replace(busy, service=Occupancy(0.55, 0.05)))] == [(), ()]


def test_a_greedy_neighbour_of_both_that_gets_less_beside_a_heavier_head_is_fair():
    base = replace(QUIET, service=Occupancy(foreign=0.78, idle=0.02))
    head = replace(QUIET, service=Occupancy(foreign=0.49, idle=0.01))
    assert all(one.valid for one in together(base, head))
    assert imbalance(side(BASE, [base] * 20), side(HEAD, [head] * 20), LIMIT) == ""


def test_a_second_neighbour_beside_head_is_seen_behind_a_greedy_one_of_both():
    base = replace(QUIET, service=Occupancy(foreign=0.5, idle=0.0))
    head = replace(QUIET, service=Occupancy(foreign=0.67, idle=0.0))
    assert not together(base, head)[1].valid
    assert imbalance(side(BASE, [base] * 20), side(HEAD, [head] * 20), LIMIT)


def test_a_modest_neighbour_of_both_is_fair_though_head_leaves_less_to_it():
    base = replace(QUIET, service=Occupancy(foreign=0.2, idle=0.6))
    head = replace(QUIET, service=Occupancy(foreign=0.2, idle=0.1))
    assert all(one.valid for one in together(base, head))


def test_what_is_not_known_is_not_judged():
    unknown = Environment(None, None, None)
    assert all(
        one.valid for one in (*together(unknown, QUIET), *together(None, QUIET), flag_round(round_(None), LIMIT))
    )


def test_the_limit_is_what_was_asked_for():
    assert all(one.valid for one in together(QUIET, loud(0.3), limit=0.3))
    assert flag_round(round_(loud(0.3)), 0.3).valid


def test_short_rounds_are_given_the_slack_of_coarse_accounts():
    base, head = (
        replace(one, tally=replace(one.tally, seconds=0.1)) for one in (round_(QUIET), round_(loud(0.3), HEAD))
    )
    assert all(one.valid for one in flag_pair(base, head, LIMIT))


@pytest.mark.parametrize(("share", "warnings", "disturbances"), [(0.02, 0, 0), (0.09, 1, 0), (0.2, 0, 1)])
def test_a_round_alone_warns_first_and_is_invalid_then(share, warnings, disturbances):
    judged = flag_round(round_(loud(share)), LIMIT)
    assert (len(judged.warnings), len(judged.disturbances)) == (warnings, disturbances)


def test_a_small_loss_that_is_always_on_head_adds_up():
    said = imbalance(side(BASE, [QUIET] * 20), side(HEAD, [loud(0.06)] * 20), LIMIT)
    assert said == "others took 1 % of the service's CPUs on base and 6 % on head"


def test_a_loss_that_comes_by_chance_does_not_add_up():
    lots = [place % 10 < 7 for place in range(20)]  # of coins, seven of ten fell on head
    base = side(BASE, [QUIET if on_head else loud(0.1) for on_head in lots])
    head = side(HEAD, [loud(0.1) if on_head else QUIET for on_head in lots])
    assert imbalance(base, head, LIMIT) == ""
    assert imbalance(side(BASE, [QUIET] * 20), side(HEAD, [QUIET] * 20), LIMIT) == ""


def test_a_limit_of_everything_judges_nothing():
    all_of_it = loud(1.0)
    assert all(one.valid for one in together(QUIET, all_of_it, limit=1.0))
    assert imbalance(side(BASE, [QUIET] * 20), side(HEAD, [all_of_it] * 20), 1.0) == ""


def verdicts_of_a_slower_head(on_base, on_head, limit=LIMIT, factor=1.2):
    base, head = noisy_duet(pairs=40, head_factor=factor)
    base, head = side(base, [loud(on_base)] * 40), side(head, [loud(on_head)] * 40)
    rows = downgrade_doubtful(compare_pairs(base, head, Rules(), ErrorRates(0.01, 0.01)), base, head, limit)
    return {row.verdict for row in rows if row.gated and row.row.metric == "http_req_duration"}, rows


def verdicts_by_stat(rows):
    return {row.row.stat: row.verdict for row in rows if row.gated and row.row.metric == "http_req_duration"}


@pytest.mark.parametrize(
    ("on_base", "on_head"),
    [(0.0, 0.03), (0.4, 0.42), (0.6, 0.6)],
    ids=["a little more on head", "the same little, of what is left", "most of both"],
)
def test_a_regression_that_others_may_have_made_is_not_proven(on_base, on_head):
    verdicts, rows = verdicts_of_a_slower_head(on_base, on_head)
    assert verdicts == {RowVerdict.INCONCLUSIVE}
    assert any(f"others took {on_base:.0%}".replace("%", " %") in warning for row in rows for warning in row.warnings)


@pytest.mark.parametrize(("on_base", "on_head"), [(0.0, 0.0), (0.02, 0.03), (0.3, 0.3), (0.4, 0.1)])
def test_a_regression_on_a_machine_that_treats_both_alike_stands(on_base, on_head):
    assert verdicts_of_a_slower_head(on_base, on_head)[0] == {RowVerdict.REGRESSED}


def test_a_median_that_rose_beyond_what_they_can_have_made_stands_and_a_tail_does_not():
    _, rows = verdicts_of_a_slower_head(0.0, 0.03, factor=1.5)
    assert verdicts_by_stat(rows) == {"med": RowVerdict.REGRESSED, "p(95)": RowVerdict.INCONCLUSIVE}


def test_where_nothing_limits_others_no_regression_is_doubted():
    assert verdicts_of_a_slower_head(0.0, 0.3, limit=1.0)[0] == {RowVerdict.REGRESSED}


@pytest.mark.parametrize(("more", "stands"), [(2.0, False), (12.0, True)])
def test_cpu_that_rose_beyond_what_neighbours_do_stands(more, stands):
    base, head = noisy_duet(pairs=40, head_factor=more)
    base, head = side(base, [loud(0.6)] * 40), side(head, [loud(0.6)] * 40)
    judged = [
        replace(row, verdict=RowVerdict.REGRESSED) for row in compare_pairs(base, head, Rules(), ErrorRates(0.01, 0.01))
    ]
    rows = {row.row.metric: row.verdict for row in downgrade_doubtful(judged, base, head, LIMIT)}
    assert (rows["service_cpu"] is RowVerdict.REGRESSED) is stands
    assert rows["http_req_duration"] is RowVerdict.INCONCLUSIVE


def test_failed_requests_are_nobody_elses():
    base, head = (side(run, [loud(0.6)] * 20) for run in (BASE, HEAD))
    rows = [
        replace(row, verdict=RowVerdict.REGRESSED) for row in compare_pairs(base, head, Rules(), ErrorRates(0.01, 0.01))
    ]
    stand = {
        row.row.metric for row in downgrade_doubtful(rows, base, head, LIMIT) if row.verdict is RowVerdict.REGRESSED
    }
    assert stand == {"http_req_failed"}
