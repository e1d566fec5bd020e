"""`perfgate init` in a repository with a service and its database in a compose file: it runs without an edit."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import docker

from tests.support.command import Done, start_and_wait
from tests.support.deciding import valid_command
from tests.support.paths import ROOT

SHOP = Path(__file__).parent / "shop"
DESCRIPTION = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": {"/": {"get": {}}}}
BRIEF = ("--round", "0.2s", "--budget", "3.2s", "--vus", "2", "--margin", "90%")


def test_what_init_writes_measures_two_commits_without_an_edit(tmp_path: Path, engine: docker.DockerClient) -> None:
    people = [f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
    environment = {**os.environ, **dict.fromkeys(people, "me@example.com"), "PYTHONPATH": str(ROOT)}

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def perfgate(*arguments: str) -> str:
        return run(sys.executable, "-c", "from perfgate.cli import main; main()", *arguments)

    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    (tmp_path / "openapi.json").write_text(json.dumps(DESCRIPTION))
    (tmp_path / "id").write_text(secrets.token_hex())
    run("git", "init", "--quiet", "--initial-branch=main")
    run("git", "add", "--all")
    run("git", "commit", "--quiet", "--message", "A shop")
    said = perfgate("init")
    assert "started by Compose, a project for each side, because it needs store" in said
    run("git", "add", "--all")
    run("git", "commit", "--quiet", "--message", "Measure it")

    def measure() -> Done:
        return start_and_wait(tmp_path, "duet", "ref:HEAD~1", "ref:HEAD", "--json", "-", "--quiet", *BRIEF)

    # What other processes took makes it invalid, which nothing in this perfgate.toml forbids.
    done = valid_command(measure)
    assert done.code == 0, done.out + done.err
    result = json.loads(done.out)
    assert {row["metric"] for row in result["rows"]} >= {"dependency_cpu{name:store}", "service_cpu"}
    assert {row["request"] for row in result["rows"]} >= {"GET /"}
