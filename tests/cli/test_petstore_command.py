"""`perfgate petstore` as a person starts it, and ends it with Ctrl-C."""

import signal
import subprocess

import requests

from tests.support.command import INTERRUPTIBLE, environment


def test_the_petstore_serves_with_its_faults_until_ctrl_c(tmp_path):
    command = [*INTERRUPTIBLE, "petstore", "--errors", "100%"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=pipe, stderr=pipe, text=True) as process:
        try:
            said = process.stdout.readline()
            assert said.startswith("The petstore listens at http://127.0.0.1:")
            assert requests.get(f"{said.split()[-1]}/pet/1", timeout=10).status_code == 500
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            process.kill()
        assert process.stderr.read() == ""


def test_a_mistaken_fault_is_told_by_its_option(perfgate):
    done = perfgate("petstore", "--slow", "fast")
    assert done.code == 2
    assert "--slow" in done.err
