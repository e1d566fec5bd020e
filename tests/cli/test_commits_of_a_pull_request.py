"""Which commits a gate is about in a pull request: real repositories, merged and cloned as GitHub does it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from perfgate.application.context import Context
from perfgate.application.gate_targets import GateTargets, gate_targets
from perfgate.application.provenance import commits_after_fork, read_provenance
from perfgate.config.values import Config
from perfgate.github.event import event_of
from perfgate.service.settings import ServiceSettings
from perfgate.service.target import Commit, CommitTarget, parse_target
from perfgate.testing import FakeGitHub
from tests.support.command import COMMAND, environment

IDENTITY = {f"GIT_{role}_{what}": "me@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
# The checkout and the job that `here` stands in.
HERE = Context(Path(), os.environ, print)
STARTS = Config(service=ServiceSettings(command=("serve",)))


def git(folder, *arguments):
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**kept, **IDENTITY}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder, name, files=None):
    for path, text in (files or {name: name}).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", name)
    return git(folder, "rev-parse", "HEAD")


class Pull:
    """A pull request on a repository whose main has gone on since: `base` and `head`, and `merge` of both.

    first, slow: the files of the first commit, and of the pull request's.
    """

    def __init__(self, folder, first=None, slow=None):
        self.remote = folder / "remote"
        self.remote.mkdir()
        git(self.remote, "init", "--quiet", "--initial-branch=main")
        git(self.remote, "config", "uploadpack.allowAnySHA1InWant", "true")
        self.fork_point = commit(self.remote, "first", first)
        git(self.remote, "checkout", "--quiet", "-b", "slow-path")
        self.head = commit(self.remote, "slow", slow)
        git(self.remote, "checkout", "--quiet", "main")
        self.base = commit(self.remote, "second")
        git(self.remote, "checkout", "--quiet", "--detach")
        git(self.remote, "merge", "--quiet", "--no-ff", "--message", "merge", "slow-path")
        self.merge = git(self.remote, "rev-parse", "HEAD")
        git(self.remote, "update-ref", "refs/pull/7/merge", "HEAD")
        git(self.remote, "checkout", "--quiet", "main")

    def checkout(self, folder, *depth, commit=None):
        """What actions/checkout makes of it: one commit, detached, with so much history."""
        folder.mkdir()
        git(folder, "init", "--quiet")
        git(folder, "remote", "add", "origin", f"file://{self.remote}")
        git(folder, "fetch", "--quiet", *depth, "origin", commit or "refs/pull/7/merge")
        git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        return folder

    @property
    def environment(self):
        return {
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_REPOSITORY": "octo/pets",
            "GITHUB_SHA": self.merge,
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_REF_NAME": "7/merge",
            "GITHUB_BASE_REF": "main",
            "GITHUB_HEAD_REF": "slow-path",
        }

    @property
    def payload(self):
        repo = {"full_name": "octo/pets"}
        head = {"ref": "slow-path", "sha": self.head, "repo": repo}
        base = {"ref": "main", "sha": self.fork_point, "repo": repo}
        return {"pull_request": {"number": 7, "draft": False, "head": head, "base": base}}

    @property
    def event(self):
        return event_of(self.payload, self.environment)


@pytest.fixture
def pull(tmp_path):
    return Pull(tmp_path)


@pytest.fixture
def here(tmp_path, pull, monkeypatch):
    """Stand in a checkout, in a job of the pull request."""

    def stand(*depth, commit=None):
        folder = pull.checkout(tmp_path / "here", *depth, commit=commit)
        monkeypatch.chdir(folder)
        for name, value in {**pull.environment, **IDENTITY}.items():
            monkeypatch.setenv(name, value)
        return folder

    return stand


@pytest.mark.parametrize("depth", [["--depth=1"], ["--depth=2"], []])
def test_of_a_merge_commit_people_know_the_head_and_the_base(pull, here, depth):
    provenance = read_provenance(Context(here(*depth), pull.environment, print))
    assert (provenance.here.commit, provenance.here.branch) == (pull.head, "slow-path")
    assert (provenance.base.commit, provenance.base.branch) == (pull.base, "main")
    assert provenance.merge == pull.merge


def test_where_the_head_itself_is_checked_out_it_is_no_merge(pull, here):
    provenance = read_provenance(Context(here(commit=pull.head), pull.environment, print))
    assert (provenance.here.commit, provenance.base, provenance.merge) == (pull.head, None, "")


def test_a_merge_commit_of_the_branch_itself_is_not_taken_for_that_of_the_pull_request(pull, here):
    folder = here(commit=pull.merge)
    provenance = read_provenance(Context(folder, {**pull.environment, "GITHUB_SHA": pull.head}, print))
    assert (provenance.here.commit, provenance.base) == (pull.merge, None)


def test_outside_of_a_pull_request_a_merge_commit_is_itself(pull, here):
    provenance = read_provenance(Context(here(), {"GITHUB_SHA": pull.merge, "GITHUB_REF_NAME": "main"}, print))
    assert (provenance.here.commit, provenance.base) == (pull.merge, None)


@pytest.mark.parametrize("target", ["petstore", "http://localhost:8080"])
def test_each_side_of_a_duet_has_its_own_commit(pull, here, target):
    provenance = read_provenance(Context(here("--depth=2"), pull.environment, print))
    assert provenance.of("base", parse_target(target)).commit == pull.base
    assert provenance.of("head", parse_target(target)).commit == pull.head
    assert provenance.of("", parse_target(target)).commit == pull.head


def test_a_target_that_is_a_commit_is_what_people_know_it_by(pull, here):
    provenance = read_provenance(Context(here(), pull.environment, print))

    def of(side, sha):
        return provenance.of(side, CommitTarget("ref:x", Commit(sha, "", unsaved=False)))

    assert (of("head", pull.merge).commit, of("head", pull.merge).branch) == (pull.head, "slow-path")
    assert (of("base", pull.base).commit, of("base", pull.base).branch) == (pull.base, "main")
    assert (of("base", pull.fork_point).commit, of("base", pull.fork_point).branch) == (pull.fork_point, "")


@pytest.mark.parametrize("depth", [["--depth=1"], ["--depth=2"], []])
def test_the_base_of_a_pull_request_is_the_commit_that_it_is_merged_into(pull, here, depth):
    folder = here(*depth)
    assert gate_targets(HERE, STARTS, None, None, pull.event) == GateTargets(f"ref:{pull.base}", "ref:HEAD")
    assert git(folder, "cat-file", "-t", pull.base) == "commit", "it was fetched where the clone lacked it"


def test_without_a_merge_commit_the_event_names_the_base(pull, here):
    here(commit=pull.head)
    assert gate_targets(HERE, STARTS, None, None, pull.event) == GateTargets(f"ref:{pull.fork_point}", "ref:HEAD")


def test_a_merge_queue_names_its_base(pull, here):
    here()
    group = {"merge_group": {"base_sha": pull.base, "base_ref": "refs/heads/main", "head_sha": pull.merge}}
    event = event_of(group, {**pull.environment, "GITHUB_EVENT_NAME": "merge_group"})
    assert gate_targets(HERE, STARTS, None, None, event) == GateTargets(f"ref:{pull.base}", "ref:HEAD")


@pytest.mark.parametrize("name", ["push", "schedule", "workflow_dispatch", "workflow_run"])
def test_on_a_branch_head_is_compared_with_the_history(pull, here, name):
    here()
    event = event_of({"before": pull.fork_point}, {**pull.environment, "GITHUB_EVENT_NAME": name})
    assert gate_targets(HERE, STARTS, None, None, event) == GateTargets(None, "ref:HEAD")


def test_what_was_named_comes_first(pull, here):
    here()
    configured = Config(service=STARTS.service, base="http://localhost:1", head="http://localhost:2")
    assert gate_targets(HERE, configured, None, None, pull.event) == GateTargets(
        "http://localhost:1", "http://localhost:2"
    )
    assert gate_targets(HERE, configured, "petstore", "petstore?slow=10%", pull.event) == GateTargets(
        "petstore", "petstore?slow=10%"
    )


def test_without_a_service_to_start_there_is_no_base(pull, here):
    here()
    assert gate_targets(HERE, Config(), None, None, pull.event) == GateTargets(None, "petstore")


def test_what_was_merged_stands_on_the_whole_base_branch(pull, here):
    folder = here()
    git(folder, "fetch", "--quiet", "origin", "+main:refs/remotes/origin/main")
    assert commits_after_fork(Context(folder, os.environ, print), pull.head, "main") == frozenset()
    assert commits_after_fork(Context(folder, os.environ, print), pull.fork_point, "main") == {pull.base}


SERVICE = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        sum(range(WORK))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SCENARIO = """
from perfgate import scenario

@scenario(vus=2, duration="1s")
def read(user):
    user.get("/thing")
"""
SETTINGS = f"""
[measure]
warm_up = "200ms"
round = "0.2s"
budget = "6.4s"
foreign_cpu = "500%"
[service]
command = "{sys.executable} serve.py {{port}}"
"""


def test_a_gate_needs_no_more_than_the_service_to_measure_a_pull_request_against_its_base(tmp_path):
    pull = Pull(
        tmp_path,
        first={"serve.py": f"WORK = 1_000\n{SERVICE}", "perfgate.toml": SETTINGS, "scenarios/read.py": SCENARIO},
        slow={"serve.py": f"WORK = 50_000\n{SERVICE}"},
    )
    folder = pull.checkout(tmp_path / "here", "--depth=2")
    (tmp_path / "event.json").write_text(json.dumps(pull.payload))
    with FakeGitHub() as github:
        job = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_API_URL": github.url, "GITHUB_TOKEN": "a-token"}
        variables = {**environment(), **pull.environment, **job, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
        done = subprocess.run(
            [*COMMAND, "gate"], cwd=folder, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stderr
        (comment,) = github.comments
    assert f"**Base** `main` at `{pull.base[:7]}`<br>" in comment["body"]
    assert f"**Head** `slow-path` at `{pull.head[:7]}`\n" in comment["body"]
    assert f"perfgate duet ref:{pull.base[:12]} ref:{pull.head[:12]}" in comment["body"]
