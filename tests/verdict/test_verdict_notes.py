"""Notes on the machine, and on the way since a release."""

from dataclasses import replace

import pytest
from evidence_cases import BASE, run, scenario_run, tally

from perfgate.compare.creep import Creep
from perfgate.compare.release import SinceRelease
from perfgate.compare.rules import Row
from perfgate.metrics.run import Environment, Occupancy
from perfgate.verdict import check_creep, check_environment

ROW = Row("create_pet", "POST /pet", "http_req_duration", "med")


def side(foreign, name="create_pet"):
    made = scenario_run(name, [tally(10)] * 20)
    seen = Environment(Occupancy(foreign, 0.3), None, 0.0)
    return replace(made, rounds=tuple(replace(one, environment=seen) for one in made.rounds))


def test_a_scenario_that_lost_more_cpu_on_one_side_is_invalid_and_no_other_is():
    base = run(side(0.0), side(0.2, "order_pet"), record=BASE)
    head = run(side(0.07), side(0.2, "order_pet"))
    (note,) = check_environment(base, head, 0.1)
    assert (note.scenario, note.invalid) == ("create_pet", True)
    assert "0 % of the service's CPUs on base and 7 % on head" in note.message


def test_a_scenario_that_head_lacks_is_left_to_others():
    assert check_environment(run(side(0.0), record=BASE), run(), 0.1) == ()


def test_creep_beyond_the_margin_is_a_warning_with_its_numbers():
    (note,) = check_creep([SinceRelease(ROW, Creep(0.1, 0.07, 0.13), 0.05, beyond=True)], "v1.2.0")
    assert (note.scenario, note.invalid) == ("create_pet", False)
    for said in ("http_req_duration med of POST /pet", "+10.0 % (+7.0 % to +13.0 %)", "margin 5 %", "since v1.2.0"):
        assert said in note.message


@pytest.mark.parametrize(("rows", "count"), [([SinceRelease(ROW, Creep(0.0, -0.1, 0.1), 0.05, False)], 0), ([], 1)])
def test_no_creep_says_nothing_and_no_answer_says_so(rows, count):
    notes = check_creep(rows, "v1.2.0")
    assert len(notes) == count
    assert not any(note.invalid for note in notes)
