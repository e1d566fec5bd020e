"""What the charts of a measurement are drawn from."""

import pytest

from perfgate.compare.rows import Row
from perfgate.metrics.histogram import Histogram
from perfgate.report.charts.distribution import distribution_chart, quantiles, shift_chart
from perfgate.report.charts.pairs import pair_points, round_points
from perfgate.report.charts.timeline import failures_chart, has_failures, throughput_chart
from tests.support.seeded_duets import run_of, tally

MEDIAN = Row("shop", "GET /", "http_req_duration", "med")
FAILED = Row("shop", None, "http_req_failed", "rate")


def test_a_pair_shows_its_change_and_what_it_was_made_of():
    base, head = run_of("base", [tally(10.0)]), run_of("head", [tally(12.0)])
    (point,) = pair_points(MEDIAN, base, head)
    assert (point.number, point.instance, point.problem) == (1, 1, "")
    assert point.y == pytest.approx(0.2, abs=0.01)
    assert " → " in point.shown


def test_a_change_of_a_share_is_a_difference():
    base, head = run_of("base", [tally(10.0, failed=0)]), run_of("head", [tally(10.0, failed=20)])
    (point,) = pair_points(FAILED, base, head)
    assert point.y == pytest.approx(0.1)


def test_a_pair_of_which_one_round_is_invalid_says_why():
    base, head = run_of("base", [tally(10.0)] * 2), run_of("head", [tally(10.0)] * 2, invalid=[1])
    assert [point.problem for point in pair_points(MEDIAN, base, head)] == ["", "the generator was busy"]


def test_a_pair_without_its_other_half_or_without_a_value_is_left_out():
    base, head = run_of("base", [tally(10.0)] * 3), run_of("head", [tally(10.0)] * 2)
    assert len(pair_points(MEDIAN, base, head)) == 2
    unknown = Row("shop", None, "service_cpu", "value")
    assert pair_points(unknown, run_of("base", [tally(1.0, cpu_ms=None)]), head) == ()


def test_a_run_alone_shows_each_round():
    points = round_points(MEDIAN, run_of("", [tally(10.0), tally(20.0)]))
    assert [round(point.y / 10) for point in points] == [1, 2]


def test_quantiles_go_as_far_as_there_are_requests_beyond():
    few, many = (Histogram.of(range(1_000_000, 1_000_000 + count)) for count in (200, 20_000))
    assert max(quantiles(few)) == 0.95
    assert max(quantiles(many)) == 0.999
    assert quantiles(Histogram.of([5_000_000])) == {0.5: 5.0}


def test_the_shift_of_a_quantile_is_that_of_the_times():
    base, head = (Histogram.of(n * factor for n in range(1, 1001)) for factor in (10_000, 13_000))
    shifts = [value["shift"] for value in shift_chart(base, head)["data"]["values"]]
    assert shifts == pytest.approx([0.3] * len(shifts), abs=0.01)


def test_a_side_without_requests_that_succeeded_has_no_line():
    chart = distribution_chart({"base": Histogram.of([1_000_000] * 50), "head": Histogram()})
    assert {value["side"] for value in chart["data"]["values"]} == {"base"}


def test_throughput_and_failures_are_those_of_each_round():
    sides = {"base": run_of("base", [tally(10.0)] * 2), "head": run_of("head", [tally(10.0, failed=50)] * 2)}
    assert [value["rate"] for value in throughput_chart(sides)["data"]["values"]] == [200.0] * 4
    assert [value["failed"] for value in failures_chart(sides)["data"]["values"]] == [0.0, 0.0, 0.25, 0.25]
    assert has_failures(sides)
    assert not has_failures({"base": sides["base"]})
