"""Locustfiles on the command line, as whoever has one would use it."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from importlib import metadata
from importlib.util import find_spec

import psutil
import pytest

from tests.support.command import INTERRUPTIBLE, WIDE, environment
from tests.support.deciding import decided_command, valid_command

needs_locust = pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed: make engines")

LOCUSTFILE = """
from locust import FastHttpUser, between, task

class Visitor(FastHttpUser):
    wait_time = between(0.005, 0.015)

    @task
    def look(self):
        self.client.get("/pet/findByStatus?status=available", name="/pet/findByStatus")
"""


@pytest.fixture
def locustfile(folder):
    (folder / "visit.py").write_text(LOCUSTFILE)
    return "visit.py"


@pytest.mark.parametrize(
    ("head", "codes", "metric"),
    [
        ("petstore", {0}, None),
        ("petstore?slow=300%", {1}, "service_cpu"),
        ("petstore?errors=20%", {1}, "http_req_failed"),
    ],
)
@pytest.mark.engines
@needs_locust
def test_a_duet_of_a_locustfile_says_what_is_true(perfgate, locustfile, head, codes, metric):
    short = [*WIDE, "--vus", "4", "--round", "0.25s", "--budget", "8s"]
    measure = partial(perfgate, "duet", "petstore", head, locustfile, *short, "--json", "-", "--quiet")
    done = decided_command(measure, metric) if metric else valid_command(measure)
    assert done.code in codes, done.out + done.err
    result = json.loads(done.out)
    red = {row["metric"] for row in result["rows"] if row["verdict"] == "regressed" and row["gated"]}
    assert metric in red if metric else not red
    assert {row["request"] for row in result["rows"]} == {None, "GET /pet/findByStatus"}


@pytest.mark.engines
@needs_locust
def test_ctrl_c_leaves_no_process_of_locust_behind(folder, locustfile):
    gate = subprocess.Popen(
        [*INTERRUPTIBLE, "run", locustfile, "--duration", "60s"],
        cwd=folder,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in gate.stderr:
        if "measuring" in line:
            break
    started = psutil.Process(gate.pid).children(recursive=True)
    assert any("perfgate.load.locustfile.player" in child.cmdline() for child in started)
    os.kill(gate.pid, signal.SIGINT)
    gate.communicate(timeout=30)
    assert gate.returncode == 130
    assert not psutil.wait_procs(started, timeout=30)[1]


@pytest.mark.engines
@needs_locust
def test_the_history_says_which_locust_played(perfgate, locustfile):
    perfgate("run", locustfile, "--duration", "1s")
    assert f"locust {metadata.version('locust')}" in perfgate("history", "show").out


@pytest.mark.engines
@needs_locust
def test_what_is_wrong_with_a_locustfile_is_told_in_one_screen(perfgate, folder):
    (folder / "nobody.py").write_text("from locust import HttpUser\n")
    (folder / "lost.py").write_text("import locust\nimport nothing_like_this\n")
    done = perfgate("run", "nobody.py", "lost.py")
    assert done.code == 2
    assert "nobody.py: there is no user in it" in done.err
    assert "lost.py:2: No module named 'nothing_like_this'" in done.err
    assert len(done.err.splitlines()) < 10


def test_a_locustfile_that_is_no_python_is_told_with_its_line(perfgate, folder):
    (folder / "broken.py").write_text("from locust import HttpUser\nclass A(HttpUser)\n    pass\n")
    done = perfgate("run", "broken.py")
    assert done.code == 2
    assert "broken.py:2: Python cannot read it" in done.err


def test_without_locust_a_locustfile_is_refused_with_the_way_to_get_it(folder, locustfile):
    hidden = "import sys; sys.modules['locust'] = None; from perfgate.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, "run", locustfile],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install 'perfgate[locust]'" in done.stderr


def test_the_gate_itself_never_imports_locust(folder, locustfile):
    watched = (
        "import sys, atexit; from perfgate.cli import main\n"
        "atexit.register(lambda: print('locust' in sys.modules or 'gevent.monkey' in sys.modules))\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", watched, "run", locustfile, "--vus", "1", "--duration", "100ms", "--quiet"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip().endswith("False"), done.stderr
