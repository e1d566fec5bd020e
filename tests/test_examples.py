"""examples/: folders to copy. Those with a database are played in tests/containers and tests/databases."""

import shutil
import subprocess

import pytest

from perfgate.config.reading import load_config
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from tests.support.examples import EXAMPLES, NAMES, play

README = (EXAMPLES / "README.md").read_text()


@pytest.mark.engines
def test_an_expression_that_is_compiled_for_each_name_turns_it_red(tmp_path):
    played = play(tmp_path, "go")
    assert played.code == 1, played.said
    assert played.changes()["service_cpu"] > 0.5


@pytest.mark.engines
def test_a_commit_that_changes_nothing_is_not_red(tmp_path):
    played = play(tmp_path, "go", "--unchanged")
    assert played.code == 0, played.said
    assert played.changes()


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_says_how_to_play_it(name):
    assert f"make -C examples {name}" in README
    assert f"({name}/perfgate.toml)" in README


@pytest.mark.parametrize("name", NAMES)
def test_its_configuration_and_its_scenario_are_read(name):
    assert load_config(EXAMPLES / name / "perfgate.toml").service
    assert len(load_scenarios(EXAMPLES / name / "scenarios", (), Overrides())) == 1


@pytest.mark.parametrize("name", NAMES)
def test_its_slower_commit_is_a_patch_of_what_is_there(tmp_path, name):
    shutil.copytree(EXAMPLES / name, tmp_path / name)
    subprocess.run(["git", "init", "--quiet", tmp_path / name], check=True)
    subprocess.run(["git", "apply", "--check", EXAMPLES / "slower" / f"{name}.patch"], cwd=tmp_path / name, check=True)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_short(name):
    """What a team reads before it copies it; what npm writes is no reading."""
    files = [file for file in (EXAMPLES / name).rglob("*") if file.is_file() and file.name != "package-lock.json"]
    assert sum(len(file.read_text().splitlines()) for file in files) <= 130
