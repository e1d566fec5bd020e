"""Which commit of a duet has no value of the row that is followed: it is told after a few rounds, and not before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from perfgate.application.bisecting.unmeasurable import LEAST_PAIRS, why_unmeasurable
from perfgate.compare.rows import DURATION, FAILED, Row
from perfgate.metrics.tally import Tally
from tests.support.seeded_duets import SHAPE, depending, run_of, tally

LIST, ORDER = "GET /pets", "POST /order"
FOLLOWED = Row("shop", ORDER, DURATION, "med")


def shop(order_failed: int = 0, list_failed: int = 0) -> Tally:
    made = tally(1.0, list_failed, (LIST,))
    made.merge(tally(1.0, order_failed, (ORDER,)))
    return made


def why(
    base: list[Tally], head: list[Tally], row: Row = FOLLOWED, invalid: Sequence[int] = (), failing: float = 0.0
) -> tuple[str, str]:
    return why_unmeasurable(row, run_of("base", base), run_of("head", head, invalid=invalid), failing)


ALL = len(SHAPE)
FINE = [shop()] * LEAST_PAIRS
MUTE = [shop(order_failed=ALL)] * LEAST_PAIRS


def test_a_commit_of_which_only_the_followed_request_fails_cannot_be_measured():
    assert why(FINE, MUTE) == ("", "answers errors to POST /order")
    assert why(MUTE, FINE) == ("answers errors to POST /order", "")
    assert why(MUTE, MUTE) == ("answers errors to POST /order", "answers errors to POST /order")


def test_a_commit_of_which_another_request_fails_can():
    assert why(FINE, [shop(list_failed=ALL)] * LEAST_PAIRS) == ("", "")


def test_a_few_answers_among_errors_are_none():
    """As many as one round in eleven: however large the budget is, they would not do."""
    mostly = [shop(order_failed=ALL)] * 10 + [shop(order_failed=ALL - 1)]
    assert why([shop()] * 11, mostly) == ("", "answers errors to POST /order")
    assert why([shop()] * 11, mostly[:9] + [shop()] * 2) == ("", "")


def test_a_commit_that_answers_errors_alone_cannot_whatever_is_followed():
    down = [shop(ALL, ALL)] * LEAST_PAIRS
    for row in (FOLLOWED, Row("shop", None, "service_cpu", "value"), Row("shop", None, "http_reqs", "rate")):
        assert why(FINE, down, row) == ("", "answers errors alone")
        assert why(FINE, down, row, invalid=range(LEAST_PAIRS)) == ("", "answers errors alone")


@pytest.mark.parametrize("row", [Row("shop", None, "service_cpu", "value"), Row("shop", None, "http_reqs", "rate")])
def test_what_a_commit_spends_on_errors_is_no_value_of_the_whole_scenario(row):
    assert why(FINE, MUTE, row) == ("", "answers errors to 50.0 % of requests")
    assert why(MUTE, FINE, row) == ("answers errors to 50.0 % of requests", "")
    # The ends answer as many, or it could be chance.
    assert why(FINE, MUTE, row, failing=0.45) == ("", "")
    assert why(FINE, [shop(order_failed=ALL * 24 // 100)] * LEAST_PAIRS, row) == ("", "")


def test_where_errors_are_followed_they_are_its_value():
    for answers in (MUTE, [shop(ALL, ALL)] * LEAST_PAIRS):
        assert why(FINE, answers, Row("shop", None, FAILED, "rate")) == ("", "")


def test_a_request_that_is_never_sent_is_told_from_one_that_fails():
    assert why(FINE, [tally(1.0, 0, (LIST,))] * LEAST_PAIRS) == ("", "is sent no POST /order")


@pytest.mark.parametrize("rounds", range(LEAST_PAIRS))
def test_nothing_is_told_of_fewer_rounds(rounds):
    assert why(FINE[:rounds], MUTE[:rounds]) == ("", "")
    assert why(FINE[:rounds], [shop(ALL, ALL)] * rounds) == ("", "")
    assert why(FINE, MUTE, invalid=range(rounds, LEAST_PAIRS)) == ("", "")


def test_a_dependency_that_a_commit_does_not_have_is_named():
    row = Row("shop", None, "dependency_cpu{name:postgres}", "value")
    base = depending(run_of("base", [shop() for _ in FINE]), "postgres", [1.0] * LEAST_PAIRS)
    head = run_of("head", FINE)
    assert why_unmeasurable(row, base, head, 0.0) == ("", "has no value of CPU of postgres")
