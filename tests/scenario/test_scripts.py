"""Scripts of other engines beside our own scenario files."""

import pytest

from perfgate.errors import Problem, ProblemsError, UsageError
from perfgate.scenario import Scenario, Script
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.scenario.profile import ConstantVUs
from perfgate.scenario.script import LoadedFile

OWN = "from perfgate import scenario\n\n@scenario\ndef {}(user): ...\n"


class LineReader:
    """Reads scripts of an engine whose scripts say nothing but their VUs."""

    def knows(self, file):
        return file.suffix == ".line" or "import line" in file.read_text()

    def read(self, file):
        text = file.read_text().split()[-1]
        if not text.isdigit():
            return LoadedFile((), (Problem(str(file), "there are no VUs", "write a number"),))
        return LoadedFile((Script(file.stem, "line", ConstantVUs(int(text), 9.0), (), file, 1),), ())


@pytest.fixture
def load(tmp_path):
    def loaded(*wanted, **overrides):
        return load_scenarios(tmp_path, wanted, Overrides(**overrides), (LineReader(),))

    (tmp_path / "create_pet.py").write_text(OWN.format("create_pet"))
    (tmp_path / "order_pet.line").write_text("3")
    (tmp_path / "_shared.line").write_text("nothing")
    return loaded


def test_a_folder_may_hold_scripts_beside_our_own_files(load):
    assert [(found.name, found.engine) for found in load()] == [("create_pet", "perfgate"), ("order_pet", "line")]


@pytest.mark.parametrize("word", ["order_pet", "order_pet.line"])
def test_a_script_is_wanted_by_stem_or_file(load, word):
    assert [found.name for found in load(word)] == ["order_pet"]


@pytest.mark.parametrize("word", ["load.test", "load.test.line"])
def test_the_name_of_a_scenario_may_have_dots(load, tmp_path, word):
    (tmp_path / "load.test.line").write_text("3")
    assert [found.name for found in load(word)] == ["load.test"]
    with pytest.raises(UsageError) as raised:
        load("load.tets")
    assert raised.value.hint.startswith("did you mean load.test?")


def test_overrides_reach_scripts(load):
    (found,) = load("order_pet", vus=5, duration=2.0)
    assert found.profile == ConstantVUs(5, 2.0)


def test_a_python_file_goes_to_the_engine_that_knows_it(load, tmp_path):
    (tmp_path / "other.py").write_text("import line; 4")
    assert isinstance(load("other.py")[0], Script)
    assert isinstance(load("create_pet.py")[0], Scenario)


def test_the_mistakes_of_scripts_come_with_all_others(load, tmp_path):
    (tmp_path / "broken.py").write_text("def (")
    (tmp_path / "broken_too.line").write_text("none")
    with pytest.raises(ProblemsError) as raised:
        load()
    assert len(raised.value.problems) == 2


def test_a_script_called_like_a_scenario_is_a_mistake(load, tmp_path):
    (tmp_path / "create_pet.line").write_text("3")
    with pytest.raises(ProblemsError) as raised:
        load()
    assert "another scenario 'create_pet'" in raised.value.problems[0].message


def test_the_hash_of_a_script_is_the_same_all_through_a_run(load, tmp_path):
    (script,) = load("order_pet")
    before = script.hash
    (tmp_path / "order_pet.line").write_text("5")
    assert script.hash == before
    (tmp_path / "order_pet.line").unlink()
    assert script.hash == before


def test_the_hash_of_a_python_script_changes_with_the_files_of_its_folder_that_it_imports(load, tmp_path):
    (tmp_path / "other.py").write_text("import line, _sizes; 4")
    (tmp_path / "_sizes.py").write_text("SIZE = 1")
    (before,), (same,) = load("other.py"), load("other.py")
    assert before.hash == same.hash
    (tmp_path / "_sizes.py").write_text("SIZE = 2")
    assert load("other.py")[0].hash != before.hash


def test_the_hash_of_a_script_changes_with_its_text_its_profile_and_its_engine(load, tmp_path):
    (script,) = load("order_pet")
    hashes = {script.hash, load("order_pet", vus=4)[0].hash}
    hashes.add(Script("order_pet", "other", script.profile, (), script.file, 1).hash)
    (tmp_path / "order_pet.line").write_text(" 3")
    hashes.add(load("order_pet")[0].hash)
    assert len(hashes) == 4
    assert len(script.hash) == 16
