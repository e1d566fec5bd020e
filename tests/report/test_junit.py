"""JUnit XML, as the viewers of test reports read it."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from perfgate.errors import ExitCode
from perfgate.report import junit
from tests.support.hostile import HOSTILE, verdict_of
from tests.support.verdict_samples import (
    SAMPLES,
    accepted,
    counted_beside_a_neighbour,
    inconclusive,
    invalid,
    passing,
    regression,
    threshold_failed,
    thresholds,
)


def _read(verdict):
    return ElementTree.fromstring(junit.render(verdict).encode())


def _ends(root, tag):
    return [(case.get("classname"), case.get("name")) for case in root.iter("testcase") if case.find(tag) is not None]


def test_a_suite_for_each_scenario_and_one_for_the_verdict():
    root = _read(regression())
    assert root.tag == "testsuites"
    assert [suite.get("name") for suite in root] == ["perfgate", "create_pet", "order_pet"]


def test_a_case_for_each_row_that_gates_and_each_threshold():
    root = _read(passing())
    gated = sum(row.gated for row in passing().rows)
    # and the verdict itself, and the measurement as a whole and of each of the two scenarios.
    assert len(list(root.iter("testcase"))) == gated + 2 + 1 + 3


def test_regressions_and_crossed_thresholds_are_failures():
    assert ("perfgate.create_pet", "POST /pet http_req_duration med") in _ends(_read(regression()), "failure")
    assert _ends(_read(threshold_failed()), "failure") == [
        ("perfgate", "verdict"),
        ("perfgate.create_pet", "threshold http_req_duration{name:POST /pet}: p(95)<30ms"),
        ("perfgate.order_pet", "threshold http_req_duration{name:GET /pet}: med<10ms"),
    ]


def test_a_failure_says_the_change_and_both_values():
    case = next(case for case in _read(regression()).iter("testcase") if case.get("name") == "http_reqs/s")
    failure = case.find("failure")
    assert failure.get("message") == "regressed: -23.1 % (interval -24.3 to -21.9 %, margin 5 %)"
    assert failure.text == "1,612/s on base, 1,240/s on head"


def test_what_is_undecided_is_skipped_with_a_message():
    root = _read(inconclusive())
    skipped = root.find(".//testcase[@name='POST /pet http_req_duration p(95)']/skipped")
    assert skipped.get("message").startswith("inconclusive: +4.1 % (interval -2.1 to +10.3 %, margin 5 %)")
    assert _ends(root, "failure") == []


def test_an_undecided_gate_that_says_no_fails():
    root = _read(replace(inconclusive(), exit_code=ExitCode.FAIL))
    assert _ends(root, "failure") == [("perfgate", "verdict")]


def test_an_accepted_regression_does_not_fail():
    root = _read(accepted())
    assert _ends(root, "failure") == []
    message = root.find(".//testcase[@name='service_cpu']/skipped").get("message")
    assert message.endswith("accepted up to 40 % until 2026-03-01: the new validation is worth it")


def test_an_invalid_measurement_is_an_error_and_its_rows_are_no_failures():
    root = _read(invalid())
    assert _ends(root, "error") == [
        ("perfgate", "verdict"),
        ("perfgate.create_pet", "measurement"),
        ("perfgate.order_pet", "measurement"),
    ]
    assert _ends(root, "failure") == []


def test_a_count_that_failed_the_gate_is_a_failure_where_only_times_cannot_be_believed():
    root = _read(counted_beside_a_neighbour())
    assert _ends(root, "failure") == [("perfgate", "verdict"), ("perfgate.create_pet", "queries")]
    assert _ends(root, "skipped") == [("perfgate.create_pet", "POST /pet http_req_duration med")]


def test_a_crossed_threshold_of_a_scenario_that_cannot_be_believed_is_skipped():
    crossed = replace(counted_beside_a_neighbour(), thresholds=thresholds(p95=40.0))
    skipped = [name for _, name in _ends(_read(crossed), "skipped")]
    assert "threshold http_req_duration{name:POST /pet}: p(95)<30ms" in skipped
    assert len(_ends(_read(crossed), "failure")) == 2


@pytest.mark.parametrize("kind", SAMPLES)
def test_nothing_that_is_not_a_pass_looks_green(kind):
    verdict = SAMPLES[kind]()
    root = _read(verdict)
    red = int(root.get("failures")) + int(root.get("errors"))
    assert (red == 0) == (verdict.exit_code is ExitCode.PASS)


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_counts_are_those_of_the_cases(kind):
    root = _read(SAMPLES[kind]())
    for element in (root, *root):
        assert int(element.get("tests")) == len(list(element.iter("testcase")))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(attribute)) == len(list(element.iter(tag)))


def test_names_of_cases_stay_the_same_when_the_numbers_move():
    def names(verdict):
        return [(case.get("classname"), case.get("name")) for case in _read(verdict).iter("testcase")]

    assert names(passing()) == names(regression())


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_in_the_names_it_is_well_formed(text):
    _read(verdict_of(text))
