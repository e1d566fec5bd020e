"""`perfgate bisect` on real repositories: the commit is found, also after a kill, and nothing of it is left."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.command import INTERRUPTIBLE, QUICK, assert_no_traceback, environment
from tests.support.paths import QUOTED_PYTHON, ROOT
from tests.support.slowed_history import SlowedHistory

# A change that no neighbour makes or hides, and rounds that hold enough requests on a busy machine.
BEFORE, AFTER = "1ms", "8ms"
BRIEF = ["--round", "0.1s", "--budget", "8s", "--metric", "service_cpu"]


class TenCommits(SlowedHistory):
    """Documents, one that does not build, a merge, and the one that made it slower."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "shop", BEFORE, folder / "builds")
        (folder / "temporary").mkdir()
        self.environment["TMPDIR"] = str(folder / "temporary")
        self.change_document()
        self.change_code()
        self.merge()
        self.change_code()
        self.broken = self.break_build()
        self.mend_build()
        self.change_code()
        self.slow = self.change_work(AFTER)
        self.change_code()
        self.change_document()


@pytest.fixture
def history(tmp_path: Path) -> TenCommits:
    return TenCommits(tmp_path)


def found(done: subprocess.CompletedProcess[str]) -> dict:
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)


def nothing_is_left(history: SlowedHistory) -> None:
    assert history.worktrees() == [str(history.folder)]
    assert sorted((history.folder.parent / "temporary").iterdir()) == []


def test_the_commit_that_made_it_slower_is_found(history):
    result = found(history.perfgate("bisect", history.good, "main", *BRIEF, "--json", "-"))
    assert result["outcome"] == "commit", result
    (commit,) = result["commits"]
    assert (commit["sha"], commit["subject"]) == (history.slow, "Change work")
    assert result["probability"] > 0.95
    assert 1 < result["low"] < result["change"] < result["high"]
    assert result["row"]["metric"] == "service_cpu"
    # Each commit is built once, however many of its duets there are.
    assert max(Counter(history.builds()).values()) == 1
    assert {one["sha"] for one in result["left_out"]} <= {history.broken}
    nothing_is_left(history)


def test_a_search_that_was_killed_goes_on_where_it_was(history):
    file = history.folder / ".perfgate" / "bisect.json"
    command = [sys.executable, "-m", "perfgate", "bisect", history.good, "main", *BRIEF]
    killed = subprocess.Popen(
        command, cwd=history.folder, env=history.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while not (file.exists() and len(json.loads(file.read_text())["duets"]) >= 2):
        assert killed.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    kept = json.loads(file.read_text())["duets"]
    done = history.perfgate("bisect", history.good, "main", *BRIEF, "--json", "-")
    result = found(done)
    # A busy machine may leave it open; it never names another commit.
    assert {one["sha"] for one in result["commits"]} <= {history.slow}, result
    assert json.loads(file.read_text())["duets"][: len(kept)] == kept
    assert f"has {len(kept)} duets of this search" in done.stderr
    nothing_is_left(history)
    # What was found is told again, without any load.
    builds = len(history.builds())
    assert found(history.perfgate("bisect", history.good, "main", *BRIEF, "--json", "-")) == result
    assert len(history.builds()) == builds


def test_whoever_interrupts_it_finds_nothing_left(history):
    with subprocess.Popen(
        [*INTERRUPTIBLE, "bisect", history.good, "main", *BRIEF],
        cwd=history.folder,
        env=history.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said = ""
        while "against" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        # Again where nothing came of it: Python drops an exception that comes in a finalizer.
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
        rest = process.stderr.read()
    assert process.returncode == 130, said + rest
    nothing_is_left(history)


def test_a_commit_that_cannot_be_told_from_one_that_does_not_build_is_named_with_it(tmp_path):
    history = SlowedHistory(tmp_path / "shop", BEFORE, tmp_path / "builds")
    broken = history.break_build()
    history.mend_build()
    slow = history.change_work(AFTER)
    result = found(history.perfgate("bisect", history.good, "main", *BRIEF, "--json", "-"))
    assert (result["outcome"], [one["sha"] for one in result["commits"]]) == ("one_of", [broken, slow])
    (left_out,) = result["left_out"]
    assert left_out["sha"] == broken
    assert "could not be built" in left_out["reason"]


SHOP = """
import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        self.answer(PETS if self.path == "/pets" else 200)

    def do_POST(self):
        time.sleep(WAIT)
        self.answer(ORDER)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
ORDERS = """
from perfgate import scenario

@scenario(vus=2, duration="30s")
def order(user):
    user.get("/pets")
    user.post("/order")
"""


def shop(wait: str, pets: int = 200, order: int = 200) -> dict[str, str]:
    return {"serve.py": f"WAIT, PETS, ORDER = {wait}, {pets}, {order}\n{SHOP}"}


# Far more than a test could wait for: no duet may play it to its end.
ENDLESS = ["--round", "0.1s", "--budget", "1h", "--json", "-"]


@pytest.fixture
def orders(tmp_path: Path) -> SlowedHistory:
    """A shop that is good."""
    history = SlowedHistory(tmp_path / "shop", BEFORE, tmp_path / "builds")
    (history.folder / "scenarios" / "read_pet.py").unlink()
    settings = f'{QUICK}[service]\ncommand = "{QUOTED_PYTHON} serve.py {{port}}"\n'
    history.good = history.commit(**shop("0.002"), **{"perfgate.toml": settings, "scenarios/order.py": ORDERS})
    return history


def test_a_commit_that_errors_make_faster_is_left_out_where_the_whole_scenario_is_followed(orders):
    hasty, slow = orders.commit(**shop("0", order=500)), orders.commit(**shop("0.02"))
    result = found(orders.perfgate("bisect", orders.good, "main", *ENDLESS, "--metric", "http_reqs"))
    assert (result["outcome"], [one["sha"] for one in result["commits"]]) == ("one_of", [hasty, slow])
    (left_out,) = result["left_out"]
    assert left_out["sha"] == hasty
    assert left_out["reason"].startswith("answers errors to 50.")


def test_commits_that_answer_errors_to_what_is_followed_cost_a_few_rounds_and_are_left_out(orders):
    mute = orders.commit(**shop("0.002", order=500))
    down = orders.commit(**shop("0.002", 500, 500))
    slow = orders.commit(**shop("0.02"))
    done = orders.perfgate("bisect", orders.good, "main", *ENDLESS, "--metric", "http_req_duration")
    result = found(done)
    assert (result["outcome"], [one["sha"] for one in result["commits"]]) == ("one_of", [mute, down, slow])
    assert result["row"]["request"] == "POST /order"
    left_out = {one["sha"]: one["reason"] for one in result["left_out"]}
    assert left_out == {mute: "answers errors to POST /order", down: "answers errors alone"}
    assert f"{mute[:12]} cannot be measured, and is left out: answers errors to POST /order" in done.stderr
    kept = json.loads((orders.folder / ".perfgate" / "bisect.json").read_text())
    assert kept["untested_seconds"] > 0
    assert result["load_seconds"] == pytest.approx(
        kept["untested_seconds"] + sum(duet["seconds"] for duet in kept["duets"]), abs=0.001
    )


def test_ends_that_do_not_differ_have_nothing_between_them(tmp_path):
    history = SlowedHistory(tmp_path / "shop", BEFORE, tmp_path / "builds")
    history.change_code()
    history.change_code()
    done = history.perfgate("bisect", "HEAD~2", "HEAD", *BRIEF)
    assert done.returncode == 3, done.stdout
    assert done.stdout.startswith("No change is sure between")
    assert "service_cpu of" in done.stdout
    assert not (history.folder / ".perfgate" / "bisect.json").exists()


def test_ends_of_which_the_bad_one_is_faster_say_so(tmp_path):
    history = SlowedHistory(tmp_path / "shop", AFTER, tmp_path / "builds")
    history.change_work(BEFORE)
    done = history.perfgate("bisect", "HEAD~1", "HEAD", *BRIEF[:2], "--budget", "3s", "--metric", "service_cpu")
    assert done.returncode == 3, done.stdout
    assert done.stdout.startswith("Nothing got slower between")
    assert "service_cpu of read_pet got better, -" in " ".join(done.stdout.split())
    assert not (history.folder / ".perfgate" / "bisect.json").exists()


def test_a_bad_end_that_does_not_build_is_an_error_and_no_finding(tmp_path):
    history = SlowedHistory(tmp_path / "shop", BEFORE, tmp_path / "builds")
    history.break_build()
    done = history.perfgate("bisect", "HEAD~1", "HEAD", *BRIEF)
    assert done.returncode == 3, done.stdout
    assert "could not be built" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["HEAD", "HEAD"], "the same commit"),
        (["HEAD", "HEAD~1"], "the other way round"),
        (["HEAD~1", "mian"], "did you mean ref:main?"),
        (["HEAD~9", "HEAD"], "not that long"),
        (["petstore", "HEAD"], "names no commit"),
        (["HEAD~1", "HEAD", "--metric", "service_cpus"], "did you mean 'service_cpu'?"),
        (["HEAD~1", "HEAD", "no_such_scenario"], "read_pet"),
        (["HEAD~1", "HEAD", "--scale", "auto"], "--scale 4"),
        (["HEAD~1", "HEAD", "--json", "no/such/folder.json"], "folder"),
        (["HEAD~1"], "BAD"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_started(tmp_path, arguments, said):
    history = SlowedHistory(tmp_path / "shop", BEFORE, tmp_path / "builds")
    history.change_code()
    done = history.perfgate("bisect", *arguments)
    assert (done.returncode, history.builds()) == (2, [])
    assert said in done.stderr
    assert_no_traceback(done.stderr)


def test_git_bisect_run_understands_the_exit_codes_of_duets_as_the_page_says(tmp_path):
    """The line of the page, with a perfgate that says of each commit what the commit's file says."""
    page = (ROOT / "docs/how-to/find-the-commit.md").read_text()
    line = next(line for line in page.splitlines() if line.startswith("git bisect run"))
    history = SlowedHistory(tmp_path / "shop", BEFORE, tmp_path / "builds")
    commits = [history.commit(says=code) for code in ("0", "0 ", "3", "0  ", "1", "3 ", "1 ", "1  ")]
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "perfgate").write_text("#!/bin/sh\nexit $(cat says)\n")
    (binaries / "perfgate").chmod(0o755)
    variables = {**history.environment, "PATH": f"{binaries}:{os.environ['PATH']}"}

    def git(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", *words], cwd=history.folder, env=variables, capture_output=True, text=True, timeout=60, check=False
        )

    git("bisect", "start", commits[-1], commits[0])
    done = git(*shlex.split(line)[1:])
    assert done.returncode == 0, done.stderr
    assert f"{commits[4]} is the first bad commit" in done.stdout
    # A mistake stops it: exit code 2 is neither good nor bad.
    git("bisect", "reset")
    history.git("switch", "--quiet", "main")
    wrong = history.commit(says="2")
    last = history.commit(says="1")
    git("bisect", "start", last, commits[3])
    git("checkout", "--quiet", wrong)
    assert git(*shlex.split(line)[1:]).returncode != 0


def test_help_says_what_it_does():
    done = subprocess.run(
        [sys.executable, "-m", "perfgate", "bisect", "--help"], env=environment(), capture_output=True, text=True
    )
    assert "GOOD BAD [SCENARIO]..." in done.stdout
    assert ".perfgate/bisect.json" in done.stdout
