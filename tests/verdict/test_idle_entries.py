"""Entries of perfgate.toml that are about nothing."""

from dataclasses import replace
from datetime import date

import pytest

from perfgate.compare.rules import Margin
from perfgate.metrics.counts import CounterUse
from perfgate.metrics.request_names import OTHER
from perfgate.metrics.run import Run
from perfgate.verdict import Acceptance, Entries, PlayedScenarios, check_entries
from tests.support.evidence_cases import HEAD
from tests.support.seeded_duets import run_of, tally

ACCEPTED = Acceptance("basket", None, "http_req_duration", 0.2, date(2027, 1, 31), "it is meant to be so")
BASKET = PlayedScenarios(("basket",), all_there_are=True)


def played(*requests):
    return Run(HEAD, (run_of("head", [tally(1.0, requests=requests or ("GET /basket",))], "basket"),))


def said(*acceptances, margins=(), options=(), scenarios=BASKET, run=None):
    entries = Entries(acceptances, margins, options)
    return [(note.message, note.hint) for note in check_entries(entries, scenarios, run or played())]


def test_an_acceptance_of_a_scenario_that_there_is_has_no_note():
    assert said(ACCEPTED, replace(ACCEPTED, request="GET /basket")) == []


def test_an_acceptance_of_no_scenario_is_told_with_those_that_there_are():
    assert said(ACCEPTED, replace(ACCEPTED, scenario="create_pet")) == [
        (
            "[[accept]] 2 accepts nothing: there is no scenario 'create_pet' (there is basket)",
            "mend it there, or take it out",
        )
    ]
    many = PlayedScenarios(("basket", *"abcdef"), all_there_are=True)
    ((message, hint),) = said(replace(ACCEPTED, scenario="baskets"), scenarios=many)
    assert message.endswith("(there are basket, a, b, c, d and 2 more)")
    assert hint == "did you mean 'basket'?"


def test_nothing_is_known_of_scenarios_that_were_not_chosen():
    some = PlayedScenarios(("basket",), all_there_are=False)
    assert said(replace(ACCEPTED, scenario="create_pet"), scenarios=some) == []
    assert said(margins=[Margin(0.1, request="POST /pet")], scenarios=some) == []
    ((message, _),) = said(replace(ACCEPTED, request="POST /pet"), scenarios=some)
    assert message == "[[accept]] 1 accepts nothing: basket sends no request 'POST /pet' (there is GET /basket)"


@pytest.mark.parametrize(
    ("margin", "message"),
    [
        (Margin(0.1, scenario="create_pet"), "there is no scenario 'create_pet' (there is basket)"),
        (Margin(0.1, scenario="basket", request="GET /"), "basket sends no request 'GET /' (there is GET /basket)"),
        (Margin(0.1, request="GET /"), "no scenario sends a request 'GET /' (there is GET /basket)"),
        (Margin(0.1, request="GET /basket"), None),
        (Margin(0.1, metric="service_cpu"), None),
    ],
)
def test_a_margin_of_nothing_is_told_too(margin, message):
    expected = [] if message is None else [f"[[margins]] 1 holds nowhere: {message}"]
    assert [one for one, _ in said(margins=[margin])] == expected


def test_names_that_were_not_kept_may_be_the_one_that_is_meant():
    assert said(replace(ACCEPTED, request="GET /a"), run=played("GET /basket", OTHER)) == []


def test_a_scenario_that_measured_nothing_has_other_notes():
    nothing = Run(HEAD, ())
    assert said(replace(ACCEPTED, request="GET /basket"), run=nothing) == []


def counting(*names):
    run = played()
    for round_ in run.scenarios[0].rounds:
        round_.tally.counters = {name: CounterUse(200, 400, False) for name in names}
    return run


def test_a_margin_of_a_counter_that_nobody_counted_is_told_with_those_that_were():
    margins = [Margin(0.1, metric="counter{name:queries}"), Margin(0.1, metric="counter{name:querys}")]
    assert said(margins=margins, run=counting("queries", "hits")) == [
        (
            "[[margins]] 2 holds nowhere: no scenario has counter{name:querys} to compare"
            " (there are counter{name:hits}, counter{name:queries})",
            "did you mean 'counter{name:queries}'?",
        )
    ]
    assert said(margins=margins[:1], options=margins[1:], run=counting("queries"))[0][0].startswith(
        "--margin counter{name:querys} holds nowhere: no scenario has"
    )


def test_so_is_an_acceptance_of_it():
    ((message, _),) = said(replace(ACCEPTED, metric="counter{name:querys}"), run=counting("queries"))
    assert message.startswith("[[accept]] 1 accepts nothing: basket has no counter{name:querys} to compare")


def test_throughput_that_an_arrival_rate_sets_is_compared_with_nothing():
    open_model = Run(HEAD, (run_of("head", [tally(1.0)], "basket", executor="constant-arrival-rate"),))
    margin = Margin(0.1, metric="http_reqs", stat="rate", scenario="basket")
    assert said(margins=[margin]) == []
    ((message, hint),) = said(margins=[margin], run=open_model)
    assert message == "[[margins]] 1 holds nowhere: basket has no http_reqs rate to compare"
    assert hint == "mend it there, or take it out"


def test_rows_of_scenarios_that_were_not_chosen_may_be_meant():
    some = PlayedScenarios(("basket",), all_there_are=False)
    typo = [Margin(0.1, metric="counter{name:querys}")]
    assert said(margins=typo, scenarios=some, run=counting("queries")) == []
    assert len(said(options=typo, scenarios=some, run=counting("queries"))) == 1  # it is about this measurement


def test_what_nothing_was_measured_for_has_other_notes():
    assert said(margins=[Margin(0.1, metric="counter{name:querys}")], run=Run(HEAD, ())) == []
