"""Lock files: which libraries changed, of every kind of file, in real commits."""

from __future__ import annotations

import json

import pytest

from perfgate.explain.differences.comparing import compare
from perfgate.explain.differences.difference import FactDifference
from perfgate.explain.differences.facts import FactKind
from perfgate.explain.differences.files.reading import reader_of
from perfgate.explain.differences.tree import tree_facts
from tests.support.lock_files import LOCK_FILES, REQUIREMENTS
from tests.support.repository import Repository

PATIENT = 600.0  # a busy machine reads slowly, too


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


def differences_of(repository, base, head):
    facts = tree_facts(repository.checkout, base, head, PATIENT)
    return compare(facts.base, facts.head), facts.not_compared


def commit(repository, files):
    for path in files:
        (repository.folder / path).parent.mkdir(parents=True, exist_ok=True)
    return repository.commit(**files)


def commit_bytes(repository, data):
    (repository.folder / "requirements.txt").write_bytes(data)
    return repository.commit()


@pytest.mark.parametrize("file", LOCK_FILES, ids=[file.path for file in LOCK_FILES])
def test_a_library_with_another_version_is_the_only_difference(repository, file):
    base = commit(repository, {file.path: file.base})
    head = commit(repository, {file.path: file.head})
    found, skipped = differences_of(repository, base, head)
    assert found == (FactDifference(FactKind.PACKAGE, file.path, file.name, file.before, file.after, False),)
    assert skipped == ()


@pytest.mark.parametrize("file", LOCK_FILES, ids=[file.path for file in LOCK_FILES])
@pytest.mark.parametrize(
    "harm", [str.upper, lambda text: text[: len(text) // 2] + "\x00{[", lambda _: "", lambda _: "]["]
)
def test_a_broken_lock_file_raises_nothing_that_is_not_caught(repository, file, harm):
    base = commit(repository, {file.path: file.base})
    head = commit(repository, {file.path: harm(file.base)})
    differences_of(repository, base, head)


@pytest.mark.parametrize(
    "path",
    ["poetry.lock", "uv.lock", "package-lock.json", "Pipfile.lock", "composer.lock", "Cargo.lock", "pom.xml", "go.mod"],
)
def test_a_broken_lock_file_is_named_with_its_side(repository, path):
    whole = next(file.base for file in LOCK_FILES if file.path == path)
    base, head = commit(repository, {path: whole}), commit(repository, {path: "<<<<<<< HEAD\n"})
    found, skipped = differences_of(repository, base, head)
    assert found == ()
    assert [(one.place, one.reason) for one in skipped] == [(path, "it cannot be understood on head")]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"packages": ' * 100_000, '{"packages": {"a": 1}}', "[]", "null", "1e999"]
)
def test_json_of_another_shape_is_passed_over(repository, text):
    whole = next(file.base for file in LOCK_FILES if file.path == "package-lock.json")
    base = commit(repository, {"package-lock.json": whole})
    found, _ = differences_of(repository, base, commit(repository, {"package-lock.json": text}))
    assert all(one.head is None for one in found)


def test_entities_of_xml_are_not_expanded(repository):
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><project>&b;</project>'
    base = commit(repository, {"pom.xml": "<project/>"})
    _, skipped = differences_of(repository, base, commit(repository, {"pom.xml": bomb}))
    assert [one.place for one in skipped] == ["pom.xml"]


EXCLUDING = """\
module example.com/shop // the shop

go 1.25

exclude golang.org/x/net v0.16.0
exclude (
\tgolang.org/x/net v0.17.0
\tgolang.org/x/net v0.18.0 // broken
)

require (
\t"golang.org/x/net" v0.20.0
\tgolang.org/x/sys v0.5.0 // indirect
\tgolang.org/x/text v0.14.0
)
require()

exclude(
\tgolang.org/x/net v0.19.0
)

replace (
\tgolang.org/x/sys v0.5.0 => golang.org/x/sys v0.5.1
\tgolang.org/x/text v0.13.0 => ../text
)

retract v1.0.1
retract [v1.1.0, v1.1.9]
retract (
\tv1.2.0
\t[v1.3.0, v1.3.9] // all of them
)

tool golang.org/x/tools/cmd/stringer
ignore ./web
godebug default=go1.21
"""


def test_only_what_go_mod_requires_is_read():
    read = reader_of("go.mod")
    (packages, _) = read("go.mod", EXCLUDING)
    assert packages.values == {
        "golang.org/x/net": "v0.20.0",
        "golang.org/x/sys": "golang.org/x/sys v0.5.1",
        "golang.org/x/text": "v0.14.0",
    }


def test_libraries_come_and_go(repository):
    base = commit(repository, {"requirements.txt": "a==1\nb==1\n"})
    head = commit(repository, {"requirements.txt": "b==1\nc==3\n"})
    found, _ = differences_of(repository, base, head)
    assert [(one.name, one.base, one.head) for one in found] == [("a", "1", None), ("c", None, "3")]


def test_the_largest_steps_come_first(repository):
    base = commit(repository, {"requirements.txt": "a==1.0.0\nb==1.0.0\nc==1.0.0\nd==1\n"})
    head = commit(repository, {"requirements.txt": "a==1.0.1\nb==1.1.0\nc==2.0.0\n"})
    found, _ = differences_of(repository, base, head)
    assert [one.name for one in found] == ["c", "b", "a", "d"]


def test_a_password_in_the_place_of_a_library_is_not_shown(repository):
    base = commit(repository, {"requirements.txt": REQUIREMENTS})
    head = commit(repository, {"requirements.txt": REQUIREMENTS.replace("rules-1.0", "rules-2.0")})
    (found,), _ = differences_of(repository, base, head)
    assert (found.name, found.head) == ("shop-rules", "https://…@wheels.example/rules-2.0.whl")
    head = commit(repository, {"requirements.txt": REQUIREMENTS.replace("hunter2", "hunter3")})
    (found,), _ = differences_of(repository, base, head)
    assert (found.name, found.base, found.head, found.hidden) == ("shop-rules", "", "", True)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("git+https://git.example/shop/Tools.git@v1", "tools"),
        ("git+ssh://git@git.example/shop/tools@v1 ; python_version > '3.8'", "tools"),
        ("https://wheels.example/shop_rules-1.0-py3-none-any.whl#sha256=1a2b", "shop-rules"),
        ("git+https://git.example/shop/tools.git@v1#egg=other", "other"),
        ("rules @ git+https://git.example/shop/tools.git@v1", "rules"),
    ],
)
def test_a_library_may_be_an_address_alone(line, name):
    (sheet,) = reader_of("requirements.txt")("requirements.txt", f"a==1\n{line}\n")
    assert list(sheet.values) == ["a", name]


def test_a_file_that_one_side_lacks_says_nothing(repository):
    base = commit(repository, {"name": "x"})
    head = commit(repository, {"requirements.txt": "a==1\n", "uv.lock": "version = 1\n"})
    assert differences_of(repository, base, head) == ((), ())
    assert differences_of(repository, head, base) == ((), ())


def test_what_others_wrote_is_not_read(repository):
    files = {"node_modules/x/package-lock.json": "{}", "vendor/x/go.mod": "module x\n", "tests/fixtures/uv.lock": ""}
    base = commit(repository, files)
    head = commit(repository, {path: f"{text}broken" for path, text in files.items()})
    assert differences_of(repository, base, head) == ((), ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_how_a_file_is_read(repository, encoding):
    base, head = (commit_bytes(repository, f"fastapi=={version}\r\n".encode(encoding)) for version in ("1", "2"))
    found, skipped = differences_of(repository, base, head)
    assert [(one.name, one.base, one.head) for one in found] == [("fastapi", "1", "2")]
    assert skipped == ()


def test_a_file_in_an_encoding_that_nothing_tells_is_passed_over(repository):
    base, head = (commit_bytes(repository, f"fastapi=={version}\n".encode("utf-16-le")) for version in ("1", "2"))
    found, skipped = differences_of(repository, base, head)
    assert found == ()
    assert [(one.place, one.reason) for one in skipped] == [("requirements.txt", "it is no text on base")]


def test_a_huge_file_is_passed_over(repository):
    base = commit(repository, {"uv.lock": "version = 1\n"})
    head = commit(repository, {"uv.lock": "version = 1\n" + "# filled\n" * 400_000})
    found, skipped = differences_of(repository, base, head)
    assert found == ()
    assert [(one.place, one.reason) for one in skipped] == [("uv.lock", "it has 3.6 MB on head")]


def test_no_more_than_some_files_are_read(repository):
    base = commit(repository, {f"{number:02}/requirements.txt": "a==1\n" for number in range(60)})
    head = commit(repository, {f"{number:02}/requirements.txt": "a==2\n" for number in range(60)})
    found, skipped = differences_of(repository, base, head)
    assert len({one.place for one in found}) == 40
    assert len(skipped) == 20


def test_reading_ends_in_time(repository):
    base = commit(repository, {"requirements.txt": "a==1\n"})
    head = commit(repository, {"requirements.txt": "a==2\n"})
    facts = tree_facts(repository.checkout, base, head, seconds=0)
    assert (facts.base, [one.place for one in facts.not_compared]) == ((), ["requirements.txt"])


def test_strange_paths_are_read(repository):
    folder = "a b\tc\u00e9"
    base = commit(repository, {f"{folder}/requirements.txt": "a==1\n"})
    head = commit(repository, {f"{folder}/requirements.txt": "a==2\n"})
    found, _ = differences_of(repository, base, head)
    assert [one.place for one in found] == [f"{folder}/requirements.txt"]


def test_the_folder_of_a_service_within_a_repository_is_enough(repository):
    base = commit(repository, {"requirements.txt": "a==1\n", "deep/name": "x"})
    head = commit(repository, {"requirements.txt": "a==2\n"})
    git = repository.checkout
    inside = type(git)(repository.folder / "deep", repository.environment)
    facts = tree_facts(inside, base, head, PATIENT)
    assert [sheet.place for sheet in facts.base] == ["requirements.txt"]


def test_numbers_beyond_reason_are_only_text(repository):
    base = commit(repository, {"requirements.txt": f"a=={'9' * 50_000}\nb==1\n"})
    head = commit(repository, {"requirements.txt": f"a=={'8' * 50_000}\nb==2\n"})
    found, _ = differences_of(repository, base, head)
    assert all(len(one.base) <= 200 for one in found)
    assert {one.name for one in found} == {"a", "b"}


def test_many_libraries_do_not_fill_a_result_file():
    reader = reader_of("package-lock.json")
    listed = [{f"node_modules/{number}": {"version": version} for number in range(9000)} for version in ("1", "2")]
    sides = [reader("package-lock.json", json.dumps({"packages": packages})) for packages in listed]
    assert len(compare(*sides)) == 500
