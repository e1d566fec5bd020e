"""`ref:` targets from the command line: two commits measured with one command, and nothing of it left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.support.command import BRIEF, INTERRUPTIBLE, QUICK, WIDE, Done, environment, start_and_wait
from tests.support.deciding import decided_command, valid_command
from tests.support.paths import QUOTED_PYTHON

SERVE = """
import http.server, os, signal, sys

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        sum(range(WORK))
        self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")

    def log_message(self, *_):
        pass

def die(*_):
    print("out of pets", flush=True)
    os._exit(5)

WORK = 1_000
signal.signal(signal.SIGUSR1, die)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

SCENARIO = """
from perfgate import scenario

@scenario(vus=2, duration="1s")
def look(user):
    user.get("/")
"""

SETTINGS = f"""
{QUICK}[service]
command = "{QUOTED_PYTHON} serve.py {{port}}"
"""

# Where iterations take long, rounds get longer and fewer: few VUs and little work leave a busy machine enough of them.
DUET = ["duet", "ref:HEAD~1", "ref:HEAD", *BRIEF, "--vus", "2", *WIDE, "--quiet"]


class Shop:
    """A repository with a service in it, and all that perfgate could leave behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "shop"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        (self.folder / "scenarios").mkdir(parents=True)
        people = [f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
        identity = dict.fromkeys(people, "me@example.com")
        self.environment = {**environment(), **identity, "HOME": str(folder), "TMPDIR": str(self.temporary)}
        self.git("init", "--quiet", "--initial-branch=main")
        (self.folder / "scenarios/look.py").write_text(SCENARIO)
        (self.folder / "perfgate.toml").write_text(SETTINGS)
        (self.folder / ".gitignore").write_text(".perfgate/\n__pycache__/\n*.db\n")
        self.first = self.commit(SERVE)
        self.second = self.commit(SERVE.replace("1_000", "40_000"))

    def git(self, *arguments: str) -> str:
        return subprocess.check_output(["git", *arguments], cwd=self.folder, env=self.environment, text=True).strip()

    def commit(self, code: str) -> str:
        (self.folder / "serve.py").write_text(code)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Change the shop")
        return self.git("rev-parse", "HEAD")

    def perfgate(self, *arguments: str) -> Done:
        return start_and_wait(self.folder, *arguments, **self.environment)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """perfgate in the middle of something."""
        return subprocess.Popen(
            [*INTERRUPTIBLE, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def configure(self, more: str) -> None:
        (self.folder / "perfgate.toml").write_text(SETTINGS + more)

    def processes(self) -> list[psutil.Process]:
        """All that stand in one of our temporary folders, or were started from there."""
        found = []
        for process in psutil.process_iter():
            try:
                if str(self.temporary) in f"{process.cwd()} {process.environ().get('PERFGATE_SERVICE')}":
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def left(self) -> tuple[list[psutil.Process], list[Path], list[str]]:
        """What there is that a command must not leave: nothing, if all is well."""
        return self.processes(), sorted(self.temporary.iterdir()), self.git("worktree", "list").splitlines()[1:]


NOTHING: tuple[list[psutil.Process], list[Path], list[str]] = ([], [], [])


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def until_measuring(process: subprocess.Popen[str]) -> str:
    """Wait until load is measured; what was said until then."""
    assert process.stderr is not None
    said = ""
    while "measuring" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


def test_two_commits_are_measured_with_one_command(shop: Shop) -> None:
    status = shop.git("status", "--porcelain")
    done = decided_command(partial(shop.perfgate, *DUET, "--budget", "3s", "--json", "-"), "service_cpu")
    assert done.code == 1, done.err
    result = json.loads(done.out)
    (row,) = [row for row in result["rows"] if row["metric"] == "service_cpu"]
    assert row["verdict"] == "regressed"
    for side, commit, target in (("base", shop.first, "ref:HEAD~1"), ("head", shop.second, "ref:HEAD")):
        record = result[side]
        assert (record["commit"], record["branch"], record["dirty"]) == (commit, "main", False)
        assert record["target"] == target
    assert result["reproduce"].startswith(f"perfgate duet ref:{shop.first[:12]} ref:{shop.second[:12]} --seed")
    assert shop.left() == NOTHING
    assert shop.git("status", "--porcelain") == status


def test_a_run_of_a_commit_is_kept_as_a_run_of_that_commit(shop: Shop) -> None:
    (shop.folder / "serve.py").write_text("broken")
    done = shop.perfgate("run", "--target", "ref:HEAD", *BRIEF, "--json", "-")
    result = json.loads(done.out)
    assert (done.code, result["head"]["commit"], result["head"]["dirty"]) == (0, shop.second, False)
    assert f"commit {shop.second[:12]}: what is not committed is not measured" in done.err
    assert shop.second[:7] in shop.perfgate("history", "list", "--history", ".perfgate/local.db").out
    assert shop.left() == NOTHING


def test_the_checkout_as_it_stands_is_measured_against_a_commit(shop: Shop) -> None:
    (shop.folder / "serve.py").write_text(SERVE.replace("1_000", "240_000"))
    (shop.folder / "new").write_text("new")
    status = shop.git("status", "--porcelain")
    options = ("--budget", "6s", "--json", "-", "--markdown", "it")
    done = decided_command(partial(shop.perfgate, "duet", "ref:HEAD", "worktree", *DUET[3:], *options))
    assert done.code == 1, done.err
    result = json.loads(done.out)
    for side, target, dirty in (("base", "ref:HEAD", False), ("head", "worktree", True)):
        record = result[side]
        assert (record["commit"], record["branch"], record["dirty"]) == (shop.second, "main", dirty)
        assert record["target"] == target
    assert f"`main` at `{shop.second[:7]}` with uncommitted changes" in (shop.folder / "it").read_text()
    assert result["reproduce"].startswith(f"perfgate duet ref:{shop.second[:12]} worktree --seed")
    assert shop.left() == NOTHING
    (shop.folder / "it").unlink()
    assert shop.git("status", "--porcelain") == status


def test_a_gate_takes_refs_from_its_configuration(shop: Shop) -> None:
    shop.configure('[gate]\nbase = "ref:HEAD~1"\nhead = "ref:HEAD"\n')
    done = shop.perfgate("gate", *BRIEF, "--budget", "1s", "--quiet", "--json", "-")
    result = json.loads(done.out)
    assert (result["base"]["commit"], result["head"]["commit"]) == (shop.first, shop.second)
    assert shop.left() == NOTHING


def test_a_slow_instance_is_not_a_slow_service(shop: Shop) -> None:
    """The first instance of head is slow, as if its memory lay badly: nothing but another instance can show that."""
    same = SERVE.replace("1_000", "2_000")
    shop.commit(same)
    unlucky = "try:\n    os.mkdir('../first')\n    WORK *= 20\nexcept FileExistsError:\n    pass\nsignal.signal("
    shop.commit(same.replace("signal.signal(", unlucky))
    # With one VU an iteration stays so short that nothing lengthens the rounds; few pairs would have one instance.
    done = valid_command(partial(shop.perfgate, *DUET, "--vus", "1", "--budget", "5s", "--json", "-"))
    result = json.loads(done.out)
    assert [method["instances"] for method in result["methods"]] == [2]
    assert (done.code, result["verdict"]) == (0, "inconclusive"), result["reasons"]
    assert shop.left() == NOTHING


def test_every_scenario_finds_the_instances_that_run_then(shop: Shop) -> None:
    (shop.folder / "scenarios/gaze.py").write_text(SCENARIO.replace("def look", "def gaze"))
    done = shop.perfgate(*DUET, "--vus", "1", "--budget", "5s", "--margin", "100%", "--json", "-")
    result = json.loads(done.out)
    failed = {
        row["scenario"]: (row["base"], row["head"]) for row in result["rows"] if row["metric"] == "http_req_failed"
    }
    assert failed == {"gaze": (0, 0), "look": (0, 0)}, result["reasons"]
    assert shop.left() == NOTHING


@pytest.mark.parametrize(
    ("ref", "words"), [("mian", "did you mean ref:main?"), ("HEAD~9", "not that long"), ("-x", "names no ref")]
)
def test_a_ref_that_is_not_there_starts_nothing(shop: Shop, ref: str, words: str) -> None:
    done = shop.perfgate("duet", "ref:HEAD", f"ref:{ref}", *BRIEF)
    assert done.code == 2
    assert words in done.err
    assert shop.left() == NOTHING


# It answers who asks whether it is ready, 5 requests of the warm-up, 45 of nine rounds, and some of the last.
COUNTING = SERVE.replace("sum(range(WORK))", "next(left, None) or die()").replace(
    "WORK = 1_000", "left = iter([1] * 53)"
)
COUNTED = """
from perfgate import scenario

@scenario(vus=1, iterations=50)
def look(user):
    user.get("/")
"""


def test_one_that_dies_in_the_last_of_its_rounds_is_not_green(shop: Shop) -> None:
    """No round comes after it that would find it gone, and one round in ten that is invalid is no more than a note."""
    (shop.folder / "scenarios/look.py").write_text(COUNTED)
    shop.commit(COUNTING)
    done = shop.perfgate("run", "--target", "ref:HEAD", "--json", "-")
    notes = [note["message"] for note in json.loads(done.out)["validity"]]
    assert done.code == 3, done.err
    assert "1 of 10 rounds are invalid: the service ref:HEAD ended during the round; the last it said: out of pets" in (
        notes
    )
    assert "ref:HEAD is gone, and so nothing more was measured; the last it said: out of pets" in notes
    assert shop.left() == NOTHING


def test_one_that_dies_while_both_sides_are_loaded_at_once_ends_the_duet(shop: Shop) -> None:
    """The sides are loaded without a break, so that no round begins which would find it gone."""
    (shop.folder / "scenarios/look.py").write_text(SCENARIO.replace('user.get("/")', 'user.get("/"); user.think(0.05)'))
    one = "ref:HEAD~1"
    with shop.begin("duet", one, one, "--duration", "60s", "--budget", "60s", "--json", "-") as process:
        until_measuring(process)
        shop.processes()[0].send_signal(signal.SIGUSR1)
        out, _ = process.communicate(timeout=60)
    result = json.loads(out)
    assert (process.returncode, result["verdict"]) == (3, "invalid")
    assert [method["at_once"] for method in result["methods"]] == [True]
    gone = "ref:HEAD~1 is gone, and so nothing more was measured; the last it said: out of pets"
    assert gone in [note["message"] for note in result["validity"]]
    assert shop.left() == NOTHING


def test_one_that_dies_makes_the_round_invalid_and_shows_its_log(shop: Shop) -> None:
    with shop.begin("run", "--target", "ref:HEAD", *BRIEF, "--duration", "60s", "--verbose") as process:
        said = until_measuring(process)
        (service,) = shop.processes()
        service.send_signal(signal.SIGUSR1)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 3
    # Within a round or between two of them: both are told with its last words.
    assert re.search("ref:HEAD (ended during the round|is gone, and so nothing more was measured); the last", out), out
    assert "The service ref:HEAD has ended. The last lines of its log:\nout of pets" in said + err
    assert shop.left() == NOTHING


@pytest.mark.parametrize(
    ("moment", "ending"),
    [
        ("building", signal.SIGINT),
        ("building", signal.SIGTERM),
        ("waiting", signal.SIGINT),
        ("measuring", signal.SIGTERM),
        ("measuring", signal.SIGHUP),
    ],
)
def test_whoever_interrupts_it_finds_nothing_left(shop: Shop, moment: str, ending: signal.Signals) -> None:
    serve = f"{QUOTED_PYTHON} serve.py {{port}}"
    reached = shop.folder.parent / "reached"
    if moment == "building":
        shop.configure(f"build_command = \"sh -c 'touch {reached}; sleep 60'\"\n")
    elif moment == "waiting":
        settings = SETTINGS.replace(serve, f"sh -c 'touch {reached}; sleep 60'")
        (shop.folder / "perfgate.toml").write_text(settings)
    with shop.begin("duet", "ref:HEAD~1", "ref:HEAD", "--duration", "60s") as process:
        if moment == "measuring":
            until_measuring(process)
        else:
            until(reached.exists)
        assert shop.left() != NOTHING
        process.send_signal(ending)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert shop.left() == NOTHING


def test_who_interrupts_twice_gets_force_at_once(shop: Shop) -> None:
    reached, asked = shop.folder.parent / "reached", shop.folder.parent / "asked"
    stubborn = f"trap 'touch {asked}' TERM; touch {reached}; while :; do sleep 1; done"
    (shop.folder / "perfgate.toml").write_text(SETTINGS.replace(f"{QUOTED_PYTHON} serve.py {{port}}", stubborn))
    with shop.begin("run", "--target", "ref:HEAD") as process:
        until(reached.exists)
        process.send_signal(signal.SIGINT)
        until(asked.exists)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert shop.left() == NOTHING


def test_what_a_killed_one_left_is_gone_after_the_next_start(shop: Shop) -> None:
    with shop.begin("duet", "ref:HEAD~1", "ref:HEAD", "--duration", "60s") as process:
        until_measuring(process)
        services = shop.processes()
        process.kill()
        process.communicate(timeout=60)
    # Its processes may be gone by now: whoever measures a commit on this machine sweeps them.
    _, folders, worktrees = shop.left()
    assert (len(services), len(folders), len(worktrees)) == (2, 2, 2)
    done = shop.perfgate("run", "--target", "ref:HEAD", *BRIEF, "--duration", "200ms", "--quiet")
    assert done.code in (0, 3), done.err
    assert shop.left() == NOTHING


def test_without_a_service_in_the_configuration_the_hint_is_named(shop: Shop) -> None:
    os.unlink(shop.folder / "perfgate.toml")
    done = shop.perfgate("run", "--target", "ref:HEAD", *BRIEF)
    assert done.code == 2
    assert "[service]" in done.err


def test_a_build_that_installs_over_the_other_side_is_refused(shop: Shop) -> None:
    """From its second instance on, base would be head."""
    shared = shop.folder.parent / "installed.py"
    serve = SETTINGS.replace(f"{QUOTED_PYTHON} serve.py", f"{QUOTED_PYTHON} {shared}")
    (shop.folder / "perfgate.toml").write_text(f'{serve}build_command = "cp --remove-destination serve.py {shared}"\n')
    done = shop.perfgate(*DUET, "--budget", "3s")
    assert done.code == 3, done.err
    assert f"the build of ref:HEAD has replaced {shared}, which the other side runs, too" in done.err
    assert shop.left() == NOTHING
