"""Jobs that end at the same moment, in every order: one comment is left, and every section in it is the newest."""

from pathlib import Path
from random import Random

import pytest

from perfgate.github.comment import Thread, post_comment
from perfgate.github.event import RunNumber
from perfgate.github.pulls import newest_commit
from perfgate.github.sections import Section, parts_of
from perfgate.testing import FakeGitHub
from tests.support.racing_jobs import Race

THREAD = Thread("octo/pets", 7)
# The pause is 2 s: what is read is written within it. Between requests hardly any time passes.
WAYS = (0.02, 0.9)
MATRIX = ("gate (amd64, small)", "gate (amd64, large)", "gate (arm64, small)", "gate (arm64, large)")
COMMITS = ("1" * 40, "2" * 40, "3" * 40)


@pytest.fixture(scope="module")
def server():
    with FakeGitHub() as fake:
        yield fake


@pytest.fixture
def github(server):
    for kept in (server.comments, server.pulls, server.faults, server.asked):
        kept.clear()
    server.add_pull(7, "octo/pets", "change", COMMITS[0])
    return server


def pushed(race, number):
    """The pull request is at this commit from now on."""
    race.github.pulls.clear()
    race.github.add_pull(7, "octo/pets", "change", COMMITS[number])


def job(name, number, looks, section="perfgate.toml", attempt=1):
    """A job of the matrix that posts what it found of a commit. looks: whether it asks for the newest one before."""

    def work(api):
        if looks and newest_commit(api, "octo/pets", 7) != COMMITS[number]:
            return
        mine = Section(Path(section), name, COMMITS[number], RunNumber(101 + number, attempt))
        post_comment(api, THREAD, mine, lambda limit: f"{name} of push {number}, attempt {attempt}"[:limit])

    return work


def sections(github):
    """Name, commit and text of each section of the only comment."""
    (comment,) = github.comments
    return {(part.key, part.commit, part.text) for part in parts_of(comment["body"])}


def newest_of(names, number=2, attempt=1, section="perfgate.toml"):
    found = ((name, Section(Path(section), name, "", RunNumber(1, 1)).key) for name in names)
    return {(key, COMMITS[number], f"{name} of push {number}, attempt {attempt}") for name, key in found}


@pytest.mark.parametrize("seed", range(200))
def test_three_pushes_of_a_matrix_leave_one_comment_with_the_newest_of_all(github, seed):
    random = Random(seed)
    race = Race(github, random, WAYS)
    spread = random.choice((0.5, 3.0, 10.0))
    looks = bool(seed % 2)
    if seed % 4 > 1:
        github.add_comment(f"older\n\n{Section(Path('perfgate.toml'), MATRIX[0], '0' * 40, RunNumber(100, 1)).marker}")
    for number in range(3):
        race.at(number * spread / 3, lambda number=number: pushed(race, number))
        for name in MATRIX:
            # A job of an older commit ends before or after those of newer ones, and now and then is cancelled.
            end = race.job(number * spread / 3 + random.uniform(0.0, spread), job(name, number, looks))
            if number < 2 and random.random() < 0.2:
                race.at(number * spread / 3 + random.uniform(0.0, spread + 5.0), end)
    race.run()
    assert sections(github) == newest_of(MATRIX)


@pytest.mark.parametrize("seed", range(6))
def test_twenty_configurations_that_end_at_once_each_have_their_section(github, seed):
    race = Race(github, Random(seed), WAYS)
    folders = [f"services/{number}/perfgate.toml" for number in range(20)]
    for folder in folders:
        race.job(race.random.uniform(0.0, 1.0), job("gate", 0, True, folder))
    race.run()
    assert sections(github) == set().union(*(newest_of(["gate"], 0, section=folder) for folder in folders))


@pytest.mark.parametrize("seed", range(12))
def test_a_second_attempt_replaces_the_first_and_no_other(github, seed):
    race = Race(github, Random(seed), WAYS)
    for name in MATRIX:
        race.job(race.random.uniform(0.0, 2.0), job(name, 2, False))
    race.job(race.random.uniform(0.0, 2.0), job(MATRIX[1], 2, False, attempt=2))
    race.run()
    others = [name for name in MATRIX if name != MATRIX[1]]
    assert sections(github) == newest_of(others) | newest_of([MATRIX[1]], attempt=2)


@pytest.mark.parametrize("seed", range(30))
def test_a_slow_github_is_given_time(github, seed):
    """Edits take up to five seconds to get there, as each job sees by its own."""
    race = Race(github, Random(seed), (0.02, 0.2), writing=(2.0, 5.0))
    names = MATRIX[:2]
    race.github.add_comment(f"old\n\n{Section(Path('perfgate.toml'), '', '', RunNumber(1, 1)).marker}")
    for name in names:
        race.job(race.random.uniform(0.0, 6.0), job(name, 0, False))
    race.run()
    assert sections(github) == newest_of(names, 0)
