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


# Files that the scenario imports, and how.
IMPORTED = {
    "_payloads.py": "import _payloads",
    "lib/__init__.py": "import lib",
    "lib/tokens.py": "from lib.tokens import sign",
    "lib/keys.py": "from lib import keys",
    "space/orders.py": "def order():\n        import space.orders",
}


@pytest.mark.parametrize(("name", "line"), IMPORTED.items(), ids=list(IMPORTED))
def test_a_hash_changes_with_a_file_of_the_folder_that_is_imported(hash_of, folder, name, line):
    (folder.path / name).parent.mkdir(parents=True, exist_ok=True)
    folder.write(name, "SIZE = sign = 1\n")
    text = f"    {line}\n{TEXT}"
    before = hash_of(text)
    assert hash_of(text) == before
    folder.write(name, "SIZE = sign = 2\n")
    assert hash_of(text) != before


def test_a_hash_changes_with_what_an_imported_file_imports(hash_of, folder):
    (folder.path / "lib").mkdir(parents=True)
    folder.write("lib/__init__.py", "from .sizes import SIZE\n")
    folder.write("_payloads.py", "import lib, _payloads\n")
    folder.write("lib/sizes.py", "SIZE = 1\n")
    text = f"    import _payloads\n{TEXT}"
    before = hash_of(text)
    folder.write("lib/sizes.py", "SIZE = 2\n")
    assert hash_of(text) != before


def test_a_hash_with_imported_files_does_not_depend_on_where_they_are(hash_of, folder):
    texts = []
    for place in ("scenarios", "moved/there"):
        folder.path = folder.path.parent / place
        folder.path.mkdir(parents=True)
        folder.write("_one.py", "import _two\n")
        folder.write("_two.py", "")
        texts.append(hash_of(f"    import _one\n{TEXT}"))
    assert texts[0] == texts[1]


def test_a_file_that_imports_nothing_of_its_folder_keeps_the_hash_that_stored_runs_have(hash_of):
    assert hash_of() == "223042e3d0d7e565"


def test_another_file_beside_it_changes_nothing(hash_of, folder):
    before = hash_of()
    folder.write("other.csv", "name\n")
    folder.write("_other.py", "")
    (folder.path / "perfgate").mkdir()
    folder.write("perfgate/__init__.py", "")
    assert hash_of() == before
