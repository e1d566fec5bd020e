"""What makes a measurement no evidence: scenarios that are missing, failed or too short."""

from dataclasses import replace

import pytest

from perfgate.compare.rules import Rules
from perfgate.compare.stored.baseline import BaselineSize
from perfgate.metrics.counts import CounterUse
from perfgate.metrics.run import ScenarioRun
from perfgate.metrics.threshold import evaluate, parse_threshold
from perfgate.verdict import check_baseline, check_duet, check_names, check_noise, check_run, summarise
from tests.support.evidence_cases import BASE, run, scenario_run, tally


def notes_on(*scenarios, declared=("create_pet",)):
    return check_run(run(*scenarios), declared)


def test_a_scenario_that_worked_has_no_note():
    assert notes_on(scenario_run("create_pet", [tally(10)])) == ()


def test_a_declared_scenario_that_is_missing_is_invalid():
    (note,) = notes_on(scenario_run("create_pet", [tally(10)]), declared=("create_pet", "order_pet"))
    assert (note.scenario, note.invalid) == ("order_pet", True)
    assert note.message == "was declared and not measured on head"


def test_a_scenario_without_a_round_or_a_request_is_invalid():
    for scenario in (ScenarioRun("create_pet", "hash", "constant-vus", ()), scenario_run("create_pet", [tally(0)])):
        (note,) = notes_on(scenario)
        assert note.invalid


def test_only_errors_are_invalid_and_named():
    (note,) = notes_on(scenario_run("create_pet", [tally(0, failed=5)]))
    assert note.invalid
    assert note.message == "answered only errors on head (refused)"


def test_only_errors_in_rounds_that_are_invalid_come_with_the_reason():
    errors, reason = notes_on(scenario_run("create_pet", [tally(0, failed=5)] * 2, invalid=(0, 1)))
    assert errors.message == "answered only errors on head (refused)"
    assert reason.message == "2 of 2 rounds are invalid on head: hub lag of 80 ms"


def test_what_a_script_raised_is_told_where_it_sent_no_request():
    silent = scenario_run("create_pet", [tally(0)])
    raised = replace(silent.rounds[0], warnings=("the scenario raised KeyError: 'id', 3 times",))
    nothing, reason = notes_on(replace(silent, rounds=(raised,)))
    assert nothing.message == "sent no request on head"
    assert reason.message == "in 1 of 1 rounds on head, the scenario raised KeyError: 'id', 3 times"


def test_nothing_declared_and_nothing_measured_is_invalid():
    (note,) = notes_on(declared=())
    assert (note.scenario, note.invalid) == ("", True)


def test_a_few_invalid_rounds_warn_and_many_forbid_a_verdict():
    (few,) = notes_on(scenario_run("create_pet", [tally(10)] * 3, invalid=(0,)))
    assert not few.invalid
    assert few.message == "1 of 3 rounds are invalid on head: hub lag of 80 ms"
    (many,) = notes_on(scenario_run("create_pet", [tally(10)] * 3, invalid=(0, 1)))
    assert many.invalid
    assert many.hint == "mend that, then measure again"  # the reason says how, whatever it is


def test_a_counter_that_fell_in_a_round_is_told():
    made = [tally(10) for _ in range(3)]
    for one, over in zip(made, (10, 0, 0), strict=True):
        one.counters = {"queries": CounterUse(over, float(over), False), "pool": CounterUse(1, 5.0, True)}
    made[2].requests.clear()  # nothing was asked: it did not fall
    (note,) = notes_on(scenario_run("create_pet", made))
    assert note.message == "in 1 of 3 rounds on head, the counter queries fell, so it is not known there"
    assert not note.invalid


def test_pairs_that_lack_a_valid_side_add_up():
    base = run(scenario_run("create_pet", [tally(10)] * 6, invalid=(0, 1), side="base"), record=BASE)
    head = run(scenario_run("create_pet", [tally(10)] * 6, invalid=(3,)))
    (note,) = check_duet(base, head)
    assert note.invalid
    assert note.message == "3 of 6 pairs are invalid: too many to believe the rest"
    calm = run(scenario_run("create_pet", [tally(10)] * 6))
    assert check_duet(base, calm) == ()


@pytest.mark.parametrize(("disturbed", "broken", "of_times"), [(3, 0, True), (3, 2, True), (0, 3, False)])
def test_rounds_that_others_disturbed_leave_counts_their_word(disturbed, broken, of_times):
    made = scenario_run("create_pet", [tally(10)] * 6, invalid=tuple(range(broken)), side="base")
    reasons = ("others took more of the service's CPUs from base",)
    spoiled = [replace(one, disturbances=reasons if one.pair < disturbed else ()) for one in made.rounds]
    base = run(replace(made, rounds=tuple(spoiled)), record=BASE)
    head = run(scenario_run("create_pet", [tally(10)] * 6))
    of_base, *_ = check_run(base, ("create_pet",))
    assert (of_base.invalid, of_base.of_times) == (True, of_times)
    (of_pairs,) = check_duet(base, head)
    assert (of_pairs.invalid, of_pairs.of_times) == (True, of_times)
    assert of_pairs.hint == (
        "lower the load or use a quieter machine" if of_times else "mend what made their rounds invalid"
    )


def test_the_summary_has_a_line_for_the_scenario_and_one_for_each_request():
    both = tally(8, failed=2)
    both.merge(tally(10, name="GET /pet"))
    made = scenario_run("create_pet", [both, both])
    crossed = evaluate(parse_threshold("http_req_failed", "rate<1%"), "create_pet", made.total)
    held = evaluate(parse_threshold("http_req_duration{name:GET /pet}", "p(95)<1s"), "create_pet", made.total)
    whole, post, get = summarise(run(made), (crossed, held))
    assert (whole.request, post.request, get.request) == (None, "POST /pet", "GET /pet")
    assert (whole.side, whole.requests, whole.failed, whole.requests_per_second) == ("head", 40, 0.1, 10.0)
    assert (whole.thresholds_passed, whole.thresholds_total) == (1, 2)
    assert (get.thresholds_passed, get.thresholds_total, get.failed) == (1, 1, 0.0)
    assert (post.requests, post.failed, post.thresholds_total) == (20, 0.2, 0)
    assert (whole.avg_ms, whole.vus_max) == (10.0, 5)


def test_the_summary_of_a_scenario_that_only_failed_has_no_latency():
    (whole, _) = summarise(run(scenario_run("create_pet", [tally(0, failed=5)])), ())
    assert (whole.avg_ms, whole.med_ms, whole.p95_ms, whole.failed) == (None, None, None, 1.0)


def test_base_that_differs_from_itself_is_invalid():
    def beating(factor):
        tallies = []
        for place in range(40):
            made = tally(0)
            for _ in range(100):
                made.request("POST /pet").ok.record(10_000_000 if place % 4 in (0, 3) else int(10_000_000 * factor))
            tallies.append(made)
        return run(scenario_run("create_pet", tallies, side="base"), record=BASE)

    (note,) = check_noise(beating(1.3), Rules())
    assert (note.scenario, note.invalid) == ("create_pet", True)
    assert note.message.startswith("base differs from itself: http_req_duration")
    assert check_noise(beating(1.0), Rules()) == ()


def test_failed_requests_are_told_by_kind():
    (note,) = notes_on(scenario_run("create_pet", [tally(6, failed=4)]))
    assert note.message == "4 of 10 requests failed on head: refused 4 times"
    assert not note.invalid


def test_warnings_of_rounds_are_told_once_with_how_many_rounds_had_them():
    scenario = scenario_run("create_pet", [tally(10), tally(10), tally(10)])
    said = ("12 of 90 were dropped", "40 of 80 were dropped", None)
    rounds = [replace(one, warnings=(text,) if text else ()) for one, text in zip(scenario.rounds, said, strict=True)]
    (note,) = notes_on(replace(scenario, rounds=tuple(rounds)))
    assert note.message == "in 2 of 3 rounds on head, 12 of 90 were dropped"


def test_too_few_runs_to_compare_with_name_the_command_that_measures_both_sides():
    def noted(stored, comparable):
        return [
            (note.message, note.hint, note.invalid)
            for note in check_baseline(BaselineSize(stored, comparable), "perfgate duet ref:main worktree does")
        ]

    hint = "perfgate duet ref:main worktree does"
    assert noted(0, 0) == [("there is no earlier run to compare with", hint, False)]
    assert noted(9, 0) == [("no earlier run was on this testbed with these scenarios", hint, False)]
    assert noted(9, 4) == [("1 more run of the baseline needed", hint, False)]
    assert noted(3, 3) == [("2 more runs of the baseline needed", hint, False)]
    assert noted(9, 5) == []


def checked(**checks):
    made = tally(10)
    for name, (passes, fails) in checks.items():
        for held in [True] * passes + [False] * fails:
            made.check(name, held)
    return scenario_run("create_pet", [made, made])


def test_a_check_that_failed_is_told_and_one_that_never_held_says_what_to_do():
    never, often = notes_on(checked(created=(0, 5), fast=(3, 2), sound=(5, 0)))
    assert never.message == "the check 'created' failed 10 of 10 times on head, so it never held"
    assert "what the scenario expects" in never.hint
    assert often.message == "the check 'fast' failed 4 of 10 times on head"
    assert not never.invalid
    assert not often.invalid


def test_of_many_checks_that_failed_the_worst_are_told():
    notes = notes_on(checked(**{f"check {number}": (10 - number, number) for number in range(10)}))
    assert len(notes) == 6
    assert notes[0].message.startswith("the check 'check 9' failed 18 of 20 times")
    assert notes[-1].message == "4 more checks failed on head"


def test_too_many_request_names_are_told_once_for_both_sides():
    crowded = tally(5)
    crowded.merge(tally(5, name="(other)"))
    base = run(scenario_run("create_pet", [crowded] * 3, side="base"), record=BASE)
    (note,) = check_names(base, run(scenario_run("create_pet", [crowded] * 3)))
    assert note.message == "there are more than 200 request names; those beyond are counted as (other)"
    assert 'name="GET /pet/{id}"' in note.hint
    assert check_names(run(scenario_run("create_pet", [tally(5)]))) == ()


def test_a_request_name_that_only_failed_is_told_with_its_errors():
    both = tally(8)
    both.merge(tally(0, failed=5, name="GET /pett"))
    _, failing = notes_on(scenario_run("create_pet", [both, both]))
    assert failing.message == "none of the 10 requests of GET /pett succeeded on head (refused)"
    assert "its path" in failing.hint
    assert not failing.invalid
