"""When a crossed threshold ends a run."""

from perfgate.application.measuring import why_to_abort
from perfgate.metrics.threshold import evaluate, parse_threshold
from tests.support.evidence_cases import scenario_run, tally

SLOW = parse_threshold("http_req_duration", "max<1", abort_on_fail=True)


def test_a_crossed_threshold_ends_a_run():
    run = scenario_run("create_pet", [tally(10)])
    assert why_to_abort((evaluate(SLOW, "create_pet", run.total),), run) == "http_req_duration: max<1"


def test_rounds_that_are_invalid_end_no_run():
    run = scenario_run("create_pet", [tally(10)], invalid=(0,))
    assert why_to_abort((evaluate(SLOW, "create_pet", run.total),), run) == ""
