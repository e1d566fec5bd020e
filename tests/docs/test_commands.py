"""Every command that the README and the pages of docs/ show is run, as it stands there."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import QUICK
from tests.support.pages import DOCS, PAGES, blocks, name_of
from tests.support.paths import ROOT

# What keeps a command short without changing what it says.
BRIEF = {"PERFGATE_ROUND": "0.1s", "PERFGATE_BUDGET": "1.6s", "PERFGATE_CONFIG": "brief.toml"}
NEWCOMER = "-c user.name=Newcomer -c user.email=newcomer@example.com"
SERVICE = '[service]\ncommand = "perfgate petstore --port {port}"\npath = "/api/v3"\n'
# Played by test_tutorial, from its first line to its last.
TUTORIAL = DOCS / "tutorial.md"
# What needs a service that got slower at a certain commit: tests/application/bisecting and tests/databases have them.
ONLY_READ = {"perfgate bisect v1.2.0 main", "perfgate duet ref:HEAD~1 ref:HEAD"}


def commands():
    """Page, command and exit code, in the order of the pages; what several pages show is run once."""
    found, known = [], set()
    for page in PAGES:
        for line in "".join(blocks(page, "console")).splitlines():
            if line.startswith("$ "):
                command, code = re.fullmatch(r"(.*?)(?:\s+# exit (\d+))?", line[2:]).groups(default="0")
                if page == TUTORIAL or (command, code) in known:
                    continue
                known.add((command, code))
                marks = pytest.mark.engines if ".js" in command or "/locust/" in command else ()
                found.append(pytest.param(page, command, code, marks=marks, id=f"{name_of(page)}: {command}"))
    return found


@pytest.fixture(scope="module")
def first_day(tmp_path_factory):
    """A clone with the scenarios of the repository and a run in its history, and the commands for the PATH."""
    folder = tmp_path_factory.mktemp("first-day") / "clone"
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    (folder / "history").mkdir()
    (folder / "brief.toml").write_text(QUICK)
    (folder / "service.toml").write_text((folder / "brief.toml").read_text() + SERVICE)
    (folder / "shop").mkdir()
    own = '[history]\nfile = "shop/history/perfgate.db"\n'
    (folder / "shop/perfgate.toml").write_text((folder / "service.toml").read_text() + own)
    binaries = folder / "bin"
    binaries.mkdir()
    for name, code in (
        ("perfgate", "from perfgate.cli import main; main()"),
        ("sqlite-utils", "from sqlite_utils.cli import cli; cli()"),
    ):
        (binaries / name).write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}' \"$@\"\n")
        (binaries / name).chmod(0o755)
    make_clone(folder)
    for history in ("history/perfgate.db", ".perfgate/local.db"):
        done = run(folder, f"perfgate run create_pet --history {history}", {})
        assert done.returncode == 0, done.stderr
    git_says(folder, "add history", f"{NEWCOMER} commit --quiet --message Third", "push --quiet origin main")
    return folder


@pytest.fixture(scope="module")
def newcomer(first_day, tmp_path_factory):
    """For each page a clone of its own, in which the page is read from its top."""
    clones = {}

    def clone_for(page):
        if page not in clones:
            clones[page] = tmp_path_factory.mktemp("newcomer") / "clone"
            shutil.copytree(first_day, clones[page], symlinks=True)
        return clones[page]

    return clone_for


def make_clone(folder):
    """Make the folder a git repository with a remote."""
    (folder / ".gitignore").write_text("/bin/\n/remote.git/\n/.perfgate/\n__pycache__/\n")
    git_says(
        folder,
        "init --quiet --bare --initial-branch=main remote.git",
        "init --quiet --initial-branch=main",
        "add .",
        f"{NEWCOMER} commit --quiet --message First",
        f"{NEWCOMER} commit --quiet --allow-empty --message Second",
        "remote add origin remote.git",
        "push --quiet --set-upstream origin main",
    )


def git_says(folder, *commands):
    for command in commands:
        subprocess.run(["git", *command.split()], cwd=folder, check=True)


def run(folder, command, more):
    """A command as it is typed in a clone."""
    words = shlex.split(command)
    if words[0] == "sqlite3" and not shutil.which("sqlite3"):
        words = ["sqlite-utils", "query", *words[2:]]  # the same question for who has no sqlite3
    environment = {
        **BRIEF,
        "PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin:{Path(shutil.which('k6') or '').parent}",
        "PYTHONPATH": str(ROOT),
        "PERFGATE_VUS": "4",
        "PERFGATE_DURATION": "1s",
        "HOME": str(folder),
        **more,
    }
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(("page", "command", "code"), commands())
def test_a_command_of_a_page_does_what_it_says(newcomer, page, command, code):
    if command in ONLY_READ:
        command, code = f"{command} --help", "0"  # which refuses an option or a command that is not there
    # Elsewhere it would change what is measured where no target is named.
    more = {"PERFGATE_CONFIG": "service.toml"} if "ref:" in command or "worktree" in command else {}
    if code == "0":
        more["PERFGATE_MARGIN"] = "50%"  # no noise gets over it, where nothing changed
    else:
        more |= {"PERFGATE_ROUND": "0.2s", "PERFGATE_BUDGET": "6.4s"}  # less noise, where something did
    done = run(newcomer(page), command, more)
    # A loaded machine may leave a comparison open; it must never turn it around.
    assert done.returncode == int(code), f"{done.stdout}\n{done.stderr}"


SCENARIOS = [pytest.param(block, id=name_of(page)) for page in PAGES for block in blocks(page, "python")]


@pytest.mark.parametrize("block", SCENARIOS)
def test_a_scenario_of_a_page_is_played(first_day, tmp_path, block):
    (tmp_path / "example.py").write_text(block)
    done = run(first_day, f"perfgate run {tmp_path / 'example.py'} --history {tmp_path / 'runs.db'}", {})
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_the_pages_have_commands():
    assert len(commands()) > 20


@pytest.mark.parametrize("command", sorted({command for _, command, _ in (one.values for one in commands())}))
def test_a_command_has_the_options_that_a_page_names(command):
    import click

    from perfgate.cli.app import perfgate

    program, *words = shlex.split(command)
    if program != "perfgate":
        return
    found: click.Command | None = perfgate
    while isinstance(found, click.Group):
        found = found.get_command(click.Context(found), words.pop(0))
    assert found is not None
    known = {option for one in found.params for option in one.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known
