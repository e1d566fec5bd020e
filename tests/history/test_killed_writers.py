"""Real processes write to one real file; some are killed in the middle of it."""

import os
import random
import signal
import time

import pytest

from perfgate.history.checking import faults_of
from perfgate.history.store import open_history
from perfgate.metrics.tally_statistics import read
from tests.support.histories import first_rounds, put, small_run

ROUNDS = 6


@pytest.fixture(scope="module")
def runs():
    return [small_run(number, rounds=ROUNDS, requests_per_round=20) for number in range(4)]


def save_by_rounds(path, run, tell=lambda: None):
    """Save a run as `perfgate run` does, and tell of every save."""
    with open_history(path, create=True) as history:
        for count in range(1, ROUNDS + 1):
            for scenario_run in run.scenarios:
                history.save(run.record, first_rounds(scenario_run, count))
                tell()
        history.finish(run.record.id)


def forked(work):
    """A process that does `work(tell)` and ends: its id, and a pipe that gets a byte whenever it tells."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reader)
            work(lambda: os.write(writer, b"!"))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writer)
    return child, reader


def rounds_measured(history, run):
    """How many whole rounds of each scenario are there; an error if a scenario is there in part."""
    found = {}
    stored = {(result.scenario, result.request): result for result in history.results(run.record.id)}
    for scenario_run in run.scenarios:
        whole = stored.get((scenario_run.scenario, None))
        if whole is None:
            continue
        saved = first_rounds(scenario_run, whole.load.rounds)
        for request in (None, *saved.total.requests):
            result = stored[scenario_run.scenario, request]
            assert result.requests == read(saved.total, "http_reqs", "count", request)
            assert result.read("http_req_duration", "max") == pytest.approx(
                read(saved.total, "http_req_duration", "max", request), abs=1e-4
            )
        found[scenario_run.scenario] = whole.load.rounds
    return found


def test_a_writer_killed_at_any_moment_leaves_whole_rounds_and_a_sound_file(tmp_path, runs):
    chance = random.Random(1)
    first, *others, last = runs
    saves = ROUNDS * sum(len(run.scenarios) for run in others)
    cut_short = 0
    for attempt in range(20):
        path = tmp_path / f"{attempt}.db"
        put(path, first)
        child, told = forked(lambda tell, path=path: [save_by_rounds(path, run, tell) for run in others])
        for _ in range(chance.randrange(saves)):
            os.read(told, 1)
        time.sleep(chance.uniform(0, 0.004))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(told)

        with open_history(path, create=False) as history:
            assert faults_of(history.path) == ()
            stored = {found.record.id: found for found in history.runs()}
            for run in runs:
                if run.record.id in stored:
                    measured = rounds_measured(history, run)
                    assert measured
                    complete = sum(measured.values()) == ROUNDS * len(run.scenarios)
                    assert complete or not stored[run.record.id].finished
                    cut_short += not complete
            assert stored[first.record.id].finished
        save_by_rounds(path, last)
        with open_history(path, create=False) as history:
            assert set(rounds_measured(history, last).values()) == {ROUNDS}
    assert cut_short


def test_a_round_that_has_been_saved_is_on_the_disk(tmp_path, runs):
    """A copy of the file, taken between two saves as a killed process leaves it, has all rounds so far."""
    path, copy = tmp_path / "perfgate.db", tmp_path / "copy.db"
    (scenario_run, *_) = runs[0].scenarios
    with open_history(path, create=True) as history:
        for count in range(1, ROUNDS + 1):
            history.save(runs[0].record, first_rounds(scenario_run, count))
            copy.write_bytes(path.read_bytes())
            with open_history(copy, create=False) as copied:
                assert rounds_measured(copied, runs[0]) == {scenario_run.scenario: count}


def test_processes_that_write_at_once_to_a_new_file_all_get_their_runs_in(tmp_path, runs):
    path = tmp_path / "perfgate.db"
    children = [forked(lambda tell, run=run: save_by_rounds(path, run)) for run in runs]
    assert [os.waitpid(child, 0)[1] for child, _ in children] == [0] * len(runs)
    for _, told in children:
        os.close(told)
    with open_history(path, create=False) as history:
        assert faults_of(history.path) == ()
        assert len(history.runs(finished=True)) == len(runs)
        for run in runs:
            assert set(rounds_measured(history, run).values()) == {ROUNDS}


def test_no_journal_is_left_behind(tmp_path, runs):
    save_by_rounds(tmp_path / "perfgate.db", runs[0])
    assert [file.name for file in tmp_path.iterdir()] == ["perfgate.db"]
