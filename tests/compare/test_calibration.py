"""What a machine can see, foretold from a duet of a service with itself."""

import math
import random
from dataclasses import replace

import pytest

from perfgate.compare.calibration import (
    Calibrated,
    calibrate,
    enough_budget,
    instance_noise_of,
    load_needed,
    proposed_margins,
)
from perfgate.compare.comparison import RowVerdict
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.rows import Row
from perfgate.compare.rules import Margin, Rules
from tests.support.counted import counting, times
from tests.support.seeded_duets import noisy_duet

RULES = Rules()
PLANS = [DuetPlan(scenarios=1, budget_seconds=budget, pair_seconds=2.0) for budget in (30, 60, 180)]


def row_of(rows, metric, stat):
    (found,) = [row for row in rows if (row.row.metric, row.row.stat) == (metric, stat)]
    return found


def calibrated(smallest, metric="http_req_duration", stat="med", margin=0.05):
    return Calibrated(Row("shop", "GET /", metric, stat), 0.02, tuple(smallest), margin)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_foretold_is_what_longer_duets_see(seed):
    foretold = row_of(calibrate(*noisy_duet(40, 1.0, noise=0.03, seed=seed), RULES, PLANS), "service_cpu", "value")
    for plan, smallest in zip(PLANS, foretold.smallest, strict=True):
        duets = [judge(plan, RULES, *noisy_duet(plan.pairs, 1.0, noise=0.03, seed=10 + one)) for one in range(5)]
        seen = sorted(row_of_comparisons(duet.rows).smallest for duet in duets)[2]
        assert smallest == pytest.approx(seen, rel=0.35)


def row_of_comparisons(rows):
    (found,) = [row for row in rows if row.row.metric == "service_cpu"]
    return found


def test_the_noise_is_that_of_one_pair():
    rows = calibrate(*noisy_duet(200, 1.0, noise=0.03), RULES, PLANS)
    assert row_of(rows, "http_req_duration", "med").noise == pytest.approx(0.03 * 2**0.5, rel=0.15)


def test_more_load_sees_smaller_changes():
    for row in calibrate(*noisy_duet(30, 1.0), RULES, PLANS):
        assert list(row.smallest) == sorted(row.smallest, reverse=True)


def test_more_scenarios_see_less_each():
    four = [DuetPlan(4, plan.budget_seconds, plan.pair_seconds) for plan in PLANS]
    duet = noisy_duet(30, 1.0)
    alone, shared = (row_of(calibrate(*duet, RULES, plans), "service_cpu", "value") for plans in (PLANS, four))
    assert shared.smallest[2] > alone.smallest[2]


def test_only_rows_that_gate_are_calibrated():
    stats = {row.row.stat for row in calibrate(*noisy_duet(30, 1.0), RULES, PLANS)}
    assert stats == {"rate", "value", "med", "p(95)"}


def test_failed_requests_are_calibrated_in_points():
    calm, failing = (
        row_of(calibrate(*noisy_duet(30, 1.0, failed=failed), RULES, PLANS), "http_req_failed", "rate")
        for failed in ((0, 0), (10, 10))
    )
    assert calm.smallest[1] < failing.smallest[1] < 0.05


def test_a_budget_of_too_few_pairs_sees_nothing():
    rows = calibrate(*noisy_duet(30, 1.0), RULES, [DuetPlan(1, 6, 2.0)])
    assert row_of(rows, "service_cpu", "value").smallest == (None,)
    assert proposed_margins([row_of(rows, "service_cpu", "value")], 0)[0].allowed == 1.0


def test_too_few_pairs_calibrate_nothing():
    assert calibrate(*noisy_duet(5, 1.0), RULES, PLANS) == ()


def test_a_margin_fits_the_noisiest_of_its_rows_with_room_to_spare():
    rows = [calibrated([0.01]), calibrated([0.06]), calibrated([0.001], stat="p(95)")]
    assert proposed_margins(rows, 0) == (
        Margin(0.10, "http_req_duration", "med"),
        Margin(0.02, "http_req_duration", "p(95)"),
    )


def test_failed_requests_keep_their_margin_where_it_suffices():
    assert proposed_margins([calibrated([0.001], "http_req_failed", "rate", margin=0.005)], 0) == ()
    (found,) = proposed_margins([calibrated([0.01], "http_req_failed", "rate", margin=0.005)], 0)
    assert found == Margin(0.02, "http_req_failed", "rate")


def test_no_margin_is_proposed_that_would_excuse_an_exact_count():
    base, head = noisy_duet(30, 1.0)
    rows = calibrate(counting(base, times(3)), counting(head, times(3)), RULES, PLANS)
    assert any(row.row.is_count for row in rows)
    rules = Rules(margins=proposed_margins(rows, 1))
    judged = judge(PLANS[1], rules, counting(base, times(3)), counting(head, times(3.05)), last=True)
    assert [row.verdict for row in judged.rows if row.row.is_count] == [RowVerdict.REGRESSED]


def test_counts_make_no_budget_look_enough():
    thin, count = calibrated([0.06, 0.03, 0.02]), calibrated([0.0, 0.0, 0.0], "counter{name:queries}", "value")
    assert enough_budget([thin, count]) == enough_budget([thin]) == 1


def test_the_budget_is_the_smallest_that_holds_half_of_the_rows_to_their_margins():
    assert enough_budget([calibrated([0.02, 0.01, 0.005]), calibrated([0.5, 0.3, 0.2])]) == 0
    assert enough_budget([calibrated([0.06, 0.03, 0.02]), calibrated([0.5, 0.3, 0.2])]) == 1
    assert enough_budget([calibrated([0.9, 0.8, 0.7])]) == 2


def duet_of_instances(noise, instances, seed=1):
    """A duet of one service twice, in which each instance is off by `noise`."""
    lots = random.Random(seed)
    off = [math.exp(lots.gauss(0, noise) - lots.gauss(0, noise)) for _ in range(instances)]
    sides = noisy_duet(12 * instances, lambda pair: off[pair // 12], seed=seed)
    return tuple(
        replace(side, rounds=tuple(replace(one, instance=one.pair // 12) for one in side.rounds)) for side in sides
    )


def test_the_scatter_between_instances_is_found_where_there_were_enough():
    found = sorted(instance_noise_of([duet_of_instances(0.05, 6, seed)], RULES) for seed in range(9))
    assert found[4] == pytest.approx(0.05, rel=0.3)
    assert instance_noise_of([duet_of_instances(0.05, 2)], RULES) is None
    several = [duet_of_instances(0.05, 2, seed) for seed in range(30)]
    assert instance_noise_of(several, RULES) == pytest.approx(0.05, rel=0.3)


def test_the_load_that_is_needed_is_that_of_the_best_known_latency():
    rows = [calibrated([0.1]), calibrated([0.4], stat="p(95)", margin=0.1), calibrated([9.0], "http_reqs", "rate")]
    assert load_needed(rows, 0) == pytest.approx((0.1 * 1.5 / 0.05) ** 2)
    assert load_needed([calibrated([0.01])], 0) < 1
    assert load_needed([calibrated([None])], 0) == 1.0
