"""Rows files, their mistakes, and how VUs share the rows."""

import pytest

from perfgate.errors import ProblemsError
from perfgate.scenario.rows import row_for
from perfgate.scenario.rows_file import read_rows


@pytest.fixture
def rows_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.csv", "name,age\nrex,3\n", ({"name": "rex", "age": "3"},)),
        ("a.csv", "name,age\r\nrex,3\r\nbello,\r\n", ({"name": "rex", "age": "3"}, {"name": "bello", "age": ""})),
        ("a.csv", "\ufeffname\nrex", ({"name": "rex"},)),
        ("a.csv", " name , age \nrex,3\n\n", ({"name": "rex", "age": "3"},)),
        ("a.csv", 'name\n"rex, the\nsecond"\n', ({"name": "rex, the\nsecond"},)),
        ("a.json", '[{"name": "rex", "tags": [1, 2]}]', ({"name": "rex", "tags": [1, 2]},)),
    ],
)
def test_rows_are_read(rows_file, name, content, rows):
    assert read_rows(rows_file(name, content)) == rows


def test_rows_that_are_read_again_are_the_same_until_the_file_changes(rows_file):
    path = rows_file("a.csv", "name\nrex\n")
    first = read_rows(path)
    assert read_rows(path) is first
    rows_file("a.csv", "name\nrex\nbello\n")
    assert [row["name"] for row in read_rows(path)] == ["rex", "bello"]


@pytest.mark.parametrize(
    ("name", "content", "places", "message"),
    [
        ("a.csv", "", ["a.csv"], "there is no row in it"),
        ("a.csv", "name\n", ["a.csv"], "there is no row in it"),
        ("a.csv", "name,name\nrex,3\n", ["a.csv:1"], "'name,name' is not a header"),
        ("a.csv", "name,\nrex,3\n", ["a.csv:1"], "'name,' is not a header"),
        ("a.csv", "name,age\nrex\nbello,3\na,b,c\n", ["a.csv:2", "a.csv:4"], "1 values for 2 columns"),
        ("a.csv", 'name,age\n"a\nb",3\nrex\n', ["a.csv:4"], "1 values for 2 columns"),
        ("a.csv", 'name\nrex\n"bello\n', ["a.csv:3"], "this is not CSV"),
        ("a.csv", b"name\n\xff\n", ["a.csv"], "it cannot be read"),
        ("a.json", "", ["a.json:1"], "this is not JSON"),
        ("a.json", '[{"a": ' + "9" * 5_000 + "}]", ["a.json:1"], "a number in it has too many digits"),
        ("a.json", "[" * 100_000, ["a.json:1"], "it is nested too deeply"),
        ("a.json", '[\n {"a": 1},\n {"a" 2}\n]', ["a.json:3"], "this is not JSON"),
        ("a.json", '{"a": 1}', ["a.json:1"], "this is not a list of objects"),
        ("a.json", "[]", ["a.json"], "there is no row in it"),
        ("a.json", '[\n {"a":\n 1},\n 5,\n\n "[,", {}]', ["a.json:4", "a.json:6"], "5 is not an object"),
    ],
)
def test_mistakes_in_rows_are_named_with_their_lines(rows_file, name, content, places, message):
    with pytest.raises(ProblemsError) as raised:
        read_rows(rows_file(name, content))
    assert [problem.place for problem in raised.value.problems] == places
    assert message in raised.value.problems[0].message
    assert raised.value.problems[0].hint


def test_a_file_full_of_mistakes_still_fits_a_screen(rows_file):
    with pytest.raises(ProblemsError) as raised:
        read_rows(rows_file("a.csv", "name\n" + "a,b\n" * 5000))
    assert len(raised.value.problems) == 11
    assert raised.value.problems[-1].message == "4990 more lines cannot be used"


def test_a_rows_file_that_vanished_is_named(tmp_path):
    with pytest.raises(ProblemsError, match="it cannot be read"):
        read_rows(tmp_path / "gone.csv")


def test_a_scenario_has_the_rows_of_its_file(folder):
    folder.write("pets.json", '[{"name": "rex"}]')
    found = folder.one('from perfgate import scenario\n\n@scenario(rows="pets.json")\ndef f(user): ...\n')
    assert found.rows == ({"name": "rex"},)


def test_mistakes_in_rows_come_with_all_other_mistakes(folder):
    folder.write("pets.csv", "name,age\nrex\n")
    folder.write("pets.py", 'from perfgate import scenario\n\n@scenario(rows="pets.csv", vus=0)\ndef f(user): ...\n')
    assert [problem.place for problem in folder.problems()] == ["scenarios/pets.py:3", "scenarios/pets.csv:2"]


def deal(rows, vus, iterations):
    """The rows that each VU gets, iteration by iteration."""
    numbered = [{"number": number} for number in range(rows)]
    return [[row_for(numbered, vu, vus, turn)["number"] for turn in range(iterations)] for vu in range(vus)]


@pytest.mark.parametrize(("rows", "vus"), [(3, 3), (7, 3), (10, 3), (100, 30), (5, 1)])
def test_vus_never_share_a_row_while_there_are_enough(rows, vus):
    hands = [set(hand) for hand in deal(rows, vus, 2 * rows)]
    assert sum(len(hand) for hand in hands) == len(set().union(*hands)) == rows


def test_a_vu_begins_again_when_it_has_used_its_own_rows():
    assert deal(7, 3, 4) == [[0, 3, 6, 0], [1, 4, 1, 4], [2, 5, 2, 5]]


def test_too_few_rows_are_shared_and_all_are_used():
    assert deal(2, 3, 4) == [[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1]]
