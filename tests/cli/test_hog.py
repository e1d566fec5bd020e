"""Another process that takes the service's CPU while head is measured must not make head guilty."""

import json
import subprocess
import sys

from tests.support.command import BRIEF, COMMAND, SHORT_WARM_UP, environment
from tests.support.paths import TESTS

HOG = TESTS / "support" / "hog.py"


def test_a_hog_that_runs_only_while_head_does_is_never_a_regression(folder):
    (folder / "perfgate.toml").write_text(f"[measure]\n{SHORT_WARM_UP}")
    command = [*COMMAND, "duet", "petstore", "petstore?seed=2", *BRIEF, "--round", "0.25s", "--budget", "10s"]
    # The hog slows head down by far more than the margin, which most of what neighbours do stays below.
    perfgate = subprocess.Popen(
        [*command, "--margin", "10%", "--json", "-", "--quiet"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    hog = subprocess.Popen([sys.executable, HOG, "while", str(perfgate.pid), "--seed=2", "60"])
    out, _ = perfgate.communicate(timeout=120)
    hog.wait(timeout=60)
    result = json.loads(out)
    # On a quiet machine it is invalid, since others took CPU from head alone. Where neighbours take it from both, the
    # hog may change little. It never fails.
    assert perfgate.returncode in (0, 3), result["reasons"]
