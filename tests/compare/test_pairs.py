"""Verdicts on the rows of a duet, from its pairs."""

import pytest

from perfgate.compare.comparison import RowVerdict
from perfgate.compare.multiplicity import ErrorRates
from perfgate.compare.pairs import compare_pairs
from perfgate.compare.rules import Margin, Rules
from perfgate.compare.sample import count_pairs, paired_sample, valid_pairs
from tests.support.seeded_duets import noisy_duet, run_of, tally

LEVEL = 0.0025


def row_of(rows, metric, stat, request=None):
    return next(row for row in rows if (row.row.metric, row.row.stat, row.row.request) == (metric, stat, request))


def median_of(rows):
    return row_of(rows, "http_req_duration", "med", "GET /")


def compare(pairs, factor, level=LEVEL, rules=None, **noise):
    return compare_pairs(*noisy_duet(pairs, factor, **noise), rules or Rules(), ErrorRates(level, LEVEL))


def test_a_slower_head_is_a_regression_of_latency_cpu_and_not_of_failures():
    rows = compare(30, 1.3)
    median = median_of(rows)
    assert median.verdict is RowVerdict.REGRESSED
    assert median.interval.low < 0.3 < median.interval.high
    assert median.change == pytest.approx(0.3, abs=0.01)
    assert row_of(rows, "service_cpu", "value").verdict is RowVerdict.REGRESSED
    assert row_of(rows, "http_req_failed", "rate").verdict is RowVerdict.UNCHANGED


def test_the_same_code_twice_is_unchanged():
    assert {row.verdict for row in compare(30, 1.0)} == {RowVerdict.UNCHANGED}


def test_a_faster_head_is_an_improvement():
    assert median_of(compare(30, 0.8)).verdict is RowVerdict.IMPROVED


def test_a_change_near_the_margin_is_inconclusive():
    assert median_of(compare(30, 1.05)).verdict is RowVerdict.INCONCLUSIVE


def test_shown_values_come_from_all_requests_of_the_valid_pairs():
    base = run_of("base", [tally(10)] * 12 + [tally(99)], invalid=[12])
    head = run_of("head", [tally(10)] * 12 + [tally(10)])
    median = median_of(compare_pairs(base, head, Rules(), ErrorRates(LEVEL, LEVEL)))
    assert median.base == pytest.approx(9.975, rel=1e-3)
    assert median.rounds == 12


def test_few_pairs_say_how_many_are_needed():
    median = median_of(compare(6, 1.5))
    assert median.verdict is RowVerdict.INCONCLUSIVE
    assert (median.interval, median.smallest) == (None, None)
    assert median.change == pytest.approx(0.5, abs=0.03)
    # 2**-9 is the first power of a half that is not above a miss rate of 0.0025.
    assert median.warnings == ("6 pairs are too few to prove anything; 9 are the least",)


def test_pairs_that_can_rule_a_regression_out_may_be_too_few_to_prove_one():
    slower, same = (median_of(compare(10, factor, level=0.0005)) for factor in (1.5, 1.0))
    assert slower.interval.low > slower.margin
    assert slower.verdict is RowVerdict.INCONCLUSIVE
    # Five gated rows share a level of 0.0005; 2**-14 is the first power of a half that is not above a fifth of it.
    assert slower.warnings == ("10 pairs are too few to prove a regression; 14 are the least",)
    assert (same.verdict, same.warnings) == (RowVerdict.UNCHANGED, ())


def test_rows_that_move_together_share_the_error_rate_by_how_much_they_do():
    # By Bonferroni ten pairs would be one too few: latency and CPU count as little more than one row here.
    median = median_of(compare(10, 1.5))
    assert (median.verdict, median.warnings) == (RowVerdict.REGRESSED, ())


def test_the_end_on_the_side_of_harm_has_the_miss_rate():
    base, head = noisy_duet(30, 1.0)
    for pair, round_ in enumerate(head.rounds):
        round_.tally.seconds *= 1 + 0.001 * (pair % 7)  # and throughput scatters, too

    def interval(metric, miss):
        rows = compare_pairs(base, head, Rules(), ErrorRates(LEVEL, miss))
        return next(row.interval for row in rows if row.row.metric == metric)

    for metric, harm, calm in (("http_req_duration", "high", "low"), ("http_reqs", "low", "high")):
        strict, mild = interval(metric, 0.001), interval(metric, 0.05)
        assert getattr(strict, calm) == getattr(mild, calm)
        assert abs(getattr(strict, harm)) > abs(getattr(mild, harm))


def test_no_valid_pair_is_inconclusive_and_says_so():
    base, head = noisy_duet(3, 1.0)
    broken = run_of("head", [round_.tally for round_ in head.rounds], invalid=range(3))
    median = median_of(compare_pairs(base, broken, Rules(), ErrorRates(LEVEL, LEVEL)))
    assert (median.verdict, median.rounds) == (RowVerdict.INCONCLUSIVE, 0)
    assert "no pair of valid rounds was measured" in median.warnings


@pytest.mark.parametrize("at", range(0, 31, 5))
@pytest.mark.parametrize("size", [1.5, 10.0])
def test_a_burst_on_half_of_heads_rounds_is_no_regression(at, size):
    rows = compare(60, lambda pair: size if at <= pair < at + 30 else 1.0)
    assert RowVerdict.REGRESSED not in {row.verdict for row in rows}


def test_a_burst_says_why_it_is_inconclusive():
    warned = set()
    for end in (20, 30, 34):
        median = median_of(compare(60, lambda pair, end=end: 1.5 if end - 24 <= pair < end else 1.0, noise=0.02))
        assert median.verdict is RowVerdict.INCONCLUSIVE
        warned |= set(median.warnings)
    assert any("stretches" in warning for warning in warned)


def test_where_half_of_the_pairs_stand_out_the_other_half_must_be_beyond_doubt():
    # Without the burst the change is 8 % at a margin of 5 %, in noise that leaves a doubt of some percent.
    median = median_of(compare(60, lambda pair: 1.6 if 15 <= pair < 45 else 1.08, noise=0.05, seed=3))
    assert median.interval.low > median.margin
    assert median.verdict is RowVerdict.INCONCLUSIVE
    assert "hangs on one stretch of the pairs, as a burst of noise would: not proven without it" in median.warnings


def test_a_burst_in_base_is_no_improvement():
    rows = compare(60, lambda pair: 0.5 if 10 <= pair < 34 else 1.0)
    assert median_of(rows).verdict is RowVerdict.INCONCLUSIVE


def test_a_request_name_of_one_side_is_never_green():
    base = run_of("base", [tally(10, requests=["GET /"])] * 20)
    head = run_of("head", [tally(10, requests=["GET /", "POST /"])] * 20)
    new = row_of(compare_pairs(base, head, Rules(), ErrorRates(LEVEL, LEVEL)), "http_req_duration", "med", "POST /")
    assert (new.verdict, new.gated, new.base, new.change) == (RowVerdict.INCONCLUSIVE, True, None, None)
    assert "only head measured it" in new.warnings


def test_a_request_that_only_fails_on_head_is_never_green():
    base = run_of("base", [tally(10)] * 20)
    head = run_of("head", [tally(10, failed=200)] * 20)
    rows = compare_pairs(base, head, Rules(), ErrorRates(LEVEL, LEVEL))
    assert median_of(rows).verdict is RowVerdict.INCONCLUSIVE
    assert row_of(rows, "http_req_failed", "rate").verdict is RowVerdict.REGRESSED


def test_a_request_that_fails_on_both_sides_says_so_and_not_that_there_are_too_few():
    def side(name):
        both = tally(10)
        both.merge(tally(10, failed=200, requests=["GET /pett"]))
        return run_of(name, [both] * 20)

    rows = compare_pairs(side("base"), side("head"), Rules(), ErrorRates(LEVEL, LEVEL))
    never = row_of(rows, "http_req_duration", "med", "GET /pett")
    assert never.verdict is RowVerdict.INCONCLUSIVE
    assert never.warnings == ("none of its requests succeeded, on either side (status 500)",)


def test_more_failures_are_a_regression_in_points():
    failed = row_of(compare(20, 1.0, failed=(0, 6)), "http_req_failed", "rate")
    assert failed.verdict is RowVerdict.REGRESSED
    assert failed.change == pytest.approx(0.03)
    assert failed.margin == 0.005


def test_failures_that_were_there_before_are_unchanged():
    failed = row_of(compare(40, 1.0, failed=(40, 40)), "http_req_failed", "rate")
    assert (failed.base, failed.head, failed.change) == (0.2, 0.2, 0.0)
    assert failed.verdict is not RowVerdict.REGRESSED
    assert failed.margin == pytest.approx(0.01)


def test_failures_of_one_stretch_are_no_regression():
    base = run_of("base", [tally(10)] * 40)
    head = run_of("head", [tally(10, failed=100 if 5 <= pair < 21 else 0) for pair in range(40)])
    failed = row_of(compare_pairs(base, head, Rules(), ErrorRates(LEVEL, LEVEL)), "http_req_failed", "rate")
    assert failed.interval.low > failed.margin
    assert failed.verdict is RowVerdict.INCONCLUSIVE


def test_a_few_failures_throughout_do_not_prove_the_many_of_one_stretch():
    base = run_of("base", [tally(10)] * 40)
    head = run_of("head", [tally(10, failed=100 if 5 <= pair < 21 else 1) for pair in range(40)])
    failed = row_of(compare_pairs(base, head, Rules(), ErrorRates(LEVEL, LEVEL)), "http_req_failed", "rate")
    assert failed.interval.low > failed.margin
    assert failed.verdict is RowVerdict.INCONCLUSIVE


def test_no_failure_of_few_requests_is_unchanged_and_says_how_little_that_is():
    failed = row_of(compare(5, 1.0), "http_req_failed", "rate")
    assert failed.verdict is RowVerdict.UNCHANGED
    assert failed.interval.high > failed.margin
    assert failed.warnings == ("no request failed, of too few to be sure",)


def test_a_percentile_of_few_requests_carries_a_warning():
    rows = compare(2, 1.0)
    assert "too few requests for p(99)" in row_of(rows, "http_req_duration", "p(99)", "GET /").warnings
    assert not any("too few requests" in warning for warning in median_of(rows).warnings)


def test_information_is_not_gated():
    rows = compare(30, 1.3)
    tail = row_of(rows, "http_req_duration", "p(99)", "GET /")
    assert (tail.gated, tail.verdict) == (False, RowVerdict.REGRESSED)


def test_zeros_are_no_ratio_of_nothing():
    base = run_of("base", [tally(10, cpu_ms=0.0)] * 15)
    head = run_of("head", [tally(10, cpu_ms=0.0)] * 15)
    assert (
        row_of(compare_pairs(base, head, Rules(), ErrorRates(LEVEL, LEVEL)), "service_cpu", "value").verdict
        is RowVerdict.UNCHANGED
    )
    head = run_of("head", [tally(10, cpu_ms=1.0)] * 15)
    cpu = row_of(compare_pairs(base, head, Rules(), ErrorRates(LEVEL, LEVEL)), "service_cpu", "value")
    assert (cpu.verdict, cpu.change) == (RowVerdict.REGRESSED, pytest.approx(999))
    once = run_of("head", [tally(10, cpu_ms=1.0)] + [tally(10, cpu_ms=0.0)] * 14)
    assert row_of(compare_pairs(base, once, Rules(), ErrorRates(LEVEL, LEVEL)), "service_cpu", "value").change == 0.0


def test_a_regression_that_is_found_leaves_its_share_of_the_error_to_the_others():
    def interval(factor, level):
        failed = row_of(compare(30, factor, level=level), "http_req_failed", "rate")
        return failed.interval

    # Of five gated rows latency (two) and CPU regressed; what is left of the level is shared by two, not by five.
    assert interval(1.3, LEVEL) == interval(1.0, LEVEL * 5 / 2)


def test_smallest_is_half_the_width_of_the_interval():
    median = median_of(compare(30, 1.0))
    assert median.smallest == pytest.approx((median.interval.high - median.interval.low) / 2, rel=0.02)


def test_a_wider_margin_forgives():
    rules = Rules(margins=(Margin(0.5, request="GET /"),))
    assert median_of(compare(30, 1.3, rules=rules)).verdict is RowVerdict.UNCHANGED


def test_only_pairs_with_two_valid_rounds_count():
    base = run_of("base", [tally(10)] * 4, invalid=[1])
    head = run_of("head", [tally(10)] * 5, invalid=[2])
    assert [one.pair for one, _ in valid_pairs(base, head)] == [0, 3]
    assert count_pairs(base, head) == 4


def test_a_sample_has_one_value_a_valid_round():
    run = run_of("head", [tally(10), tally(20), tally(30)], invalid=[1])
    pairs = valid_pairs(run, run)
    assert paired_sample(pairs, "http_reqs", "count") == ((200.0, 200.0), (200.0, 200.0))
    assert paired_sample(pairs, "http_req_duration", "med", "DELETE /") == ()
    assert len(paired_sample(pairs, "http_req_duration", "med", "GET /")) == 2
