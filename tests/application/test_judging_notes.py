"""Notes on what a run was compared with, and on where it was kept; histories that cannot be read."""

from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from perfgate.application.bench.provenance import read_checkout
from perfgate.application.context import Context
from perfgate.application.judging import notes_on_age
from perfgate.application.stored_runs import RunWithResults, refuse_unreadable
from perfgate.errors import HistoryError
from perfgate.git import Git
from perfgate.history.stored import StoredRun
from tests.support.evidence_cases import HEAD
from tests.support.histories import put, small_run

DAY = 86_400.0


def stored(started_at):
    return RunWithResults(StoredRun(replace(HEAD, started_at=started_at), True, ()), ())


@pytest.mark.parametrize(("days", "told"), [(0.0, False), (13.9, False), (14.0, True), (400.0, True)])
def test_a_baseline_that_nobody_adds_to_any_more_is_told(days, told):
    head = replace(HEAD, started_at=1_767_225_600.0)
    notes = notes_on_age(head, (stored(head.started_at - 500 * DAY), stored(head.started_at - days * DAY)))
    assert bool(notes) == told
    if days == 400.0:
        assert notes[0].message == "the newest run of the baseline is 400 days old, of 2024-11-27"
        assert "perfgate history list" in notes[0].hint


def test_without_a_baseline_nothing_is_old():
    assert notes_on_age(HEAD, ()) == ()


def test_a_history_that_cannot_be_read_leaves_none_open(tmp_path):
    good, bad = tmp_path / "good.db", tmp_path / "bad.db"
    put(good, small_run())
    bad.write_text("a text")
    with pytest.raises(HistoryError) as refused:
        refuse_unreadable((good, bad))
    assert str(bad) in refused.value.message
    assert str(good) not in {file.path for file in psutil.Process().open_files()}
    refuse_unreadable((good, tmp_path / "missing.db"))


def here(folder):
    return Context(folder, {"HOME": "/nonexistent", "PATH": "/usr/local/bin:/usr/bin:/bin"}, print)


def test_a_repository_that_git_refuses_is_not_taken_for_none(tmp_path, monkeypatch):
    assert read_checkout(here(tmp_path)).refusal is None
    Git(tmp_path, here(tmp_path).environment).say("init", "--quiet")
    monkeypatch.setattr(Git, "_run", _refuses)
    deeper = tmp_path / "service"
    deeper.mkdir()
    checkout = read_checkout(here(Path(deeper)))
    assert (checkout.commit, checkout.branch) == ("", "")
    assert checkout.refusal is not None
    assert "safe.directory" in checkout.refusal.hint


def _refuses(self, arguments, seconds, output):
    from perfgate.git import GitError

    raise GitError.refused(arguments, "fatal: detected dubious ownership in repository at '/work'")
