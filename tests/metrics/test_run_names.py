"""Names over a whole measurement: their number has a limit, and both sides have the same."""

from perfgate.metrics.request_names import MOST_NAMES, OTHER
from perfgate.metrics.run_names import MOST_ERRORS, UNNAMED, RunNames
from perfgate.metrics.tally import Tally, merged


def round_of(*names, failed=()):
    tally = Tally()
    for name in names:
        tally.request(name).ok.record(1_000_000)
    for name, error in failed:
        tally.request(name).failed.record(1_000_000)
        tally.request(name).errors[error] += 1
    return tally


def test_rounds_with_new_names_each_share_one_limit():
    names = RunNames()
    rounds = [round_of("GET /pet", *(f"GET /{number}-{name}" for name in range(150))) for number in range(10)]
    for played in rounds:
        names.admit(played)
    total = merged(rounds)
    assert len(total.requests) == MOST_NAMES + 1
    assert total.request_count == 10 * 151
    assert total.requests["GET /pet"].count == 10
    assert total.requests[OTHER].count == 10 * 151 - 10 - (MOST_NAMES - 1)


def test_both_sides_of_a_pair_keep_the_same_names_first_those_that_they_share():
    base = round_of(*(f"base {name}" for name in range(300)), "GET /pet", "GET /store")
    head = round_of(*(f"head {name}" for name in range(300)), "GET /store", "GET /pet")
    RunNames().admit(base, head)
    assert {"GET /pet", "GET /store", OTHER} <= set(base.requests) & set(head.requests)
    assert len(set(base.requests) | set(head.requests)) == MOST_NAMES + 1


def test_a_name_with_a_threshold_has_a_place_however_late_it_comes():
    names = RunNames(["GET /late"])
    names.admit(round_of(*(f"GET /{name}" for name in range(300))))
    late = round_of("GET /late", "GET /later")
    names.admit(late)
    assert set(late.requests) == {"GET /late", OTHER}


def test_a_request_of_an_empty_name_does_not_pass_for_the_whole_scenario():
    tally = round_of("", "GET /pet", failed=[("", "timeout")])
    RunNames().admit(tally)
    assert set(tally.requests) == {UNNAMED, "GET /pet"}
    assert (tally.requests[UNNAMED].count, tally.requests[UNNAMED].errors["timeout"]) == (2, 1)


def test_checks_and_kinds_of_errors_have_a_limit_too():
    names = RunNames()
    rounds = [round_of(failed=[("GET /pet", f"dial {number}.{port}") for port in range(40)]) for number in range(5)]
    for number, played in enumerate(rounds):
        for pet in range(150):
            played.check(f"pet {number}.{pet}", False)
        names.admit(played)
    total = merged(rounds)
    assert len(total.checks) == MOST_NAMES + 1
    assert sum(check.fails for check in total.checks.values()) == 5 * 150
    errors = total.requests["GET /pet"].errors
    assert (len(errors), errors.total()) == (MOST_ERRORS + 1, 200)
