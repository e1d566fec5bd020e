"""`perfgate gate` on a pull request: real repositories, merged and cloned as GitHub does it."""

import json
import subprocess
from functools import partial

import pytest

from perfgate.testing import FakeGitHub
from tests.support.command import COMMAND, SHORT_WARM_UP, environment, start_and_wait
from tests.support.deciding import decided_command
from tests.support.paths import QUOTED_PYTHON
from tests.support.pull_request import Pull

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
{SHORT_WARM_UP}round = "0.2s"
budget = "6.4s"
foreign_cpu = "500%"
[service]
command = "{QUOTED_PYTHON} serve.py {{port}}"
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
        variables = {**pull.environment, **job, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
        done = decided_command(partial(start_and_wait, folder, "gate", "--json", "-", **variables))
        assert done.code == 1, done.err
        (comment,) = github.comments
    assert f"**Base** `main` at `{pull.base[:7]}`<br>" in comment["body"]
    assert f"**Head** `slow-path` at `{pull.head[:7]}`<br>\nMeasured in " in comment["body"]
    assert f"perfgate duet ref:{pull.base[:12]} ref:{pull.head[:12]}" in comment["body"]


UNTOUCHED = 'paths = ["orders/**"]\n[service]\ncommand = "no-such-program"\n'


@pytest.fixture
def gate(tmp_path, github):
    """A gate of a pull request that changes the README, on Actions: gate(*options) -> what it ended as."""
    first = {"perfgate.toml": UNTOUCHED, "scenarios/read.py": SCENARIO, "orders/serve.py": ""}
    return gate_of(tmp_path, github, first, slow={"README.md": "new"})


def gate_of(tmp_path, github, first, slow):
    pull = Pull(tmp_path, first, slow)
    folder = pull.checkout(tmp_path / "here", "--depth=2")
    (tmp_path / "event.json").write_text(json.dumps(pull.payload))
    job = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_API_URL": github.url, "GITHUB_TOKEN": "a-token"}
    named = {"GITHUB_JOB": "gate", "PERFGATE_MATRIX": "null", "GITHUB_RUN_ID": "81", "RUNNER_TEMP": str(tmp_path)}
    files = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    event = {**pull.environment, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    variables = {**environment(), **event, **job, **named, **files}
    return lambda *options: subprocess.run(
        [*COMMAND, "gate", *options], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )


@pytest.fixture
def github():
    with FakeGitHub() as fake:
        yield fake


def test_a_pull_request_that_touches_nothing_of_paths_passes_and_says_so_without_a_comment(gate, github, tmp_path):
    done = gate(*("--json", str(tmp_path / "result.json"), "--html", str(tmp_path / "page.html")))
    assert done.returncode == 0, done.stderr
    said = "Not measured, since this change touches nothing that its paths name: orders/**."
    assert f"PASS  {said}" in done.stderr
    assert f"::notice title=perfgate::{said}" in done.stderr
    assert (tmp_path / "summary.md").read_text().startswith(f"### ✅ {said[:60]}")
    assert "\npass\n" in (tmp_path / "output").read_text()
    assert json.loads((tmp_path / "result.json").read_text())["verdict"] == "pass"
    assert not (tmp_path / "page.html").exists()
    assert github.comments == []


def test_it_replaces_what_an_older_push_that_touched_them_was_told(gate, github):
    older = f"### ❌ slower\n\n<!-- perfgate:perfgate.toml@gate {'1' * 40} run 80.1 -->"
    other = f"### ❌ slower, too\n\n<!-- perfgate:pets/perfgate.toml@gate {'1' * 40} run 80.2 -->"
    comment = github.add_comment(f"{older}\n\n{other}")
    assert gate().returncode == 0
    assert comment["body"].startswith("### ✅ Not measured")
    assert comment["body"].count("<!-- perfgate:") == 1


def test_a_dry_run_says_that_nothing_would_be_measured(gate, github):
    done = gate("--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("PASS  Not measured, since this change touches nothing")
    assert github.asked == []


def test_a_base_that_cannot_be_started_is_named_and_head_may_be_measured_alone(tmp_path, github):
    slow = {"perfgate.toml": SETTINGS, "serve.py": f"WORK = 1_000\n{SERVICE}"}
    gate = gate_of(tmp_path, github, {"scenarios/read.py": SCENARIO}, slow)
    done = gate()
    assert done.returncode == 3, done.stderr
    assert "base could not be started, and head was not tried: ref:" in done.stderr
    assert "--base none" in done.stderr
    (comment,) = github.comments
    assert "base could not be started" in comment["body"]
    done = gate("--base", "none")
    assert done.returncode == 0, done.stderr
    assert 'nothing was measured beside head: base is "none"' in comment["body"]


def test_a_head_that_cannot_be_started_is_not_taken_for_base(tmp_path, github):
    first = {"perfgate.toml": SETTINGS, "serve.py": f"WORK = 1_000\n{SERVICE}", "scenarios/read.py": SCENARIO}
    done = gate_of(tmp_path, github, first, slow={"serve.py": "raise SystemExit(4)"})()
    assert done.returncode == 3, done.stderr
    assert "base could not be started" not in done.stderr
    assert "--base none" not in done.stderr


def test_a_dry_run_says_that_base_has_no_file_to_start_it_by(tmp_path, github):
    slow = {"billing/Dockerfile": "FROM scratch", "perfgate.toml": '[service]\nbuild = "billing"\n'}
    done = gate_of(tmp_path, github, {"scenarios/read.py": SCENARIO}, slow)("--dry-run")
    assert done.returncode == 0, done.stderr
    assert "has no billing/Dockerfile yet: head alone is measured" in done.stderr
    assert "\nhead " in done.stdout
    assert "\nbase " not in done.stdout
