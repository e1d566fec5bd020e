"""The union of any histories, in any order: seeded histories of few runs in several versions, so that they overlap."""

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from perfgate.errors import HistoryError
from perfgate.history.checking import faults_of
from perfgate.history.merging import Merged, merge_as, merge_into
from perfgate.history.store import open_history
from tests.support.histories import first_rounds, put, small_run, with_dependencies, with_record

BRIEF = {"scenarios": {"browse": {"GET /": 5.0}}, "rounds": 3, "requests_per_round": 10}
NONE = Merged(0, 0, 0)


def content(path):
    """All rows of all tables."""
    with closing(sqlite3.connect(path)) as connection:
        tables = ("testbeds", "runs", "results", "dependencies")
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3").fetchall() for name in tables}


def run_ids(path):
    return [row[0] for row in content(path)["runs"]]


def put_version(path, number, version):
    """One run as it may be found: one round or two, all but not finished, finished, measured again, or pruned."""
    run = small_run(number, **BRIEF)
    (whole,) = run.scenarios
    if version == "measured again":
        run = replace(run, scenarios=small_run(number, change=0.3, **BRIEF).scenarios)
    elif isinstance(version, int):
        run = replace(run, scenarios=(first_rounds(whole, version),))
    memory = run.record.testbed.memory_bytes + 4096 * (hash_of(version) % 3)
    if number % 2:
        with_dependencies(run, postgres=1.0, **({"redis": 0.1} if version in (2, "measured again") else {}))
    run = with_record(run, testbed=replace(run.record.testbed, memory_bytes=memory))
    put(path, run, finished=version not in (1, 2, 3))
    if version == "without histograms":
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE results SET histogram = NULL WHERE run_id = ?", [run.record.id])


def hash_of(version):
    return sum(map(ord, str(version)))


VERSIONS = (1, 2, 3, "finished", "measured again", "without histograms")


@pytest.fixture(scope="module")
def histories(tmp_path_factory):
    """Some histories that have runs in common, in one version or another; the first is empty."""
    folder = tmp_path_factory.mktemp("histories")
    chance = random.Random(7)
    paths = [folder / f"{number}.db" for number in range(12)]
    for place, path in enumerate(paths):
        open_history(path, create=True).close()
        for number in chance.sample(range(5), k=min(place, chance.randint(1, 5))):
            put_version(path, number, chance.choice(VERSIONS))
    return paths


@pytest.fixture
def merged(tmp_path):
    """The content of one history after others were merged into it, in that order."""
    numbers = iter(range(10_000))

    def merge(first, *others, base=None):
        path = tmp_path / f"{next(numbers)}.db"
        shutil.copy(first, path)
        for other in others:
            merge_into(path, other, base)
        return path

    return merge


def test_the_union_is_the_same_in_either_order(histories, merged):
    for one in histories:
        for other in histories:
            assert content(merged(one, other)) == content(merged(other, one))


def test_the_union_of_many_is_the_same_in_any_order_and_grouping(histories, merged):
    chance = random.Random(11)
    for _ in range(15):
        chosen = chance.sample(histories, k=4)
        expected = content(merged(*chosen))
        for _ in range(3):
            a, b, c, d = chance.sample(chosen, k=4)
            assert content(merged(a, b, c, d)) == expected
            assert content(merged(merged(a, b), merged(c, d))) == expected
            assert content(merged(a, merged(b, merged(c, d)))) == expected


def test_a_union_with_itself_or_with_a_part_of_itself_leaves_the_file_as_it_is(histories, merged):
    for one in histories:
        for other in histories:
            both = merged(one, other)
            before = both.read_bytes()
            assert [merge_into(both, path) for path in (one, other, both)] == [NONE, NONE, NONE]
            assert both.read_bytes() == before


def test_a_union_has_every_run_of_both_and_keeps_their_rows_together(histories, merged):
    for one in histories:
        for other in histories:
            both = merged(one, other)
            assert run_ids(both) == sorted({*run_ids(one), *run_ids(other)})
            rows_of_sides = [content(path)["results"] for path in (one, other)]
            for run_id in run_ids(both):
                rows, *sides = (
                    [row for row in rows if row[0] == run_id] for rows in (content(both)["results"], *rows_of_sides)
                )
                assert rows in sides
            with open_history(both, create=False) as history:
                assert faults_of(history.path) == ()


def test_with_a_common_ancestor_the_union_is_the_same_in_either_order_too(histories, merged):
    chance = random.Random(13)
    for _ in range(60):
        base, one, other = chance.choices(histories, k=3)
        assert content(merged(one, other, base=base))["results"] == content(merged(other, one, base=base))["results"]
        assert content(merged(one, base, base=base))["results"] == content(one)["results"]


def test_a_version_that_tells_more_wins(tmp_path):
    for less, more in ((1, 2), (2, 3), (3, "finished"), ("without histograms", "finished")):
        paths = [tmp_path / f"{less} {more} {number}.db" for number in range(2)]
        for path, version in zip(paths, (less, more), strict=True):
            put_version(path, 0, version)
        expected = content(paths[1])["results"]
        assert merge_into(paths[0], paths[1]) == Merged(added=0, replaced=1, removed=0)
        assert content(paths[0])["results"] == expected


def test_what_one_side_removed_since_the_common_ancestor_stays_removed(tmp_path, merged):
    base, pruned = tmp_path / "base.db", tmp_path / "pruned.db"
    put(base, *(small_run(number, **BRIEF) for number in range(3)))
    put(pruned, small_run(2, **BRIEF))
    grown = merged(base)
    put(grown, small_run(3, **BRIEF))
    expected = [small_run(number, **BRIEF).record.id for number in (2, 3)]
    assert run_ids(merged(pruned, grown, base=base)) == run_ids(merged(grown, pruned, base=base)) == expected
    assert len(run_ids(merged(pruned, grown))) == 4


def test_a_run_that_one_side_removed_and_the_other_changed_is_kept(tmp_path, merged):
    base, removed, changed = (tmp_path / f"{name}.db" for name in ("base", "removed", "changed"))
    put_version(base, 0, 1)
    open_history(removed, create=True).close()
    put_version(changed, 0, "finished")
    assert len(run_ids(merged(removed, changed, base=base))) == 1


def test_without_a_common_ancestor_git_gives_an_empty_file(tmp_path, merged):
    empty, one, other = (tmp_path / f"{name}.db" for name in ("empty", "one", "other"))
    empty.touch()
    put_version(one, 0, "finished")
    put_version(other, 1, "finished")
    assert len(run_ids(merged(one, other, base=empty))) == 2


def test_a_union_can_be_a_new_file_and_leaves_both_sides_as_they_are(histories, tmp_path):
    one, other = histories[-2:]
    before = one.read_bytes(), other.read_bytes()
    merge_as(tmp_path / "both.db", one, other)
    assert (one.read_bytes(), other.read_bytes()) == before
    assert run_ids(tmp_path / "both.db") == sorted({*run_ids(one), *run_ids(other)})
    assert [path.name for path in tmp_path.iterdir()] == ["both.db"]


def test_a_file_that_is_there_is_not_written_over(histories, tmp_path):
    taken = tmp_path / "taken.db"
    taken.write_text("mine")
    with pytest.raises(HistoryError, match="is there already"):
        merge_as(taken, *histories[-2:])
    assert taken.read_text() == "mine"


@pytest.mark.parametrize("text", ["version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "a text", ""])
def test_what_is_no_history_is_refused_and_the_other_left_as_it_is(tmp_path, text):
    path, other = tmp_path / "perfgate.db", tmp_path / "other.db"
    put_version(path, 0, "finished")
    other.write_text(text)
    before = path.read_bytes()
    with pytest.raises(HistoryError) as caught:
        merge_into(path, other)
    assert str(other) in caught.value.message
    assert caught.value.hint
    assert path.read_bytes() == before
