"""perfgate as a process of its own, and how to keep a measurement short."""

import os
import sys
from dataclasses import dataclass

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
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PERFGATE_", "GITHUB_", "CI"))}
    return {**kept, "PYTHONPATH": str(ROOT)}
