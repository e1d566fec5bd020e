"""Ten small steps since a release, none of which a comparison with the step before sees."""

from dataclasses import replace

import pytest

from perfgate.compare.rows import Row
from perfgate.compare.rules import Margin, Rules
from perfgate.compare.stored.points import StoredPoint
from perfgate.compare.stored.release import Unanswered, since_release, why_unanswered

DAY = 86_400.0
MEDIAN = Row("shop", "GET /", "http_req_duration", "med")
RATE = Row("shop", None, "http_reqs", "rate")
WOBBLE = (0.998, 1.003, 1.0, 0.997, 1.002)


def points(factor, count=21, row=MEDIAN, **changes):
    """A series that ends at `factor` times its start; the release is run 4."""
    made = []
    for place in range(count):
        progress = max(0, place - 4) / (count - 5)
        value = 10 * factor**progress * WOBBLE[place % 5]
        facts = {"run": f"run {place:02}", "started_at": float(place), "testbed": "here", "scenario_hash": "hash"}
        made.append(StoredPoint(row, value, **{**facts, **changes}))
    return made


def crept(series, rules=None):
    return since_release([series[-1]], series[:-1], "run 04", rules or Rules())


def test_ten_steps_of_one_percent_are_seen():
    (found,) = crept(points(1.1))
    assert found.beyond
    assert found.creep.change == pytest.approx(0.1, abs=0.025)


def test_a_series_that_stays_where_it_was_shows_nothing():
    (found,) = crept(points(1.0))
    assert not found.beyond


def test_getting_faster_is_no_creep():
    assert [found.beyond for found in crept(points(0.8))] == [False]
    assert [found.beyond for found in crept(points(0.8, row=RATE))] == [True]


def test_what_noise_hides_is_not_within_its_margin():
    wide = [point if place % 2 else replace(point, value=point.value * 1.06) for place, point in enumerate(points(1.1))]
    (found,) = crept(wide)
    assert (found.beyond, found.within) == (False, False)
    assert [found.within for found in crept(points(1.02))] == [True]
    assert [found.within for found in crept(points(0.8))] == [True]
    assert [found.within for found in crept(points(0.9, row=RATE))] == [False]


def test_a_margin_allows_it():
    assert [found.beyond for found in crept(points(1.1), Rules(margin=0.2))] == [False]


def test_rows_that_only_inform_and_shares_of_failures_are_left_out():
    assert crept(points(1.1, row=Row("shop", "GET /", "http_req_duration", "p(99)"))) == ()
    assert crept(points(1.1, row=Row("shop", None, "http_req_failed", "rate"))) == ()
    named = Rules(margins=(Margin(0.05, "http_req_duration", "p(99)"),))
    assert crept(points(1.1, row=Row("shop", "GET /", "http_req_duration", "p(99)")), named)[0].beyond


def test_another_testbed_another_scenario_or_no_release_say_nothing():
    series = points(1.1)
    assert since_release([series[-1]], points(1.1, testbed="there")[:-1], "run 04", Rules()) == ()
    assert since_release([series[-1]], points(1.1, scenario_hash="other")[:-1], "run 04", Rules()) == ()
    assert since_release([series[-1]], series[:-1], "no such run", Rules()) == ()


@pytest.mark.parametrize(
    ("of_release", "why"),
    [
        ({"testbed": "there"}, Unanswered.OTHER_TESTBED),
        ({"scenario_hash": "other"}, Unanswered.OTHER_SCENARIO),
        ({"scenario_hash": "other", "testbed": "there"}, Unanswered.OTHER_SCENARIO),
        ({}, Unanswered.FEW_RUNS),
    ],
)
def test_why_nothing_is_said_is_known(of_release, why):
    series = points(1.1, count=9)
    series[4] = replace(series[4], **of_release)
    assert since_release([series[-1]], series[:-1], "run 04", Rules()) == ()
    assert why_unanswered([series[-1]], series[:-1], "run 04") is why


def test_a_release_that_is_measured_late_has_a_level_of_its_own():
    later = points(1.0, count=12)
    release = replace(later[0], run="release", value=later[0].value / 1.3, started_at=9.5)
    stored = [*later[:-1], release]
    landed = {point.run for point in later}
    (found,) = since_release([later[-1]], stored, "release", Rules(), landed)
    assert found.beyond
    assert found.creep.change == pytest.approx(0.3, abs=0.02)


def monthly(series, *gone):
    """The series with a run a month, without some of its runs."""
    runs = [replace(point, started_at=30 * DAY * point.started_at) for point in series]
    return [run for place, run in enumerate(runs) if place not in gone]


def test_runs_that_lie_far_from_the_release_are_not_at_its_level():
    (before,) = crept(monthly(points(1.1)))
    (pruned,) = crept(monthly(points(1.1), *range(4), *range(5, 15)))
    assert pruned.beyond
    assert pruned.creep.change == pytest.approx(before.creep.change, abs=0.02)
    (newest,) = crept(monthly(points(1.1), *range(5, 15)))
    assert newest.creep.change == pytest.approx(before.creep.change, abs=0.02)


def test_too_few_runs_since_the_release_say_nothing():
    assert crept(points(1.1, count=9)) == ()
