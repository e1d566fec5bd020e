"""Requests that base does not know yet: compared with nothing, while the others are compared as ever."""

import math
import random

import pytest

from perfgate.compare.comparison import RowVerdict
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.new_request import NOTHING_NEW
from perfgate.compare.pairs import new_on_head
from perfgate.compare.rules import Rules
from perfgate.metrics.tally import RequestTally
from tests.support.seeded_duets import run_of, tally

PAIRS = 40
OLD, NEW = "GET /pets", "GET /reports"


def rounds(names, factor=1.0, seed=1, failed=0):
    """Tallies with noise of 1 %, in which `failed` of 200 requests of each name failed."""
    lots = random.Random(seed)
    return [tally(10 * factor * math.exp(lots.gauss(0, 0.01)), failed, names) for _ in range(PAIRS)]


def lacking(tallies, name=NEW, answer="status 404"):
    """As rounds of a service that answers a request with errors alone, and soon."""
    for one in tallies:
        requests = one.requests[name]
        requests.failed = requests.failed if requests.failed.count else RequestTally().failed
        requests.failed.merge(requests.ok)
        requests.ok, requests.errors = RequestTally().ok, type(requests.errors)({answer: requests.failed.count})
    return tallies


def judged(base, head):
    return judge(DuetPlan(1, 60.0, 1.0), Rules(), run_of("base", base), run_of("head", head), last=True).rows


def new_in(base, head):
    return new_on_head(run_of("base", base), run_of("head", head), Rules())


def test_a_request_that_base_lacks_informs_and_the_others_are_compared():
    rows = judged(lacking(rounds([OLD, NEW])), rounds([OLD, NEW], 1.3, seed=2))
    fresh = [row for row in rows if row.row.request == NEW]
    assert fresh
    assert not any(row.gated for row in fresh)
    assert {row.warnings[-1] for row in fresh if row.row.stat == "med"} == {
        "GET /reports is new on head: base answers status 404 alone, so there is nothing to compare with"
    }
    median = next(row for row in rows if row.row.request == OLD and row.row.stat == "med")
    assert (median.gated, median.verdict) == (True, RowVerdict.REGRESSED)


def test_rows_of_a_scenario_of_which_base_does_less_inform():
    rows = judged(lacking(rounds([OLD, NEW])), rounds([OLD, NEW], seed=2))
    whole = {row.row.metric: row for row in rows if row.row.request is None}
    for metric in ("http_reqs", "service_cpu"):
        assert (whole[metric].gated, whole[metric].change) == (False, None)
        assert whole[metric].warnings[0].startswith("not the same work on both sides: GET /reports is new on head")
    assert (whole["http_req_failed"].gated, whole["http_req_failed"].verdict) == (True, RowVerdict.UNCHANGED)
    assert (whole["http_req_failed"].base, whole["http_req_failed"].head) == (0.0, 0.0)


def test_failures_of_what_base_knows_are_not_hidden_by_what_it_lacks():
    head = rounds([OLD, NEW], seed=2)
    for one in head:
        one.requests[OLD] = tally(10.0, 20, [OLD]).requests[OLD]
    row = next(row for row in judged(lacking(rounds([OLD, NEW])), head) if row.row.metric == "http_req_failed")
    assert (row.gated, row.verdict, row.base, row.head) == (True, RowVerdict.REGRESSED, 0.0, 0.1)


def test_a_scenario_of_which_base_knows_nothing_stays_open():
    rows = judged(lacking(rounds([NEW])), rounds([NEW], seed=2))
    gated = [row for row in rows if row.gated]
    assert {(row.row.metric, row.row.stat) for row in gated} == {
        ("http_req_duration", "med"),
        ("http_req_duration", "p(95)"),
    }
    assert {row.verdict for row in gated} == {RowVerdict.INCONCLUSIVE}


@pytest.mark.parametrize("answer", ["status 404", "status 405", "status 501"])
def test_these_answers_say_that_there_is_no_such_thing(answer):
    found = new_in(lacking(rounds([OLD, NEW]), answer=answer), rounds([OLD, NEW]))
    assert (found.names, found.answers, found.whole) == ((NEW,), (answer,), False)


@pytest.mark.parametrize("answer", ["status 500", "status 401", "status 400", "refused"])
def test_other_errors_of_base_are_errors(answer):
    assert new_in(lacking(rounds([OLD, NEW]), answer=answer), rounds([OLD, NEW])) == NOTHING_NEW


def test_what_does_not_work_on_head_either_is_not_new():
    assert new_in(lacking(rounds([OLD, NEW])), lacking(rounds([OLD, NEW]))) == NOTHING_NEW
    assert new_in(lacking(rounds([OLD, NEW])), rounds([OLD, NEW], failed=2)) == NOTHING_NEW
    assert new_in(lacking(rounds([OLD, NEW])), rounds([OLD, NEW], failed=1)).names == (NEW,)


def test_what_head_lacks_is_a_failure_of_head():
    rows = judged(rounds([OLD, NEW]), lacking(rounds([OLD, NEW], seed=2)))
    failed = next(row for row in rows if row.row.metric == "http_req_failed")
    assert (failed.gated, failed.verdict) == (True, RowVerdict.REGRESSED)


def test_what_is_asked_after_an_answer_that_base_lacks_is_new_as_well():
    base = lacking(rounds([OLD, NEW]))
    found = new_in(base, rounds([OLD, NEW, "GET /reports/{id}"]))
    assert found.names == (NEW, "GET /reports/{id}")
    assert str(found).startswith("GET /reports, GET /reports/{id} are new on head")
    assert new_in(rounds([OLD]), rounds([OLD, NEW])) == NOTHING_NEW
