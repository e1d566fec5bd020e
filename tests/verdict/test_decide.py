"""One verdict out of rows, thresholds and notes, with its reasons."""

from dataclasses import replace
from datetime import date

import pytest

from perfgate.compare.comparison import Interval
from perfgate.compare.rows import Row
from perfgate.errors import ExitCode
from perfgate.metrics.threshold import ThresholdResult, parse_threshold
from perfgate.report.sentences import sentence_of
from perfgate.verdict import Acceptance, Outcome, Policy, ReasonKind, ValidityNote, decide
from tests.support.evidence_cases import IMPROVED, REGRESSED, UNCHANGED, UNDECIDED, evidence

THROUGHPUT = Row("create_pet", None, "http_reqs", "rate")
TODAY = date(2026, 11, 23)
POLICY = Policy("pass", (), TODAY, 0.01)
BROKEN = ValidityNote("create_pet", "the generator was the bottleneck", "lower the load", True)
UNREADY = ValidityNote("order_pet", "was declared and not measured", "", True)


def threshold(value, passed, scenario="create_pet"):
    return ThresholdResult(scenario, parse_threshold("http_req_duration", "p(95)<500ms"), value, passed)


def verdict(*rows, policy=POLICY, **more):
    return decide(evidence(*rows, **more), policy, "perfgate duet a b")


def sentences(decided):
    return tuple(sentence_of(reason, decided) for reason in decided.reasons)


def test_nothing_worse_is_a_pass():
    passed = verdict(UNCHANGED, thresholds=[threshold(300.0, True)])
    assert (passed.outcome, passed.exit_code) == (Outcome.PASS, ExitCode.PASS)
    assert sentences(passed) == ("none of 1 row got worse than its margin allows; 1 threshold held",)
    assert passed.reproduce == "perfgate duet a b"


def test_a_regression_fails_and_says_where_by_how_much_and_how_sure():
    failed = verdict(UNCHANGED, REGRESSED)
    assert (failed.outcome, failed.exit_code) == (Outcome.FAIL, ExitCode.FAIL)
    assert sentences(failed) == (
        "POST /pet of create_pet: http_req_duration med got slower: +31.2 % (+28.9 % to +33.4 %), margin 5 %",
    )


def test_the_worst_comes_first():
    mild = replace(REGRESSED, row=replace(REGRESSED.row, request="GET /pet"), change=0.1, interval=Interval(0.08, 0.12))
    slower = replace(REGRESSED, row=THROUGHPUT, change=-0.6, interval=Interval(-0.7, -0.5))
    reasons = sentences(verdict(mild, REGRESSED, slower))
    assert [reason.split(":")[0] for reason in reasons] == [
        "create_pet",
        "POST /pet of create_pet",
        "GET /pet of create_pet",
    ]
    assert reasons[0] == "create_pet: http_reqs rate fell: -60.0 % (-70.0 % to -50.0 %), margin 5 %"


def test_more_failures_are_told_in_points():
    row = replace(
        REGRESSED,
        row=Row("create_pet", None, "http_req_failed", "rate"),
        change=0.032,
        interval=Interval(0.021, 0.04),
        margin=0.005,
    )
    assert sentences(verdict(row))[0] == (
        "create_pet: http_req_failed rate went up: +3.2 points (+2.1 to +4.0 points), margin 0.5 points"
    )


def test_a_crossed_threshold_fails():
    failed = verdict(UNCHANGED, thresholds=[threshold(612.0, False)])
    assert (failed.outcome, failed.exit_code) == (Outcome.FAIL, ExitCode.FAIL)
    assert sentences(failed) == ("create_pet: threshold http_req_duration p(95)<500ms is crossed: 612 ms",)


def test_a_threshold_without_data_fails():
    failed = verdict(UNCHANGED, thresholds=[threshold(None, False)])
    assert failed.outcome is Outcome.FAIL
    assert "has no data" in sentences(failed)[0]


def test_an_undecided_row_is_inconclusive_and_the_policy_says_what_that_costs():
    assert (verdict(UNDECIDED).outcome, verdict(UNDECIDED).exit_code) == (Outcome.INCONCLUSIVE, ExitCode.PASS)
    strict = verdict(UNDECIDED, policy=replace(POLICY, on_inconclusive="fail"))
    assert (strict.outcome, strict.exit_code) == (Outcome.INCONCLUSIVE, ExitCode.FAIL)
    assert sentences(strict) == (
        "POST /pet of create_pet: http_req_duration med is undecided: +4.0 % (-2.0 % to +10.0 %), margin 5 %",
    )


def test_a_row_that_cannot_have_regressed_does_not_hold_up_a_pass():
    faster_or_not = replace(UNDECIDED, change=-0.05, interval=Interval(-0.12, 0.02))
    assert verdict(faster_or_not).outcome is Outcome.PASS
    more_or_not = replace(UNDECIDED, row=THROUGHPUT, change=0.05, interval=Interval(-0.02, 0.12))
    assert verdict(more_or_not).outcome is Outcome.PASS


def test_a_row_without_an_interval_is_inconclusive():
    row = replace(UNDECIDED, change=None, interval=None, base=None, warnings=("only head measured it",))
    undecided = verdict(row)
    assert undecided.outcome is Outcome.INCONCLUSIVE
    assert sentences(undecided) == (
        "POST /pet of create_pet: http_req_duration med cannot be compared: only head measured it",
    )


def test_information_decides_nothing_and_is_told():
    told = verdict(UNCHANGED, replace(REGRESSED, row=replace(REGRESSED.row, stat="p(99)"), gated=False))
    assert told.outcome is Outcome.PASS
    assert sentences(told)[0].startswith("none of 1 row")
    assert sentences(told)[1].endswith("(for information, not gated)")


def test_an_improvement_is_told():
    assert sentences(verdict(IMPROVED))[1].startswith(
        "POST /pet of create_pet: http_req_duration med got faster: -20.0 %"
    )


def test_an_invalid_scenario_has_no_say():
    for row, result in ((REGRESSED, threshold(1.0, True)), (UNCHANGED, threshold(None, False))):
        judged = verdict(row, thresholds=[result], validity=[BROKEN])
        assert (judged.outcome, judged.exit_code) == (Outcome.INVALID, ExitCode.NO_VERDICT)
        assert sentences(judged) == ("create_pet: the generator was the bottleneck; lower the load",)


def test_a_proven_regression_outweighs_another_scenario_that_is_invalid():
    judged = verdict(REGRESSED, validity=[UNREADY])
    assert (judged.outcome, judged.exit_code) == (Outcome.FAIL, ExitCode.FAIL)
    assert sentences(judged)[1] == "order_pet: was declared and not measured"


QUERIES = replace(REGRESSED, row=Row("create_pet", None, "counter{name:queries}", "value"))


@pytest.mark.parametrize(("of_times", "outcome"), [(True, Outcome.FAIL), (False, Outcome.INVALID)])
def test_a_count_that_rose_is_a_regression_where_only_times_cannot_be_believed(of_times, outcome):
    decided = verdict(REGRESSED, QUERIES, validity=[replace(BROKEN, of_times=of_times)])
    assert decided.outcome is outcome
    assert [reason.subject for reason in decided.reasons if reason.kind is ReasonKind.REGRESSED] == (
        [QUERIES] if of_times else []
    )


def test_counts_that_did_not_rise_make_no_verdict_of_times_that_cannot_be_believed():
    calm = replace(UNCHANGED, row=QUERIES.row)
    assert verdict(calm, validity=[replace(BROKEN, of_times=True)]).outcome is Outcome.INVALID


def test_a_missing_scenario_is_never_green():
    assert verdict(UNCHANGED, validity=[UNREADY]).outcome is Outcome.INVALID


def test_an_invalid_note_on_everything_takes_every_word():
    assert verdict(REGRESSED, validity=[ValidityNote("", "the machine slept", "", True)]).outcome is Outcome.INVALID


def test_a_warning_decides_nothing():
    assert verdict(UNCHANGED, validity=[replace(BROKEN, invalid=False)]).outcome is Outcome.PASS


def test_nothing_to_compare_passes_on_thresholds_alone():
    assert sentences(verdict(thresholds=[threshold(1.0, True)])) == ("nothing was compared; 1 threshold held",)


ACCEPTED = Acceptance("create_pet", "POST /pet", "http_req_duration", 0.4, date(2026, 12, 31), "encryption at rest")


def accepting(**changes):
    return replace(POLICY, acceptances=(replace(ACCEPTED, **changes),))


def test_an_accepted_regression_passes_and_is_told():
    passed = verdict(REGRESSED, policy=accepting())
    assert passed.outcome is Outcome.PASS
    assert sentences(passed)[0] == "none of 1 row got worse than what is accepted"
    assert sentences(passed)[1].endswith("accepted up to 40 % until 2026-12-31: encryption at rest")


def test_an_acceptance_holds_on_its_last_day_and_not_after():
    assert verdict(REGRESSED, policy=accepting(expires=TODAY)).outcome is Outcome.PASS
    over = verdict(REGRESSED, policy=accepting(expires=date(2026, 11, 22)))
    assert over.outcome is Outcome.FAIL
    assert sentences(over)[0].endswith("it was accepted until 2026-11-22, which is over: encryption at rest")


def test_an_acceptance_that_holds_counts_whatever_has_expired_beside_it():
    old = replace(ACCEPTED, ceiling=0.9, expires=date(2026, 1, 1), reason="the old one")
    passed = verdict(REGRESSED, policy=replace(POLICY, acceptances=(old, ACCEPTED)))
    assert passed.outcome is Outcome.PASS
    assert sentences(passed)[1].endswith("encryption at rest")


def test_a_regression_beyond_the_ceiling_fails():
    judged = verdict(REGRESSED, policy=accepting(ceiling=0.2))
    assert judged.outcome is Outcome.FAIL
    assert sentences(judged)[0].endswith("only 20 % are accepted: encryption at rest")


def test_a_ceiling_is_for_the_worse_whatever_the_sign():
    row = replace(REGRESSED, row=THROUGHPUT, change=-0.3, interval=Interval(-0.35, -0.25))
    accepts = Acceptance("create_pet", None, "http_reqs", 0.3, TODAY, "slower on purpose")
    assert verdict(row, policy=replace(POLICY, acceptances=(accepts,))).outcome is Outcome.PASS
    narrower = replace(accepts, ceiling=0.2)
    assert verdict(row, policy=replace(POLICY, acceptances=(narrower,))).outcome is Outcome.FAIL


@pytest.mark.parametrize("other", [{"scenario": "order_pet"}, {"request": "GET /pet"}, {"metric": "service_cpu"}])
def test_an_acceptance_of_something_else_accepts_nothing(other):
    assert verdict(REGRESSED, policy=accepting(**other)).outcome is Outcome.FAIL


def test_every_outcome_has_reasons():
    for rows in ((), (UNCHANGED,), (UNDECIDED,), (REGRESSED,), (IMPROVED,)):
        assert verdict(*rows).reasons
