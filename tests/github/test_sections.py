"""Sections of a comment: their names, which of two counts, and how they share the room."""

import itertools
import random
from pathlib import Path

import pytest

from perfgate.github.event import UNKNOWN_RUN, RunNumber
from perfgate.github.sections import LIMIT, PostedSection, Section, body_of, is_marked, newest, parts_of

LONG = f"### ❌ It got slower.\n\nHead and base.\n\n<details>\n{'x' * 20_000}\n</details>\n\n{'y' * 20_000}"


def part(key, commit="c", run=1, text="text", attempt=1):
    return PostedSection(key, commit, RunNumber(run, attempt), text)


def body(parts, limit=LIMIT):
    return body_of(parts, None, lambda limit: "", limit)


def test_what_is_written_is_read_again():
    parts = [part("a.toml"), part("b.toml@gate%20%28arm%29", commit="f" * 40, run=81), part("c", "", text="1\n\n2")]
    assert parts_of(body(parts).text) == parts
    unknown = PostedSection("d", "c", UNKNOWN_RUN, "text")
    assert unknown.marker == "<!-- perfgate:d c -->"
    assert parts_of(body([unknown]).text.replace("\n", "\r\n")) == [unknown]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("text\n\n<!-- perfgate:perfgate.toml -->", True),
        ("text\n\n<!-- perfgate:a@b c run 1.2 -->\r\n", True),
        ("<!-- perfgate:a --> text", False),
        ("text <!-- perfgate:a -->", False),
        ("<!-- perfgate:a b c -->", False),
        ("<!-- perfgate:a b run 1 -->", False),
        (f"<!-- perfgate:a b run {'9' * 19}.1 -->", False),
    ],
)
def test_a_comment_of_ours_ends_with_a_marker_on_a_line_of_its_own(text, marked):
    assert is_marked(text) is marked


def test_different_names_have_different_keys_and_headings_that_people_read():
    names = ["gate (a, b)", "gate (a-b)", "gate-(a, b)", "a@b", "a%40b", "-->", "--", "ünï`code", "*bold* <b>"]
    sections = [Section(Path("services/pets/perfgate.toml"), name, "c", UNKNOWN_RUN) for name in names]
    assert len({one.key for one in sections}) == len(names)
    headings = [one.part("").heading for one in sections]
    assert headings[0] == "`services/pets/perfgate.toml` · `gate (a, b)`"
    assert headings[7] == "`services/pets/perfgate.toml` · `ünï-code`"
    assert headings[8] == "`services/pets/perfgate.toml` · `-bold- -b-`"


def test_the_newest_of_sections_is_one_and_the_same_in_whatever_order_and_groups_they_are_merged():
    commits = {1: "old", 2: "old", 3: "new", 4: "new"}
    parts = [part(key, commits[run], run) for key in "abc" for run in commits if (key, run) != ("c", 4)]
    expected = {part("a", "new", 4), part("b", "new", 4), part("c", "new", 3)}
    shuffle = random.Random(1)
    for _ in range(100):
        shuffle.shuffle(parts)
        middle = shuffle.randrange(len(parts))
        first, second = newest(parts[:middle]), newest(parts[middle:])
        assert set(newest(parts).values()) == expected
        assert set(newest([*first.values(), *second.values(), *first.values()]).values()) == expected


def test_a_missing_result_is_told_until_a_newer_run_of_its_configuration_reports_in_whatever_order():
    old, new, beside = part("a@t1", run=1), part("a@t2", run=3), part("b@t1", run=4)
    note, other = part("a@no%20result", run=2), part("b@no%20result", run=4)
    for parts in itertools.permutations([old, note, beside, other]):
        assert set(newest(parts).values()) == {old, note, beside, other}
    for parts in itertools.permutations([old, note, new, beside, other]):
        for middle in range(len(parts)):
            first, second = newest(parts[:middle]), newest(parts[middle:])
            assert set(newest([*first.values(), *second.values()]).values()) == {old, new, beside, other}


def test_a_later_attempt_counts_and_of_two_of_one_run_the_first_that_is_given():
    assert newest([part("a", attempt=1), part("a", attempt=2, text="second")])["a"].text == "second"
    assert newest([part("a", text="mine"), part("a", text="theirs")])["a"].text == "mine"
    assert newest([]) == {}


@pytest.mark.parametrize("number", [1, 2, 5, 40, 150])
def test_however_many_sections_there_are_each_has_its_verdict(number):
    parts = [part(f"services/{place:03}/perfgate.toml", text=LONG) for place in range(number)]
    made = body_of(parts, parts[0], lambda limit: LONG if len(LONG) <= limit else "short"[:limit], LIMIT)
    assert len(made.text) <= LIMIT
    assert [one.key for one in made.parts] == [one.key for one in parts]
    assert made.text.count("### ❌ It got slower.") == number - ("short" in made.text)
    assert [one.version for one in parts_of(made.text)] == [one.version for one in parts]


def test_where_no_room_is_left_at_all_as_many_as_fit_are_shown():
    parts = [part(f"{place:04}", text=LONG) for place in range(2_000)]
    made = body(parts)
    assert LIMIT - 100 < len(made.text) <= LIMIT
    assert {one.text for one in made.parts} == {""}


def test_folded_parts_go_before_others():
    first, second = part("a", text=LONG), part("b", text=LONG)
    assert [len(one.text) > 30_000 for one in body([first, second]).parts] == [False, True]
    for size, one in itertools.pairwise((second, *second.shorter())):
        assert len(one.text) < len(size.text)
