"""Notes on the machine, and on the way since a release."""

from dataclasses import replace

import pytest

from perfgate.compare.comparison import Interval
from perfgate.compare.rows import Row
from perfgate.compare.stored.creep import Creep
from perfgate.compare.stored.release import SinceRelease, Unanswered
from perfgate.metrics.run import Environment, Occupancy
from perfgate.verdict import (
    DuetMethod,
    check_creep,
    check_environment,
    check_frequency,
    check_instances,
    check_steadiness,
    note_on_unanswered,
)
from tests.support.evidence_cases import BASE, UNCHANGED, run, scenario_run, tally

ROW = Row("create_pet", "POST /pet", "http_req_duration", "med")


def side(foreign, name="create_pet"):
    made = scenario_run(name, [tally(10)] * 20)
    seen = Environment(Occupancy(foreign, 0.3), None, 0.0)
    return replace(made, rounds=tuple(replace(one, environment=seen) for one in made.rounds))


def test_a_scenario_that_lost_more_cpu_on_one_side_is_invalid_and_no_other_is():
    base = run(side(0.0), side(0.2, "order_pet"), record=BASE)
    head = run(side(0.07), side(0.2, "order_pet"))
    (note,) = check_environment(base, head, 0.1)
    assert (note.scenario, note.invalid, note.of_times) == ("create_pet", True, True)
    assert "0 % of the service's CPUs on base and 7 % on head" in note.message


def test_a_scenario_that_head_lacks_is_left_to_others():
    assert check_environment(run(side(0.0), record=BASE), run(), 0.1) == ()


def at(*gigahertz):
    made = scenario_run("create_pet", [tally(10)] * len(gigahertz))
    seen = [None if rate is None else Environment(None, None, 0.0, rate * 1e9) for rate in gigahertz]
    return run(replace(made, rounds=tuple(map(lambda one, it: replace(one, environment=it), made.rounds, seen))))


def test_cpus_that_changed_their_clock_rate_are_noted():
    (note,) = check_frequency(at(2.0, 2.05), at(2.4, None))
    assert (note.message, note.invalid) == ("the CPUs ran at 2.00 to 2.40 GHz", False)


def test_cpus_that_kept_their_clock_rate_or_tell_none_are_not():
    assert check_frequency(at(2.0, 2.05), at(2.09)) == ()
    assert check_frequency(at(None), at(None)) == ()


def test_a_side_that_was_never_steady_is_named_with_what_to_do():
    methods = [
        DuetMethod("calm", 60, 1.0, True, 0.0, 2, ()),
        DuetMethod("jit", 60, 1.0, True, 0.0, 2, ("base", "head")),
    ]
    (note,) = check_steadiness(methods)
    assert (note.scenario, note.invalid) == ("jit", False)
    assert note.message.startswith("base and head still got faster when the warm-up had to end")
    assert "warm_up_most" in note.hint


def test_creep_beyond_the_margin_is_a_warning_with_its_numbers():
    (note,) = check_creep([SinceRelease(ROW, Creep(0.1, Interval(0.07, 0.13)), 0.05, beyond=True)], "v1.2.0")
    assert (note.scenario, note.invalid) == ("create_pet", False)
    for said in ("http_req_duration med of POST /pet", "+10.0 % (+7.0 % to +13.0 %)", "margin 5 %", "since v1.2.0"):
        assert said in note.message


def test_no_creep_says_nothing():
    assert check_creep([SinceRelease(ROW, Creep(0.0, Interval(-0.1, 0.1)), 0.05, False)], "v1.2.0") == ()


@pytest.mark.parametrize(
    ("why", "reason", "hint"),
    [
        (Unanswered.OTHER_TESTBED, "measured on another testbed", "measure it again"),
        (Unanswered.OTHER_SCENARIO, "before they changed", "measure it again"),
        (Unanswered.FEW_RUNS, "fewer than five comparable runs", "runs of the base branch"),
    ],
)
def test_that_nothing_can_be_said_of_a_release_is_told_with_the_reason(why, reason, hint):
    note = note_on_unanswered(why, "v1.2.0")
    assert note.message.startswith("nothing can be said of the way since v1.2.0: ")
    assert reason in note.message
    assert hint in note.hint
    assert not note.invalid


def test_margins_within_what_instances_differ_by_ask_for_more_of_them():
    wide = replace(UNCHANGED, margin=0.1)
    (note,) = check_instances((UNCHANGED, wide), 0.02)
    assert note.message == (
        "1 of 2 margins are within what instances of one program differ by (2.00 %): the narrowest needs 3 of each side"
    )
    assert (note.hint, note.invalid) == ("set [measure] instances = 3, or wider margins", False)


@pytest.mark.parametrize("noise", [None, 0.0, 0.01])
def test_margins_beyond_what_instances_differ_by_are_not_worth_a_note(noise):
    informing = replace(UNCHANGED, margin=0.001, gated=False)
    assert check_instances((UNCHANGED, informing), noise) == ()


def test_margins_of_counts_are_no_matter_of_instances():
    count = replace(UNCHANGED, row=Row("create_pet", None, "counter{name:queries}", "value"), margin=1e-6)
    assert check_instances((UNCHANGED, count), 0.01) == ()
    (note,) = check_instances((UNCHANGED, count), 0.02)
    assert note.message.startswith("1 of 1 margins")
