"""report/advice: what a reader does next."""

from dataclasses import replace

from perfgate.compare.unsteady import downgrade_unsteady
from perfgate.report.advice import next_steps
from perfgate.report.phrase import plain
from perfgate.verdict import DuetMethod, decide
from perfgate.verdict.decide import Evidence
from tests.support.verdict_samples import METHODS, POLICY, inconclusive, slowed_rows


def advice_on(rows, cpus):
    verdict = inconclusive()
    head = replace(verdict.head, cpus={"service": cpus})
    decided = decide(Evidence(verdict.base, head, rows, verdict.summary, (), (), METHODS), POLICY, "")
    return plain(next_steps(decided)[0])


def test_an_inconclusive_duet_says_the_cheapest_thing_first():
    rows = inconclusive().rows
    assert advice_on(rows, cpus=list(range(16))) == (
        "This would have decided it, as far as these rounds tell: --scale 5, the service being idle for most of the"
        " time; or --budget 3m; or a margin of 15 % for http_req_duration p(95)."
    )
    assert "--scale" not in advice_on(rows, cpus=[0])


def test_what_instances_differ_by_asks_for_more_of_them():
    verdict = inconclusive()
    methods = tuple(replace(method, instance_noise=0.03) for method in METHODS)
    (said,) = map(plain, next_steps(replace(verdict, methods=methods)))
    assert said == (
        "No load would have decided it, since instances of one program differ by too much: set more instances under"
        " [measure]; or allow a margin of 15 % for http_req_duration p(95)."
    )


def test_without_figures_more_rounds_decide_it():
    rows = tuple(replace(row, interval=None, rounds=0) for row in inconclusive().rows)
    assert advice_on(rows, cpus=[0]).startswith("More rounds decide it")


def test_no_number_of_rounds_is_asked_for_where_no_request_succeeds():
    verdict = inconclusive()
    failing = next(line.request for line in verdict.summary if line.request)
    summary = tuple(replace(line, failed=1.0) if line.request == failing else line for line in verdict.summary)
    rows = tuple(
        replace(row, row=replace(row.row, request=failing), change=None, interval=None) for row in verdict.rows
    )
    decided = decide(Evidence(verdict.base, verdict.head, rows, summary, (), ()), POLICY, "")
    (said,) = map(plain, next_steps(decided))
    assert said == (
        f"No request of {failing} succeeded, and no number of rounds decides that: mend its path or the service."
    )


def test_regressions_of_a_side_that_was_never_steady_ask_for_a_longer_warm_up_and_not_for_more_load():
    verdict = inconclusive()
    rows = downgrade_unsteady([row for row in slowed_rows() if row.row.scenario == "create_pet"], ["head"], 1.0)
    method = DuetMethod("create_pet", 40, 0.5, False, 0.5, 2, ("head",))
    decided = decide(Evidence(verdict.base, verdict.head, rows, verdict.summary, (), (), (method,)), POLICY, "")
    assert plain(next_steps(decided)[0]).startswith("No load would have decided it: let the service warm up for longer")
    steady = decide(Evidence(verdict.base, verdict.head, rows, verdict.summary, (), ()), POLICY, "")
    assert "warm up" not in plain(next_steps(steady)[0])
