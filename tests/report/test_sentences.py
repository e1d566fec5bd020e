"""The one sentence that everybody reads."""

from dataclasses import replace
from datetime import date

import pytest

from perfgate.compare.comparison import RowVerdict
from perfgate.errors import ExitCode
from perfgate.report.phrase import markdown, plain
from perfgate.report.sentences import further_reasons, headline, sentence_of
from perfgate.verdict import Acceptance, Evidence, decide
from tests.support.verdict_samples import (
    POLICY,
    SAMPLES,
    accepted,
    alone,
    improvement,
    inconclusive,
    invalid,
    passing,
    reason,
    regression,
    row,
    slowed_rows,
    threshold_failed,
    thresholds,
)


def _decided(verdict, rows=None, crossed=(), **policy):
    evidence = Evidence(verdict.base, verdict.head, rows or verdict.rows, verdict.summary, crossed, ())
    return decide(evidence, replace(POLICY, **policy), "")


def test_a_regression_names_the_request_the_change_its_interval_and_the_margin():
    assert markdown(headline(regression())) == (
        "`POST /pet` got slower: median +31.2 % (interval +28.2 to +34.2 %, margin 5 %); 3 more rows regressed."
    )


def test_a_regression_counts_the_thresholds_that_were_crossed_too():
    verdict = _decided(regression(), crossed=thresholds(p95=48.2))
    assert plain(headline(verdict)).endswith("; 3 more rows regressed, 1 threshold crossed.")


@pytest.mark.parametrize(
    ("metric", "stat", "change", "said"),
    [
        ("http_req_failed", "rate", 0.2, "create_pet fails more often: http_req_failed +20.00 pp ("),
        ("http_reqs", "rate", -0.2, "create_pet gets less done: http_reqs/s -20.0 % ("),
        ("service_cpu", "value", 0.3, "create_pet costs more CPU: service_cpu +30.0 % ("),
        ("service_memory", "value", 0.3, "create_pet needs more memory: service_memory +30.0 % ("),
        ("iteration_duration", "med", 0.3, "create_pet went up: iteration_duration med +30.0 % ("),
    ],
)
def test_each_metric_has_words_of_its_own(metric, stat, change, said):
    rows = (row("create_pet", None, metric, stat, 0.1, change, verdict=RowVerdict.REGRESSED),)
    assert plain(headline(_decided(regression(), rows))).startswith(said)


@pytest.mark.parametrize(
    ("metric", "base", "change", "said"),
    [
        ("dependency_cpu", 1.0, 3.1, "postgres spends 3.10 ms of CPU a request more in create_pet: +310.0 % ("),
        ("dependency_memory", 1e7, 0.3, "postgres needs 3.00 MB of memory more in create_pet: +30.0 % ("),
    ],
)
def test_what_a_dependency_costs_is_told_by_its_name(metric, base, change, said):
    of_one = f"{metric}{{name:postgres}}"
    rows = (row("create_pet", None, of_one, "value", base, change, verdict=RowVerdict.REGRESSED),)
    verdict = _decided(regression(), rows)
    assert plain(headline(verdict)).startswith(said)
    assert sentence_of(verdict.reasons[0], verdict).startswith(said)


@pytest.mark.parametrize(
    ("request_name", "metric", "margin", "said"),
    [
        (
            "GET /cart",
            "server_timing_count{name:db}",
            1e-6,
            "the count of `db` in Server-Timing went up from 2.00 to 3.00 in `GET /cart`: +50.0 % (interval +48.0 to"
            " +52.0 %, any change counts).",
        ),
        (
            "GET /cart",
            "server_timing{name:db}",
            0.05,
            "the time of `db` in Server-Timing went up from 2.00 ms to 3.00 ms in `GET /cart`: +50.0 % (interval +48.0"
            " to +52.0 %, margin 5 %).",
        ),
        (
            None,
            "counter{name:queries}",
            0.0002,
            "the counter `queries` went up from 2.00 to 3.00 in `shop`: +50.0 % (interval +48.0 to +52.0 %, margin"
            " 0.02 %).",
        ),
    ],
)
def test_what_was_counted_is_told_with_what_it_is(request_name, metric, margin, said):
    counted = row("shop", request_name, metric, "value", 2.0, 0.5, verdict=RowVerdict.REGRESSED)
    verdict = _decided(regression(), (replace(counted, margin=margin),))
    assert markdown(headline(verdict)) == said[0].upper() + said[1:]
    alone = sentence_of(verdict.reasons[0], verdict)
    assert alone.startswith(said.replace("`", "").partition(":")[0])
    assert alone.endswith("any change counts" if margin == 1e-6 else f"margin {margin * 100:g} %")


def test_the_name_of_a_dependency_is_no_markup():
    rows = (row("create_pet", None, "dependency_cpu{name:<b>@all}", "value", 1.0, 3.1, verdict=RowVerdict.REGRESSED),)
    said = markdown(headline(_decided(regression(), rows)))
    assert "<b>" not in said
    assert "@all" not in said


def test_a_dependency_that_may_cost_more_is_undecided_in_words():
    rows = (
        row("create_pet", None, "dependency_cpu{name:postgres}", "value", 1.0, 0.04, verdict=RowVerdict.INCONCLUSIVE),
    )
    said = plain(headline(_decided(regression(), rows)))
    assert said == "Not decided: create_pet may have changed by +2.0 to +6.0 % (CPU of postgres, margin 5 %)."


def test_a_request_of_two_scenarios_is_named_with_its_scenario():
    slow = RowVerdict.REGRESSED
    rows = (
        row("one", "GET /pet", "http_req_duration", "med", 1.0, 0.3, verdict=slow),
        row("two", "GET /pet", "http_req_duration", "med", 1.0, 0.0),
    )
    assert markdown(headline(_decided(regression(), rows))).startswith("`GET /pet` of `one` got slower: median +30.0 %")


def test_an_accepted_regression_is_no_headline():
    verdict = accepted()
    assert verdict.exit_code is ExitCode.PASS
    assert plain(headline(verdict)) == "None of 12 rows got worse than what is accepted; 2 thresholds held."


def test_an_accepted_regression_does_not_hide_the_worse_one_that_is_not():
    cpu = Acceptance("create_pet", None, "http_req_duration", 0.5, date(2026, 3, 1), "known")
    verdict = _decided(regression(), slowed_rows(), acceptances=(cpu,))
    assert plain(headline(verdict)).startswith("create_pet costs more CPU: service_cpu +29.7 %")
    assert plain(headline(verdict)).endswith("; 1 more row regressed.")


def test_a_regression_past_its_acceptance_says_so():
    metrics = ("http_req_duration", "http_reqs", "service_cpu")
    expired = tuple(Acceptance("create_pet", None, metric, 0.5, date(2025, 12, 1), "known") for metric in metrics)
    said = plain(headline(_decided(regression(), slowed_rows(), acceptances=expired)))
    assert "it was accepted until 2025-12-01, which is over: known" in said


def test_an_improvement_is_told_before_that_nothing_got_worse():
    said = plain(headline(improvement()))
    assert said.startswith("GET /store/order/{id} got faster: ")
    assert said.endswith("; none of 12 rows got worse than its margin allows; 2 thresholds held.")


def test_what_is_not_decided_says_how_far_it_may_have_gone():
    assert plain(headline(inconclusive())) == (
        "Not decided: POST /pet may have changed by -2.1 to +10.3 % (p(95), margin 5 %)."
    )


def test_what_has_no_interval_yet_says_so():
    rows = tuple(
        replace(row("a", name, "http_req_duration", "med", 1.0, 0.9, verdict=RowVerdict.INCONCLUSIVE), interval=None)
        for name in ("GET /", "GET /pet")
    )
    assert plain(headline(_decided(regression(), rows))) == (
        "Not decided: GET /: median +90.0 %, with an interval that is not known yet; 1 more row undecided."
    )


def test_no_verdict_says_why():
    assert markdown(headline(invalid())) == (
        "No verdict: `create_pet`: 31 of 40 rounds are invalid on head: the generator used 98 % of its CPU;"
        " 1 more reason below."
    )


def test_a_crossed_threshold_is_named_with_what_was_measured():
    assert markdown(headline(threshold_failed())) == (
        "`create_pet` crossed its threshold `http_req_duration{name:POST /pet}: p(95)<30ms`, measured 48.2 ms;"
        " 1 more threshold crossed."
    )


def test_a_threshold_without_data_says_so():
    verdict = replace(threshold_failed(), base=None)
    missing = (verdict.thresholds[2],)
    assert plain(headline(_decided(verdict, crossed=missing))) == (
        "order_pet has no data for its threshold http_req_duration{name:GET /pet}: med<10ms."
    )


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_headline_is_one_sentence(kind):
    said = plain(headline(SAMPLES[kind]()))
    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.parametrize("make", [passing, regression, accepted, invalid, alone])
def test_what_a_table_says_is_not_said_again(make):
    assert further_reasons(make(), 8) == ()


def test_a_reason_in_words_of_its_own_is_listed_with_its_names_set_apart():
    verdict = replace(regression(), reasons=(*regression().reasons, reason("create_pet waited for the moon")))
    assert [markdown(said) for said in further_reasons(verdict, 8)] == ["`create_pet` waited for the moon"]


def test_reasons_beyond_the_most_are_counted():
    verdict = replace(regression(), reasons=tuple(reason(f"reason {number}") for number in range(12)))
    said = [plain(one) for one in further_reasons(verdict, 3)]
    assert said == ["reason 1", "reason 2", "reason 3", "and 8 more."]


def test_a_verdict_with_a_reason_of_another_version_still_has_its_headline():
    for make in SAMPLES.values():
        verdict = replace(make(), reasons=(reason("something else happened"),))
        assert "omething else happened." in plain(headline(verdict))
