"""Entries of perfgate.toml that are about nothing."""

from dataclasses import replace
from datetime import date

import pytest

from perfgate.compare.rules import Margin
from perfgate.metrics.request_names import OTHER
from perfgate.metrics.run import Run
from perfgate.verdict import Acceptance, PlayedScenarios, check_entries
from tests.support.evidence_cases import HEAD
from tests.support.seeded_duets import run_of, tally

ACCEPTED = Acceptance("basket", None, "http_req_duration", 0.2, date(2027, 1, 31), "it is meant to be so")
BASKET = PlayedScenarios(("basket",), all_there_are=True)


def played(*requests):
    return Run(HEAD, (run_of("head", [tally(1.0, requests=requests or ("GET /basket",))], "basket"),))


def said(*acceptances, margins=(), scenarios=BASKET, run=None):
    return [(note.message, note.hint) for note in check_entries(acceptances, margins, scenarios, run or played())]


def test_an_acceptance_of_a_scenario_that_there_is_has_no_note():
    assert said(ACCEPTED, replace(ACCEPTED, request="GET /basket")) == []


def test_an_acceptance_of_no_scenario_is_told_with_those_that_there_are():
    assert said(ACCEPTED, replace(ACCEPTED, scenario="create_pet")) == [
        (
            "[[accept]] 2 accepts nothing: there is no scenario 'create_pet' (there is basket)",
            "mend it in perfgate.toml, or take it out there",
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
