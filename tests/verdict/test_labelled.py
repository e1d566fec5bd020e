"""What a label on the pull request makes of a verdict."""

from dataclasses import replace

import pytest

from perfgate.errors import ExitCode
from perfgate.report.sentences import sentence_of
from perfgate.verdict import Outcome, ReasonKind, ValidityNote, accept, before_acceptance, decide, noted
from tests.support import verdict_samples as samples

LABEL = samples.LABEL
UNREAD = ValidityNote("order_pet", "was declared and not measured", "", True)


def kinds(verdict):
    return [reason.kind for reason in verdict.reasons]


@pytest.mark.parametrize("red", [samples.regression, samples.threshold_failed])
def test_a_red_gate_is_green_with_what_made_it_red_among_the_reasons(red):
    green = accept(red(), LABEL)
    assert (green.outcome, green.exit_code, green.accepted) == (Outcome.PASS, ExitCode.PASS, LABEL)
    assert green.reasons[0].kind is ReasonKind.LABELLED
    assert len(green.reasons) == len(red().reasons)
    assert sentence_of(green.reasons[0], green).endswith("; accepted by maria with the label perfgate: accepted")
    assert before_acceptance(green) == red()


def test_an_expired_acceptance_is_accepted_too():
    old = tuple(replace(one.acceptance, expires=samples.POLICY.today.replace(year=2020)) for one in ACCEPTED)
    evidence = samples.regression()
    expired = decide(
        samples.Evidence(evidence.base, evidence.head, evidence.rows, (), (), ()),
        replace(samples.POLICY, acceptances=old),
        "",
    )
    assert kinds(expired)[0] is ReasonKind.EXPIRED
    assert accept(expired, LABEL).reasons[0].acceptance is None
    assert accept(expired, LABEL).exit_code is ExitCode.PASS


ACCEPTED = [reason for reason in samples.accepted().reasons if reason.acceptance]


def test_what_was_not_measured_stays_without_a_verdict():
    red = samples.regression()
    both = decide(
        samples.Evidence(red.base, red.head, red.rows, red.summary, (), (UNREAD,), samples.METHODS), samples.POLICY, ""
    )
    assert both.outcome is Outcome.FAIL
    left = accept(both, LABEL)
    assert (left.outcome, left.exit_code) == (Outcome.INVALID, ExitCode.NO_VERDICT)
    assert kinds(left)[0] is ReasonKind.INVALID


def test_an_undecided_gate_that_fails_is_accepted():
    strict = replace(samples.inconclusive(), exit_code=ExitCode.FAIL)
    green = accept(strict, LABEL)
    assert (green.outcome, green.exit_code) == (Outcome.PASS, ExitCode.PASS)
    assert before_acceptance(green) == strict


@pytest.mark.parametrize("verdict", [samples.passing, samples.inconclusive, samples.invalid])
def test_a_gate_that_is_not_red_stays_as_it_is(verdict):
    assert accept(verdict(), LABEL) == verdict()


def test_one_more_note_decides_nothing():
    note = ValidityNote("", "the label accepts nothing", "", False)
    red = noted(samples.regression(), note)
    assert red.validity[-1] == note
    assert red.exit_code is ExitCode.FAIL
