"""Ctrl-C is heard at any moment."""

import signal
import subprocess
import sys

import pytest

from tests.support.command import environment

# The signal comes where Python can raise nothing, in the callback of a weak reference, or in a finalizer.
DROPPED = {
    "callback": "r = weakref.ref(a, lambda _: signal.raise_signal(signal.{name})); del a",
    "finalizer": "A.__del__ = lambda _: signal.raise_signal(signal.{name}); del a",
}
SCRIPT = """
import signal, sys, time, weakref
from perfgate.cli import app, main

class A: pass
a = A()

def run(**_):
    global a
    {dropped}
    time.sleep(30)

app.perfgate.main = run
main(["run"])
"""


def run(script):
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=25, check=False)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("where", sorted(DROPPED))
def test_an_interruption_that_comes_where_nothing_can_be_raised_is_not_lost(name, where):
    script = SCRIPT.format(dropped=DROPPED[where].format(name=name))
    start = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    done = run(start + script)
    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr == "Interrupted. What was started is stopped, what was measured is kept.\n"


def test_what_else_is_dropped_is_still_told():
    script = (
        "from perfgate.cli.interrupts import heed_dropped_interrupts\nheed_dropped_interrupts()\n"
        "class A:\n    def __del__(self):\n        raise ValueError('lost')\nA()\nprint('goes on')"
    )
    done = run(script)
    assert done.stdout == "goes on\n"
    assert "ValueError: lost" in done.stderr
    assert "\nTraceback" in done.stderr
