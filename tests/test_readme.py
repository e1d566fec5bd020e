"""Every command that the README shows is run, as it stands there; scenario and configuration too."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from perfgate.config.reading import load_config
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
# What keeps a command short without changing what it says.
BRIEF = {"PERFGATE_ROUND": "0.1s", "PERFGATE_BUDGET": "3.2s", "PERFGATE_CONFIG": "brief.toml"}
SERVICE = '[service]\ncommand = "perfgate petstore --port {port}"\npath = "/api/v3"\n'


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands():
    lines = [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    found = [re.fullmatch(r"(.*?)(?:\s+# exit (\d+))?", line).groups(default="0") for line in lines]
    return [pytest.param(*one, marks=pytest.mark.engines if ".js" in one[0] else ()) for one in found]


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    """A clone with the scenarios of the repository, and the commands on the PATH; the README is read from its top."""
    folder = tmp_path_factory.mktemp("newcomer")
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    (folder / "history").mkdir()
    (folder / "brief.toml").write_text('[measure]\nwarm_up = "100ms"\nforeign_cpu = "100%"\n')
    (folder / "service.toml").write_text((folder / "brief.toml").read_text() + SERVICE)
    binaries = folder / "bin"
    binaries.mkdir()
    for name, code in (
        ("perfgate", "from perfgate.cli import main; main()"),
        ("sqlite-utils", "from sqlite_utils.cli import cli; cli()"),
    ):
        (binaries / name).write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}' \"$@\"\n")
        (binaries / name).chmod(0o755)
    make_clone(folder)
    return folder


def make_clone(folder):
    """Make the folder a git repository with a remote."""
    (folder / ".gitignore").write_text("/bin/\n/remote.git/\n/.perfgate/\n__pycache__/\n")
    for command in (
        "init --quiet --bare --initial-branch=main remote.git",
        "init --quiet --initial-branch=main",
        "add .",
        "-c user.name=Newcomer -c user.email=newcomer@example.com commit --quiet --message First",
        "-c user.name=Newcomer -c user.email=newcomer@example.com commit --quiet --allow-empty --message Second",
        "remote add origin remote.git",
        "push --quiet origin main",
    ):
        subprocess.run(["git", *command.split()], cwd=folder, check=True)


@pytest.mark.parametrize(("command", "code"), commands(), ids=lambda value: value if len(value) > 3 else "")
def test_a_command_of_the_readme_does_what_it_says(newcomer, command, code):
    words = shlex.split(command)
    if words[0] == "sqlite3" and not shutil.which("sqlite3"):
        words = ["sqlite-utils", "query", *words[2:]]  # the same question for who has no sqlite3
    environment = {
        **BRIEF,
        "PATH": f"{newcomer / 'bin'}:/usr/local/bin:/usr/bin:/bin:{Path(shutil.which('k6') or '').parent}",
        "PYTHONPATH": str(ROOT),
        "PERFGATE_VUS": "4",
        "PERFGATE_DURATION": "1s",
        "HOME": str(newcomer),
        # Elsewhere it would change what is measured where no target is named.
        "PERFGATE_CONFIG": "service.toml" if "ref:" in command else BRIEF["PERFGATE_CONFIG"],
    }
    if code == "0":
        environment["PERFGATE_MARGIN"] = "50%"  # no noise gets over it, where nothing changed
    else:
        environment |= {"PERFGATE_ROUND": "0.2s", "PERFGATE_BUDGET": "6.4s"}  # less noise, where something did
    done = subprocess.run(
        words, cwd=newcomer, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    # A loaded machine may leave a comparison open; it must never turn it around.
    assert done.returncode == int(code), f"{done.stdout}\n{done.stderr}"


def test_the_readme_has_commands():
    assert len(commands()) > 8


def test_the_scenario_of_the_readme_loads(tmp_path):
    (block,) = blocks("python")
    (tmp_path / "create_pet.py").write_text(block)
    (found,) = load_scenarios(tmp_path, (), Overrides())
    assert (found.name, found.profile.vus_max) == ("create_pet", 20)


def test_the_configuration_of_the_readme_is_valid_and_complete(tmp_path):
    path = tmp_path / "perfgate.toml"
    configs = []
    for block in blocks("toml"):
        path.write_text(block)
        configs.append(load_config(path))
    (config,) = [one for one in configs if one.release]
    assert config.rules.margins[0].allowed == 0.15
    assert config.acceptances[0].ceiling == 0.2
    assert config.base == "http://localhost:8081"
    assert (config.release, config.foreign_cpu) == ("v1.2.0", 0.1)


def test_every_command_and_exit_code_is_documented():
    from perfgate.cli.app import _COMMANDS
    from perfgate.errors import ExitCode

    for name in _COMMANDS:
        assert f"`perfgate {name}" in README
    for code in ExitCode:
        assert f"| {int(code)} |" in README


def test_every_shared_option_is_explained_in_help():
    import click

    from perfgate.cli.app import _LazyGroup, perfgate

    assert isinstance(perfgate, _LazyGroup)
    for name in perfgate.list_commands(click.Context(perfgate)):
        command = perfgate.get_command(click.Context(perfgate), name)
        assert "Example" in (command.epilog or ""), f"{name} --help lacks an example"
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{name} {option.name} lacks a help text"
