"""A bisection in words, and as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from perfgate.bisecting.belief import Estimate
from perfgate.bisecting.bisection import Bisection, LineCommit
from perfgate.bisecting.finding import LineStretch, NothingSlower, SeveralCommits, SingleCommit, Undecided
from perfgate.bisecting.reading import Reading
from perfgate.compare.rows import Row
from perfgate.report.bisection import dumps, terminal

GOOD = "0" * 40
COMMITS = tuple(
    LineCommit(str(number) * 40, f"2026-11-0{number}T12:00:00+01:00", f"Change number {number}", number == 4, True)
    for number in range(1, 6)
)
TEN_PERCENT = Estimate(math.log(1.1), 0.01)
FOUND = Bisection(
    good=GOOD,
    commits=COMMITS,
    row=Row("create_pet", None, "service_cpu", "value"),
    whole=TEN_PERCENT,
    finding=SingleCommit((3,), 0.9931, TEN_PERCENT),
    readings=(Reading(0, 5, math.log(1.1), 0.01), Reading(2, 3, math.log(1.1), 0.01)),
    untested={1: "ref:1111 could not be built: make: exit code 2"},
    load_seconds=83.0,
)


def text_of(finding, **more):
    return terminal(replace(FOUND, finding=finding), color=False, **more)


def test_one_commit_has_its_date_subject_change_and_probability():
    assert text_of(FOUND.finding) == (
        "333333333333  2026-11-03  Change number 3\n"
        "With this commit service_cpu of create_pet changed by +10.0 % (+7.9 to +12.2 %), between the ends by\n"
        "+10.0 % (+7.9 to +12.2 %); probability 99.3 %.\n"
        "\n"
        "2 duets, 1m23s of load, 5 commits from 000000000000 on\n"
        "left out: 111111111111: ref:1111 could not be built: make: exit code 2"
    )


def test_a_merge_has_the_command_that_looks_into_it():
    assert "git merge-base 444444444444^1 444444444444^2" in text_of(SingleCommit((4,), 0.97, TEN_PERCENT))


def test_commits_that_cannot_be_told_apart_are_listed():
    said = text_of(SingleCommit((1, 2, 3), 0.97, TEN_PERCENT))
    assert said.startswith("One of 3 commits, 111111111111 to 333333333333: what lies between cannot be measured.")
    assert [line[:14] for line in said.splitlines() if line[:2] == "  "] == [f"  {number * 12}" for number in "123"]


def test_several_steps_are_told_with_their_intervals():
    half = Estimate(math.log(1.05), 0.005)
    stretches = (LineStretch(0, 2, half), LineStretch(2, 3, half), LineStretch(3, 5, Estimate(0.0, 0.005)))
    said = text_of(SeveralCommits(0.98, stretches))
    assert said.startswith("No single commit did it (probability 98.0 %): service_cpu of create_pet changed by +10.0 %")
    assert [line for line in said.splitlines() if line.startswith("  ")] == [
        "  +5.0 % (+4.0 to +6.0 %)             2 commits, 111111111111 to 222222222222",
        "  +5.0 % (+4.0 to +6.0 %)             333333333333  2026-11-03  Change number 3",
        "  +0.0 % (-1.0 to +1.0 %)             2 commits, 444444444444 to 555555555555",
    ]


def test_what_is_open_has_suspects_and_how_to_go_on():
    said = text_of(Undecided(((2, 0.6), (3, 0.3)), 0.1))
    assert "60.0 %  222222222222  2026-11-02  Change number 2" in said
    assert "10.0 %  no single commit" in said
    assert "--budget" in said


def test_nothing_between_the_ends_says_what_differed_most():
    said = text_of(None)
    assert said.startswith("No change is sure between 000000000000 and 555555555555")
    assert "service_cpu of create_pet, +10.0 %" in said.replace("\n", " ")


def test_where_the_interval_is_clear_of_0_it_says_why_that_is_not_enough():
    clear = " ".join(text_of(None).split())
    assert "That interval is clear of 0, and still not enough: it is off once in 20 times" in clear
    assert "A search begins where chance would do it once in 1,000 times. A longer --budget" in clear
    unclear = terminal(replace(FOUND, finding=None, whole=Estimate(0.01, 0.01)), color=False)
    assert "clear of 0" not in unclear


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            Row("pets", "GET /pet", "http_req_duration", "p(99)"),
            "http_req_duration p(99) of GET /pet of pets got faster, -9.1 %",
        ),
        (Row("pets", None, "http_reqs", "rate"), "http_reqs/s of pets got better, +10.0 %"),
    ],
)
def test_what_got_faster_is_told_with_how_to_find_it(row, said):
    faster = replace(FOUND, row=row, whole=Estimate(-math.log(1.1), 0.01), finding=NothingSlower())
    text = " ".join(terminal(faster, color=False).split())
    assert text.startswith(f"Nothing got slower between 000000000000 and 555555555555: {said} (")
    assert "bisect looks for what got slower. git bisect run finds what made it faster" in text
    assert "perfgate duet ref:HEAD ref:000000000000 " in text
    assert "--budget" not in text


def test_verbose_has_every_duet():
    assert "222222222222 to 333333333333  +10.0 % (+7.9 to +12.2 %)" in text_of(FOUND.finding, verbose=True)


def test_names_from_outside_are_made_harmless():
    commit = replace(COMMITS[2], subject="Change\x1b[31m it\u202e")
    said = terminal(replace(FOUND, commits=(*COMMITS[:2], commit, *COMMITS[3:])), color=False)
    assert "\x1b" not in said
    assert "\u202e" not in said


@pytest.mark.parametrize(
    ("finding", "outcome"),
    [
        (FOUND.finding, "commit"),
        (SingleCommit((2, 3), 0.96, TEN_PERCENT), "one_of"),
        (SeveralCommits(0.98, (LineStretch(0, 5, TEN_PERCENT),)), "several"),
        (Undecided(((2, 0.6),), 0.1), "undecided"),
        (NothingSlower(), "improved"),
        (None, "unchanged"),
    ],
)
def test_json_says_the_outcome_in_one_word(finding, outcome):
    plain = json.loads(dumps(replace(FOUND, finding=finding)))
    assert (plain["schema"], plain["outcome"], plain["bad"]) == ("perfgate.bisect/1", outcome, "5" * 40)
    assert plain["low"] < plain["change"] < plain["high"]
    assert plain["duets"][1]["base"] == "2" * 40
    assert plain["left_out"] == [{"sha": "1" * 40, "reason": FOUND.untested[1]}]


def test_where_more_is_better_a_loss_is_negative():
    plain = json.loads(dumps(replace(FOUND, row=Row("create_pet", None, "http_reqs", "rate"))))
    assert plain["low"] < plain["change"] < plain["high"] < 0
