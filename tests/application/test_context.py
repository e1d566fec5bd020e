"""A command finds all that it needs through the Context that is handed in."""

import json

from tests.support.command import BRIEF, QUICK, SCENARIO, call


def test_a_command_works_in_the_folder_that_is_handed_in(tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "create_pet.py").write_text(SCENARIO)
    (tmp_path / "perfgate.toml").write_text(QUICK)
    done = call("run", "scenarios/create_pet.py", *BRIEF, "--json", "result.json", "-q", folder=tmp_path)
    assert (done.code, done.out) == (0, ""), done.err
    assert json.loads((tmp_path / "result.json").read_text())["verdict"] == "pass"
    assert (tmp_path / ".perfgate/local.db").exists()
    assert "create_pet" in call("history", "list", folder=tmp_path).out


def test_options_come_from_the_environment_that_is_handed_in(tmp_path):
    done = call("history", "list", folder=tmp_path, PERFGATE_HISTORY="other.db")
    assert done.code == 2
    assert "other.db" in done.err
