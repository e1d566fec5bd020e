"""Which files are loaded, which scenarios come out, and what loading leaves behind."""

import os
import py_compile
import random
import sys
from pathlib import Path

import pytest

from perfgate.errors import ExitCode, UsageError
from perfgate.scenario import Scenario
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.loading import PythonReader
from perfgate.scenario.overrides import Overrides
from perfgate.scenario.profile import ConstantVUs, RampingVUs, Stage

ONE = "from perfgate import scenario\n\n@scenario\ndef {}(user): ...\n"
USERS = """
    from perfgate import scenario

    @scenario(vus=30)
    def create_user(user): ...

    @scenario(stages=[("10s", 30)])
    def log_in(user): ...
"""


@pytest.fixture
def petstore(folder):
    folder.write("user_performance.py", USERS)
    folder.write("order_pet.py", ONE.format("order_pet"))
    folder.write("create_pet.py", ONE.format("create_pet") + "@scenario\ndef create_many(user): ...\n")
    return folder


def names(scenarios):
    return [scenario.name for scenario in scenarios]


def test_all_scenarios_come_in_the_order_of_files_and_lines(petstore):
    assert names(petstore.load()) == ["create_pet", "create_many", "order_pet", "create_user", "log_in"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["log_in"], ["log_in"]),
        (["log_in", "create_many"], ["create_many", "log_in"]),
        (["user_performance"], ["create_user", "log_in"]),
        (["user_performance.py"], ["create_user", "log_in"]),
        (["scenarios/user_performance.py"], ["create_user", "log_in"]),
        (["create_pet.py"], ["create_pet", "create_many"]),
        (["create_pet"], ["create_pet"]),  # a stem and a name: the one of that name
        (["log_in", "user_performance", "log_in"], ["create_user", "log_in"]),
    ],
)
def test_scenarios_are_wanted_by_name_stem_or_path(petstore, wanted, expected):
    assert names(petstore.load(*wanted)) == expected


def test_a_program_called_like_a_scenario_is_none(petstore, tmp_path):
    (tmp_path / "log_in").touch()
    assert names(petstore.load("log_in")) == ["log_in"]


def test_paths_are_seen_from_another_folder_where_one_is_given(petstore, tmp_path, monkeypatch):
    (tmp_path / "spike.py").write_text(ONE.format("spike"))
    (tmp_path / "log_in").touch()
    monkeypatch.chdir("/")
    scenarios = tmp_path / "scenarios"
    found = load_scenarios(scenarios, ("spike.py", "log_in"), Overrides(), here=tmp_path)
    assert names(found) == ["log_in", "spike"]


def test_a_file_may_lie_anywhere(petstore, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "spike.py").write_text(ONE.format("spike"))
    assert names(petstore.load(str(elsewhere / "spike.py"))) == ["spike"]
    assert names(petstore.load("elsewhere/spike.py", "log_in")) == ["spike", "log_in"]


def test_a_named_file_needs_no_folder(folder, tmp_path):
    (tmp_path / "spike.py").write_text(ONE.format("spike"))
    assert names(folder.load("spike.py")) == ["spike"]


def test_only_named_files_are_loaded(petstore):
    petstore.write("broken.py", "def (")
    assert names(petstore.load("order_pet.py", "create_pet")) == ["create_pet", "order_pet"]
    (problem,) = petstore.problems("log_in")
    assert problem.place == "scenarios/broken.py:1"


def test_an_unknown_name_gets_the_nearest_and_the_list(petstore):
    with pytest.raises(UsageError) as raised:
        petstore.load("order_pets")
    assert raised.value.message == "there is no scenario 'order_pets'"
    assert raised.value.hint.startswith("did you mean order_pet? there are create_pet, create_many, order_pet")
    assert raised.value.exit_code is ExitCode.USAGE


def test_an_unknown_name_that_is_near_to_nothing_gets_the_list(petstore):
    with pytest.raises(UsageError) as raised:
        petstore.load("zzz")
    assert raised.value.hint == "there are create_pet, create_many, order_pet, create_user, log_in"


def test_an_unknown_file_gets_the_nearest(petstore):
    with pytest.raises(UsageError) as raised:
        petstore.load("scenarios/order_pets.py")
    assert raised.value.hint == "did you mean order_pet? there are create_pet, order_pet, user_performance"


def test_a_missing_folder_is_a_mistake(folder):
    (problem,) = folder.problems()
    assert (problem.place, problem.message) == ("scenarios", "there is no such folder")
    assert "perfgate init" in problem.hint


def test_where_a_folder_above_in_the_repository_has_scenarios_that_is_said(folder, monkeypatch):
    folder.write("create_pet.py", "")
    below = folder.path.parent.absolute() / "services" / "api"
    below.mkdir(parents=True)
    top = folder.path.parent.absolute()
    monkeypatch.chdir(below)
    assert "perfgate init" in folder.problems()[0].hint  # outside of a repository
    (top / ".git").mkdir()
    assert folder.problems()[0].hint == f"there are some in {top / 'scenarios'}: call perfgate in {top}"
    (below.parent / ".git").mkdir()
    assert "perfgate init" in folder.problems()[0].hint  # of another repository


def test_a_folder_without_scenario_files_is_a_mistake(folder):
    folder.write("_shared.py", "PETS = 3")
    folder.write("create_pet.js", "export default function () {}")
    (folder.path / "nested.py").mkdir()
    (problem,) = folder.problems()
    assert (problem.place, problem.message) == ("scenarios", "there is no scenario file in it")


def test_scenarios_in_a_subfolder_are_not_searched_and_that_is_said(folder):
    for name in ("_shared", ".cache", "api"):
        (folder.path / name).mkdir(parents=True)
        (folder.path / name / "_helper.py").touch()
        (folder.path / name / "create_pet.js").touch()
    assert "perfgate init" in folder.problems()[0].hint
    (folder.path / "api" / "create_pet.py").touch()
    (problem,) = folder.problems()
    assert problem.hint == "subfolders are not searched: move up what is in scenarios/api, or name it with --scenarios"


def test_a_file_that_no_engine_plays_is_refused_together_with_all_other_mistakes(folder):
    folder.write("broken.py", "def (")
    folder.write("create_pet.jmx", "<plan/>")
    places = [problem.place for problem in folder.problems("create_pet.jmx", "broken")]
    assert places == ["scenarios/broken.py:1", "scenarios/create_pet.jmx"]
    (problem,) = folder.problems("create_pet.jmx")
    assert "no engine" in problem.message
    assert ".py" in problem.hint


def test_overrides_reach_every_scenario(petstore):
    create_user, log_in = petstore.load("user_performance", vus=3, duration=2.0)
    assert create_user.profile == ConstantVUs(3, 2.0)
    assert log_in.profile == RampingVUs((Stage(2.0, 3),), start_vus=1)


def test_a_file_can_import_its_neighbours(folder):
    folder.write("_shared.py", "PET = 'doggie'")
    found = folder.one("""
        from _shared import PET
        from perfgate import scenario

        @scenario
        def create_pet(user):
            return PET
    """)
    assert found(None) == "doggie"


def test_each_folder_has_neighbours_of_its_own(folder, tmp_path):
    using = "from _shared import PET\n" + ONE.format("create_{0}").replace("...", "return PET")
    other = tmp_path / "other"
    other.mkdir()
    folder.write("_shared.py", "PET = 'doggie'")
    (other / "_shared.py").write_text("PET = 'kitty'")
    folder.write("dog.py", using.format("dog"))
    (other / "cat.py").write_text(using.format("cat"))
    assert [found(None) for found in folder.load("dog", "other/cat.py")] == ["kitty", "doggie"]


def test_a_mistake_in_a_neighbour_is_placed_there_and_named_once(folder):
    folder.write("_shared.py", "PETS = 3\nPETS / 0\n")
    folder.write("a.py", "import _shared\n")
    folder.write("b.py", "import _shared\n")
    (problem,) = folder.problems()
    assert problem.place == "scenarios/_shared.py:2"


def test_scenarios_of_an_imported_neighbour_are_not_found_twice(folder):
    folder.write("create_pet.py", ONE.format("create_pet"))
    folder.write("order_pet.py", "from create_pet import create_pet\n" + ONE.format("order_pet"))
    assert names(folder.load()) == ["create_pet", "order_pet"]


def test_loading_twice_is_clean(folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder.write("_shared.py", "PET = 'doggie'")
    folder.write("create_pet.py", "from _shared import PET\n" + ONE.format("create_pet"))
    path, modules = list(sys.path), set(sys.modules)
    first, second = folder.load(), folder.load()
    assert names(first) == names(second) == ["create_pet"]
    assert first[0].function is not second[0].function
    assert sys.path == path
    assert sys.dont_write_bytecode is False
    assert set(sys.modules) - modules <= {"perfgate_scenario_create_pet"}
    assert sorted(file.name for file in folder.path.iterdir()) == ["_shared.py", "create_pet.py"]


DRAWS = "import random\nDRAWN = random.random()\n" + ONE.format("create_pet").replace("...", "return DRAWN")


def drawn(reader, file):
    """What the only scenario of a file returns."""
    (scenario,) = reader.read(file).scenarios
    assert isinstance(scenario, Scenario)
    return scenario(None)


def test_a_reader_runs_a_file_again_as_it_stood_the_first_time(folder):
    file = folder.write("create_pet.py", DRAWS)
    reader = PythonReader()
    assert drawn(reader, file) != drawn(reader, file)
    folder.write("create_pet.py", "half of an edi")
    assert reader.read(file).problems == ()


def test_a_seed_has_files_draw_the_same_each_time_and_leaves_other_chance_alone(folder):
    file = folder.write("create_pet.py", DRAWS)
    random.seed(5)
    expected = random.random()
    random.seed(5)
    first, again, other = (drawn(PythonReader(seed), file) for seed in (1, 1, 2))
    assert random.random() == expected
    assert first == again != other


def test_an_edit_within_the_same_second_is_seen(folder):
    text = ONE.format("create_pet").replace("...", "return 1")
    file = folder.write("create_pet.py", text)
    py_compile.compile(str(file))
    before = file.stat()
    folder.write("create_pet.py", text.replace("1", "2"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    (found,) = folder.load()
    assert found(None) == 2


def test_an_edited_neighbour_is_seen(folder):
    text = "import _shared\n" + ONE.format("create_pet").replace("...", "return _shared.PET")
    for pet in ("doggie", "kitty"):
        folder.write("_shared.py", f"PET = '{pet}'")
        folder.write("create_pet.py", text)
        (found,) = folder.load()
        assert found(None) == pet


@pytest.mark.parametrize("files", [("lib/pets.py",), ("lib/__init__.py", "lib/pets.py")], ids=["bare", "package"])
def test_an_edited_file_of_a_package_beside_it_is_seen(folder, files):
    text = "from lib.pets import PET\n" + ONE.format("create_pet").replace("...", "return PET")
    (folder.path / "lib").mkdir(parents=True)
    for pet in ("doggie", "kitty"):
        for file in files:
            folder.write(file, f"PET = '{pet}'")
        folder.write("create_pet.py", text)
        (found,) = folder.load()
        assert found(None) == pet


def test_a_neighbour_that_was_just_written_is_found(folder):
    folder.write("_one.py", "PET = 'doggie'")
    folder.write("create_pet.py", "import _one\n" + ONE.format("create_pet"))
    folder.load()
    before = folder.path.stat()
    folder.write("_two.py", "PET = 'kitty'")
    folder.write("create_pet.py", "import _two\n" + ONE.format("create_pet"))
    os.utime(folder.path, ns=(before.st_atime_ns, before.st_mtime_ns))  # as on file systems with coarse clocks
    assert names(folder.load()) == ["create_pet"]


def test_a_file_that_fails_leaves_nothing_behind(folder):
    folder.write("broken.py", "import sys\nsys.path.append('litter')\n1 / 0\n")
    before = list(sys.path)
    folder.problems()
    assert "perfgate_scenario_broken" not in sys.modules
    assert str(folder.path.absolute()) not in sys.path
    sys.path.remove("litter")
    assert sys.path == before


def test_standard_output_of_a_file_is_left_alone(folder, capsys):
    folder.one("print('hello')\n" + ONE.format("create_pet"))
    assert capsys.readouterr().out == "hello\n"


def test_dataclasses_of_a_file_work(folder):
    found = folder.one("""
        from __future__ import annotations
        from dataclasses import dataclass
        from perfgate import scenario

        @dataclass
        class Pet:
            name: str

        @scenario
        def create_pet(user):
            return Pet("doggie").name
    """)
    assert found(None) == "doggie"


def test_places_outside_the_current_directory_are_written_in_full(folder, tmp_path_factory):
    file = tmp_path_factory.mktemp("far") / "broken.py"
    file.write_text("def (")
    (problem,) = folder.problems(str(file))
    assert problem.place == f"{file}:1"
    assert Path(problem.place.rpartition(":")[0]).is_absolute()
