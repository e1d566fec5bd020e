"""perfgate called, or as a process of its own, and how to keep a measurement short."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from perfgate.application.context import Context
from perfgate.cli.app import invoke
from tests.support.paths import ROOT

COMMAND = [sys.executable, "-m", "perfgate"]

# As from a terminal: a shell that runs tests in the background lets its children ignore Ctrl-C, nohup a hang-up, and
# they inherit it.
INTERRUPTIBLE = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "signal.signal(signal.SIGHUP, signal.SIG_DFL); from perfgate.cli import main; main()",
]

# A short measurement: what is tested is not how finely it sees.
BRIEF = ["--round", "0.1s", "--vus", "4"]

# Quick, whatever else runs on the machine: that decides nothing, and no warm-up waits for it to be steady.
SHORT_WARM_UP = 'warm_up = "200ms"\nwarm_up_most = "200ms"\n'
QUICK = f'[measure]\n{SHORT_WARM_UP}foreign_cpu = "100%"\n'

# A margin that no noise gets over, where a neighbour may come and go: what is injected is far beyond it.
WIDE = ["--margin", "50%"]

SCENARIO = """
from perfgate import scenario

@scenario(vus=4, duration="1s", thresholds={"http_req_failed": "rate<50%"})
def create_pet(user):
    response = user.post("/pet", json={"id": user.unique_id(), "name": "doggie", "photoUrls": []})
    user.check("created", response.status_code == 200)
"""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str


def environment():
    # A red gate is explained by itself where a profiler is there; most tests are not about that, and need not wait.
    return {"PERFGATE_EXPLAIN": "no", **os.environ, "PYTHONPATH": str(ROOT)}


def call(*arguments, folder=Path(), **variables):
    """Call a command in this process, with the environment of a test. folder: where it works."""
    out, err = _stream(), _stream()
    with redirect_stdout(out), redirect_stderr(err):
        context = Context(folder, {**environment(), **variables}, lambda line: print(line, file=sys.stderr))
        code = invoke([str(argument) for argument in arguments], context)
    done = Done(int(code), _text(out), _text(err))
    assert_no_traceback(done.err)
    assert "perfgate itself failed" not in done.err, done.err
    return done


def start_and_wait(folder, *arguments, **variables):
    """Run a command as a process of its own in the folder, to its end."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert_no_traceback(done.stderr)
    return Done(done.returncode, done.stdout, done.stderr)


def assert_no_traceback(said):
    """None of perfgate's own: that of a service, quoted from its log, is indented."""
    assert not said.startswith("Traceback"), said
    assert "\nTraceback" not in said, said


def _stream():
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream):
    return stream.buffer.getvalue().decode().replace(os.linesep, "\n")
