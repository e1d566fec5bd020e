"""Searches on lines whose levels are known, by duets that scatter as recorded ones do."""

from __future__ import annotations

import random
from collections import Counter
from statistics import fmean

import pytest

from perfgate.bisecting.commit_line import CommitLine
from perfgate.bisecting.finding import SeveralCommits, SingleCommit, Undecided
from perfgate.bisecting.oracle import find
from perfgate.bisecting.reading import Trial
from perfgate.bisecting.search import CommitSearch
from tests.support.simulated_line import SimulatedLine, recorded_noise

INSTANCE_NOISE = 0.007
COMMITS = 64


def line_with(seed, noise, jumps, decoys=8, broken=3):
    """A line with these jumps somewhere, decoys of one percent, and commits that do not build; where the jumps are.

    A third of the commits that change nothing change documents alone.
    """
    lots = random.Random(seed)
    places = lots.sample(range(COMMITS), len(jumps) + decoys)
    steps = [0.0] * COMMITS
    for place, jump in zip(places, jumps, strict=False):
        steps[place] = jump
    for place in places[len(jumps) :]:
        steps[place] = lots.choice((-0.01, 0.01))
    likely = [bool(step) or lots.random() > 1 / 3 for step in steps]
    jumped = {place + 1 for place in places[: len(jumps)]}
    unbuilt = lots.sample([place for place in range(1, COMMITS) if place not in jumped], broken)
    return SimulatedLine(steps, lots, noise, frozenset(unbuilt), INSTANCE_NOISE), likely, jumped


@pytest.mark.parametrize(("load", "figure"), [("aa_closed", "p50"), ("aa_closed", "cpu"), ("aa_think", "cpu")])
def test_one_commit_of_ten_percent_is_found_in_nineteen_of_twenty_searches(load, figure):
    right, loads = 0, []
    for seed in range(40):
        line, likely, jumped = line_with(seed, recorded_noise(load, figure), (0.1,))
        finding, _ = find(likely, line, INSTANCE_NOISE)
        right += isinstance(finding, SingleCommit) and jumped <= set(finding.places) and len(finding.places) <= 4
        loads.append(line.duets)
    assert right >= 38
    assert max(loads) <= 9
    assert fmean(loads) < 4


def test_ten_steps_of_one_percent_are_no_single_commit():
    found = Counter()
    for seed in range(20):
        line, likely, _ = line_with(seed, recorded_noise("aa_closed", "cpu"), (0.01,) * 10, decoys=0)
        finding, search = find(likely, line, INSTANCE_NOISE)
        found[type(finding)] += 1
        if isinstance(finding, SeveralCommits):
            assert [one.after for one in finding.stretches][1:] == [one.until for one in finding.stretches][:-1]
            assert sum(one.rise.change for one in finding.stretches) == pytest.approx(search.belief.whole, abs=0.03)
    assert found[SeveralCommits] >= 19
    assert not found[SingleCommit]


def test_two_commits_of_five_percent_are_mostly_told_apart_and_never_another():
    told = 0
    for seed in range(20):
        line, likely, jumped = line_with(seed, recorded_noise("aa_closed", "cpu"), (0.05, 0.05), decoys=0, broken=0)
        finding, _ = find(likely, line, INSTANCE_NOISE)
        if isinstance(finding, SeveralCommits):
            large = sorted(finding.stretches, key=lambda one: one.rise.change)[-2:]
            told += all(any(one.after < place <= one.until for one in large) for place in jumped)
        elif isinstance(finding, SingleCommit):
            assert jumped & set(finding.places)
    assert told >= 10


def test_a_finding_is_as_often_right_as_it_says():
    sure = []
    for seed in range(24):
        line, likely, jumped = line_with(seed, recorded_noise("aa_think", "p50"), (0.06,))
        finding, _ = find(likely, line, INSTANCE_NOISE)
        if isinstance(finding, SingleCommit):
            sure.append(jumped <= set(finding.places))
    assert len(sure) > 12
    assert fmean(sure) > 0.9


def test_the_change_lies_within_its_interval_nearly_always():
    within = []
    for seed in range(40):
        line, likely, jumped = line_with(seed, recorded_noise("aa_closed", "cpu"), (0.1,), decoys=0, broken=0)
        finding, _ = find(likely, line, INSTANCE_NOISE)
        if isinstance(finding, SingleCommit) and jumped == set(finding.places):
            within.append(abs(finding.step.change - 0.0953) < 1.96 * finding.step.error)
    assert fmean(within) > 0.85


def test_commits_that_cannot_be_measured_apart_are_named_together():
    steps = [0.0] * 20
    steps[9] = 0.2
    line = SimulatedLine(steps, random.Random(1), recorded_noise("aa_closed", "cpu"), frozenset({9, 10, 11}))
    finding, _ = find([True] * 20, line, INSTANCE_NOISE)
    assert isinstance(finding, SingleCommit)
    assert finding.places == (9, 10, 11, 12)
    assert line.untested == {9, 10, 11}


def test_a_commit_that_changes_documents_alone_is_not_suspected_beside_one_that_does_not():
    steps = [0.0, 0.0, 0.2, 0.0]
    line = SimulatedLine(steps, random.Random(1), recorded_noise("aa_closed", "cpu"), frozenset({2}))
    finding, _ = find([True, False, True, True], line, INSTANCE_NOISE)
    assert isinstance(finding, SingleCommit)
    assert finding.places == (3,)


def test_one_commit_between_the_ends_needs_no_more_duets():
    line = SimulatedLine([0.1], random.Random(1), recorded_noise("aa_closed", "cpu"))
    finding, _ = find([True], line, INSTANCE_NOISE)
    assert isinstance(finding, SingleCommit)
    assert (finding.places, len(line.trials)) == ((1,), 1)


def test_the_first_question_parts_the_line_in_the_middle_of_what_is_likely():
    line = CommitLine([False] * 10 + [True] * 10)
    trial = Trial(0, 20, tuple(0.1 + noise for noise in recorded_noise("aa_closed", "cpu")[:24]), 1)
    base, head = CommitSearch(line, [trial], INSTANCE_NOISE).next_duet()
    assert {base, head} & {0, 20}
    assert {base, head} - {0, 20} in ({15}, {14})


def test_without_load_to_spend_the_likeliest_commits_are_named():
    steps = [0.0] * 20
    steps[9] = 0.1
    line = SimulatedLine(steps, random.Random(1), recorded_noise("aa_closed", "cpu"))
    line.load = 9 * 60.0
    finding, _ = find([True] * 20, line, INSTANCE_NOISE)
    assert isinstance(finding, Undecided)
    assert [chance for _, chance in finding.suspects] == sorted((c for _, c in finding.suspects), reverse=True)
