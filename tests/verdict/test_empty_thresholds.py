"""Notes on thresholds without data."""

import pytest

from perfgate.metrics.counts import CounterUse, TimingTally
from perfgate.metrics.dependency_use import DependencyUse
from perfgate.metrics.threshold import evaluate, parse_threshold
from perfgate.verdict import check_thresholds
from tests.support.evidence_cases import run, scenario_run, tally


def measured(ok=9, failed=0):
    made = tally(ok, failed)
    made.counters = {"queries": CounterUse(9, 9.0, False)}
    made.dependencies = {"db": DependencyUse(9, 0.1, 5)}
    made.request("POST /pet").timings["cache"] = TimingTally(entries=9, most=1)
    return made


def notes_on(selector, expression, made):
    one = scenario_run("create_pet", [made])
    result = evaluate(parse_threshold(selector, expression), "create_pet", one.total)
    return check_thresholds(run(one), (result, result))


@pytest.mark.parametrize(
    ("selector", "expression", "message", "hint"),
    [
        (
            "http_req_duration{name:POST /pets}",
            "max<9h",
            "no request is called 'POST /pets', which a threshold is for (there is POST /pet)",
            "did you mean 'POST /pet'?",
        ),
        (
            "counter{name:calls}",
            "value<9",
            "no counter is called 'calls', which a threshold is for (there is queries)",
            "mend the name in the scenario, or see what became of that counter",
        ),
        (
            "dependency_cpu{name:dbs}",
            "value<9",
            "no dependency is called 'dbs', which a threshold is for (there is db)",
            "did you mean 'db'?",
        ),
        (
            "server_timing{name:cash}",
            "value<9",
            "no entry of Server-Timing is called 'cash', which a threshold is for (there is cache)",
            "did you mean 'cache'?",
        ),
    ],
)
def test_a_name_that_is_not_there_is_told_once_with_what_there_is(selector, expression, message, hint):
    (note,) = notes_on(selector, expression, measured())
    assert (note.scenario, note.message, note.hint, note.invalid) == ("create_pet", message, hint, False)


@pytest.mark.parametrize(
    ("selector", "expression", "made"),
    [
        ("http_req_duration{name:POST /pet}", "max<9h", measured()),  # it has data
        ("http_req_duration{name:POST /pet}", "max<9h", measured(0, 9)),  # it is there, and all of it failed
        ("service_cpu", "value<9", measured()),
        ("http_req_duration{name:GET /pet}", "max<9h", tally(0)),  # nothing was measured at all
    ],
)
def test_other_lacks_of_data_are_no_typo(selector, expression, made):
    assert notes_on(selector, expression, made) == ()
