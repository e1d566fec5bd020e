"""The hash says whether two runs measured the same scenario."""

import pytest

ROWS = "name\nrex\n"
TEXT = """
    from perfgate import scenario

    @scenario(vus=2, duration="10s", rows="pets.csv")
    def create_pet(user): ...

    @scenario(vus=2, duration="10s", rows="pets.csv")
    def order_pet(user): ...
"""


@pytest.fixture
def hash_of(folder):
    """The hash of create_pet, after writing its two files."""

    def load(text=TEXT, rows=ROWS, name="create_pet", **overrides):
        folder.write("pets.csv", rows)
        folder.write("pets.py", text)
        (found,) = folder.load(name, **overrides)
        return found.hash

    return load


def test_a_hash_is_sixteen_hexadecimal_digits(hash_of):
    assert len(hash_of()) == 16
    assert int(hash_of(), 16) > 0


def test_a_hash_stays_while_nothing_changes(hash_of):
    assert hash_of() == hash_of()


def test_a_hash_does_not_depend_on_where_the_file_is(hash_of, folder):
    before = hash_of()
    folder.path = folder.path / "moved"
    folder.path.mkdir()
    assert hash_of() == before


def test_a_hash_stays_when_overrides_say_what_the_file_says(hash_of):
    assert hash_of(vus=2, duration=10.0) == hash_of()


@pytest.mark.parametrize(
    "change",
    [
        {"text": TEXT + "    # a comment counts: it is the file's bytes that are hashed\n"},
        {"text": TEXT.replace("vus=2", "vus=3")},
        {"rows": "name\nhasso\n"},
        {"name": "order_pet"},
        {"vus": 3},
        {"duration": 9.0},
    ],
    ids=["comment", "profile", "rows", "name", "--vus", "--duration"],
)
def test_a_hash_changes_with_whatever_makes_the_load(hash_of, change):
    assert hash_of(**change) != hash_of()


def test_what_ends_the_file_is_not_taken_for_the_name(hash_of):
    text = TEXT.replace("create_pet", "pet").replace("order_pet", "a_pet")
    assert hash_of(text + "    # a_", name="pet") != hash_of(text + "    # ", name="a_pet")


def test_another_file_beside_it_changes_nothing(hash_of, folder):
    before = hash_of()
    folder.write("other.csv", "name\n")
    assert hash_of() == before
