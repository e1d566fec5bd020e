"""The file of a search: kept after every duet, and forgotten where it is about something else."""

from __future__ import annotations

import json

import pytest

from perfgate.application.bisecting.kept_search import KeptDuet, KeptSearch
from perfgate.compare.rows import Row

QUESTION = {"good": "a", "bad": "b", "metric": None, "load": "1"}
LINE = ("a", "c", "d", "b")
ROW = Row("create_pet", "POST /pet", "http_req_duration", "med")
ENDS = KeptDuet("a", "b", (0.1, 0.25), 2, 16.0)
NEXT = KeptDuet("a", "c", (0.0, 0.001), 1, 8.0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".perfgate" / "bisect.json"


@pytest.fixture
def kept(path):
    kept = KeptSearch(path, QUESTION, LINE)
    kept.begin(ROW, ENDS, 0.02)
    kept.add(NEXT)
    kept.leave_out({"d": "answers errors alone"}, 5.0)
    return kept


def test_what_was_kept_is_there_for_the_same_question(path, kept):
    again = KeptSearch(path, dict(QUESTION), LINE)
    assert (again.row, again.duets, again.untested) == (ROW, [ENDS, NEXT], {"d": "answers errors alone"})
    assert again.failing == 0.02
    assert again.seconds == 29.0, "what was spent on a commit that was left out counts as well"


def test_an_older_file_that_lacks_errors_and_the_load_of_what_was_left_out_is_read(path, kept):
    plain = json.loads(path.read_text())
    del plain["untested_seconds"], plain["failing"]
    path.write_text(json.dumps(plain))
    again = KeptSearch(path, QUESTION, LINE)
    assert (again.duets, again.seconds, again.failing) == ([ENDS, NEXT], 24.0, 1.0)


def test_another_question_begins_anew(path, kept):
    assert KeptSearch(path, {**QUESTION, "bad": "e"}, LINE).duets == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda plain: plain.update(schema="perfgate.bisect/9"),
        lambda plain: plain.pop("row"),
        lambda plain: plain["duets"][0].update(changes=["x"]),
        lambda plain: plain["duets"][0].update(changes=[]),
        lambda plain: plain["duets"][0].update(changes=[float("nan")]),
        lambda plain: plain["duets"][0].update(more=1),
        lambda plain: plain.update(untested=[]),
        lambda plain: plain.update(untested_seconds=float("nan")),
        lambda plain: plain.update(failing=2),
        lambda plain: plain.update(duets=[]),
        lambda plain: plain["duets"].pop(0),
        lambda plain: plain["duets"][1].update(head="e"),
    ],
)
def test_a_file_that_is_damaged_is_no_search(path, kept, damage):
    plain = json.loads(path.read_text())
    damage(plain)
    path.write_text(json.dumps(plain))
    again = KeptSearch(path, QUESTION, LINE)
    assert (again.row, again.duets, again.untested) == (None, [], {})


def test_half_a_file_is_no_search(path, kept):
    path.write_text(path.read_text()[:40])
    assert KeptSearch(path, QUESTION, LINE).duets == []
