"""report/advice: what a reader does next."""

from dataclasses import replace

import pytest

from perfgate.compare.comparison import BELOW_ZERO, OF_ZERO
from perfgate.compare.unsteady import downgrade_unsteady
from perfgate.report.advice import next_steps
from perfgate.report.phrase import plain
from perfgate.verdict import DuetMethod, ReasonKind, decide
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


def open_of(request="GET /new", scenario="create_pet", **changed):
    """A row that no number of rounds decides."""
    (row,) = inconclusive().rows_of(ReasonKind.OPEN)
    return replace(row, row=replace(row.row, scenario=scenario, request=request), change=None, interval=None, **changed)


def steps(*rows, **changed):
    verdict = replace(inconclusive(), **changed)
    evidence = Evidence(verdict.base, verdict.head, rows, verdict.summary, (), (), verdict.methods)
    return [plain(step) for step in next_steps(decide(evidence, POLICY, ""))]


def test_what_head_alone_measured_is_compared_once_base_has_it_and_the_rest_with_more_load():
    new = open_of(base=None)
    said = (
        "Head alone measured GET /new, and no number of rounds compares that: once base has it, it is compared, and"
        " until then a threshold can limit it."
    )
    assert steps(new, replace(new, row=replace(new.row, stat="med"))) == [said]
    first, rest = steps(new, *inconclusive().rows)
    assert first == said
    assert rest.startswith("This would have decided the other rows, as far as these rounds tell: --budget 3m; or")


def test_what_base_alone_measured_asks_why_head_did_not():
    (said,) = steps(open_of("GET /old", head=None))
    assert said == "Base alone measured GET /old, and no number of rounds compares that: see why head did not."
    (said,) = steps(open_of("GET /old", head=None), head=replace(inconclusive().head, duet="", side=""))
    assert said == "The baseline alone measured GET /old, and no number of runs compares that: see why head did not."


def test_what_base_answers_by_errors_alone_is_compared_once_it_has_it():
    lacking = next(line.request for line in inconclusive().summary if line.request)
    summary = tuple(
        replace(line, failed=1.0) if (line.request, line.side) == (lacking, "base") else line
        for line in inconclusive().summary
    )
    (said,) = steps(open_of(lacking, base=None), summary=summary)
    assert said.startswith(f"Base answers nothing but errors to {lacking}, and no number of rounds decides that.")


@pytest.mark.parametrize("warning", [OF_ZERO, BELOW_ZERO])
def test_what_has_no_ratio_is_left_to_thresholds(warning):
    (said,) = steps(open_of(warnings=(warning,)))
    assert said == "A value of zero or less has no ratio, so nothing decides GET /new but a threshold."


def test_stored_runs_that_are_missing_are_asked_for():
    alone = replace(inconclusive().head, duet="", side="")
    (said,) = steps(open_of(base=None), *inconclusive().rows, head=alone)
    assert said.startswith("More runs of the base branch decide it")


def test_a_request_of_the_same_name_that_succeeds_in_another_scenario_is_another_one():
    twin = "GET /store/order/{id}"
    line = next(line for line in inconclusive().summary if line.request == twin)
    failing = tuple(replace(line, scenario="create_pet", side=side, failed=1.0) for side in ("base", "head"))
    (said,) = steps(open_of(twin), summary=(*inconclusive().summary, *failing))
    assert said.startswith(f"No request of {twin} succeeded")


def test_regressions_of_a_side_that_was_never_steady_ask_for_a_longer_warm_up_and_not_for_more_load():
    verdict = inconclusive()
    rows = downgrade_unsteady([row for row in slowed_rows() if row.row.scenario == "create_pet"], ["head"], 1.0)
    method = DuetMethod("create_pet", 40, 0.5, False, 0.5, 2, ("head",))
    decided = decide(Evidence(verdict.base, verdict.head, rows, verdict.summary, (), (), (method,)), POLICY, "")
    assert plain(next_steps(decided)[0]).startswith("No load would have decided it: let the service warm up for longer")
    steady = decide(Evidence(verdict.base, verdict.head, rows, verdict.summary, (), ()), POLICY, "")
    assert "warm up" not in plain(next_steps(steady)[0])
