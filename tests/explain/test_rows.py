"""What the rows of a duet say of causes, without a profiler."""

from dataclasses import replace

import pytest

from perfgate.compare.comparison import Comparison, Interval, RowVerdict
from perfgate.compare.rows import Row
from perfgate.explain.cause import CauseKind
from perfgate.explain.rows import dependency_causes, known_rise, waiting_somewhere, waits

POSTGRES = "dependency_cpu{name:postgres}"


def row(metric, stat, base, change, low, high, request=None):
    verdict = RowVerdict.REGRESSED if low > 0.05 else RowVerdict.UNCHANGED
    return Comparison(
        row=Row("look", request, metric, stat),
        base=base,
        head=base * (1 + change),
        change=change,
        interval=Interval(low, high),
        margin=0.05,
        smallest=None,
        rounds=20,
        gated=True,
        verdict=verdict,
        warnings=(),
    )


SLOWER = row("http_req_duration", "med", 10.0, 0.5, 0.4, 0.6, "GET /")
SAME_CPU = row("service_cpu", "value", 2.0, 0.0, -0.02, 0.02)
MORE_CPU = row("service_cpu", "value", 2.0, 0.1, 0.05, 0.15)
MORE_POSTGRES = row(POSTGRES, "value", 2.0, 0.5, 0.4, 0.6)


def test_a_dependency_that_takes_more_cpu_is_a_cause():
    (cause,) = dependency_causes([SLOWER, SAME_CPU, MORE_POSTGRES])
    assert (cause.kind, cause.dependency, cause.function, cause.scenario) == (CauseKind.CPU, "postgres", "", "look")
    assert (cause.base_ms, cause.head_ms, cause.change_ms) == pytest.approx((2.0, 3.0, 1.0))
    assert (cause.low_ms, cause.high_ms) == pytest.approx((0.8, 1.2))


def test_a_dependency_that_may_take_as_much_as_before_is_none():
    assert dependency_causes([row(POSTGRES, "value", 2.0, 0.5, -0.1, 1.1)]) == ()
    assert dependency_causes([replace(MORE_POSTGRES, interval=None), replace(MORE_POSTGRES, base=None)]) == ()


def test_of_dependencies_the_one_that_rose_most_comes_first():
    more = row("dependency_cpu{name:redis}", "value", 1.0, 3.0, 2.0, 4.0)
    assert [cause.dependency for cause in dependency_causes([MORE_POSTGRES, more])] == ["redis", "postgres"]


def test_requests_that_take_longer_without_more_cpu_wait():
    (cause,) = waiting_somewhere([SLOWER, SAME_CPU])
    assert (cause.kind, cause.function, cause.dependency) == (CauseKind.WAITING, "", "")
    assert (cause.change_ms, cause.low_ms, cause.high_ms) == pytest.approx((5.0, 4.0, 6.0))


@pytest.mark.parametrize("other", [MORE_CPU, MORE_POSTGRES])
def test_where_cpu_rose_nothing_is_said_of_waiting(other):
    assert waiting_somewhere([SLOWER, other]) == ()


def test_where_requests_take_as_long_nothing_is_said_of_waiting():
    tail = row("http_req_duration", "p(99)", 10.0, 0.5, 0.4, 0.6, "GET /")
    assert waiting_somewhere([tail, SAME_CPU]) == ()


def test_by_how_much_the_service_takes_more_cpu():
    found = known_rise([SLOWER, MORE_CPU])
    assert (found.change_ms, found.error_ms) == pytest.approx((0.2, 0.05))
    assert known_rise([SLOWER, SAME_CPU, MORE_POSTGRES]) is None


def test_requests_wait_where_they_take_longer_by_more_than_users_can_wait_for_the_cpu():
    assert waits([SLOWER, SAME_CPU], users=2)
    assert waits([SLOWER, MORE_CPU], users=2)
    assert not waits([SLOWER, MORE_CPU], users=20)
    assert not waits([MORE_CPU], users=2)


def test_requests_that_take_longer_as_their_cpu_does_wait_for_that():
    assert not waits([SLOWER, row("service_cpu", "value", 0.1, 0.4, 0.3, 0.5)], users=1)
