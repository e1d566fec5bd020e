"""Containers on the command line: side by side, with faults, interrupted and killed; nothing is ever left."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import docker
import pytest

from perfgate.service.containers.engine import OWNER_LABEL
from perfgate.service.containers.sweep import sweep
from perfgate.service.owner import owner_in
from tests.containers.conftest import BASE
from tests.support.command import QUICK, assert_no_traceback
from tests.support.paths import ROOT, TESTS

MAIN = "from perfgate.cli import main; main()"
INTERRUPTIBLE = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {MAIN}"
WITHOUT_SDK = f"import sys; sys.modules['docker'] = None; {MAIN}"

SCENARIO = """
from perfgate import scenario

@scenario(vus=2, duration="2s")
def hello(user):
    user.check("answered", user.get("/").status_code == 200)
"""
# So many requests a second however fast the machine is: what wears out is counted in requests.
PACED = """
from perfgate import scenario

@scenario(rate=200, pre_allocated_vus=20, duration="4s")
def hello(user):
    user.check("answered", user.get("/").status_code == 200)
"""
QUIET = f'{QUICK}round = "200ms"\n'
DATABASE = (TESTS / "support" / "strange_database.py").read_text()
ASKING = """
import http.server, socket, sys
database = socket.create_connection((sys.argv[1], 7000))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        database.sendall(b"q")
        database.recv(1)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("0.0.0.0", 8000), Handler)
print("ready")
server.serve_forever()
"""
LONG = ["--duration", "60s", "--round", "500ms"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one scenario and a configuration that lets neighbours do what they like."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "hello.py").write_text(SCENARIO)
    (tmp_path / "perfgate.toml").write_text(QUIET)
    return tmp_path


def start(folder: Path, *arguments: str, code: str = MAIN, **variables: str) -> subprocess.Popen[str]:
    """perfgate as a process of its own, in that folder."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code, and all that it wrote, as one line."""
    out, err = process.communicate(timeout=120)
    assert_no_traceback(err)
    return process.returncode, " ".join((out + err).split())


def service(folder: Path, text: str) -> None:
    (folder / "perfgate.toml").write_text(f"{QUIET}\n[service]\n{text}\n")


def result(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return found


def of_owner(engine: docker.DockerClient, pid: int) -> list[docker.models.containers.Container]:
    """The running containers of the perfgate with that number."""
    found = engine.containers.list(filters={"label": OWNER_LABEL})
    return [one for one in found if (owner := owner_in(one.labels[OWNER_LABEL])) and owner.pid == pid]


def wait_for(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain")


def until_measuring(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    said = ""
    while "measuring" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line


def test_two_images_are_measured_side_by_side(folder: Path, service_image: str) -> None:
    target = f"image:{service_image}"
    wide = ["--margin", "50%"]
    code, said = ended(start(folder, "duet", target, target, *wide, "--budget", "5s", "--json", "result.json"))
    # An A/A duet on a machine that does other things too may stay open, but never turns red.
    assert code in (0, 3), said
    rows = {(row["metric"], row["stat"]): row for row in result(folder)["rows"] if row["request"] is None}
    assert rows["service_cpu", "value"]["base"] > 0
    assert rows["service_memory", "value"]["head"] > 2e6
    assert result(folder)["head"]["target"] == target


def test_a_container_that_runs_already_is_measured_and_left_running(
    folder: Path, engine: docker.DockerClient, service_image: str
) -> None:
    container = engine.containers.run(service_image, detach=True, ports={"8080/tcp": ("127.0.0.1", None)})
    try:
        service(folder, 'reset = "POST /reset"')
        container.reload()
        (published,) = container.ports["8080/tcp"]
        url = f"http://127.0.0.1:{published['HostPort']}"
        code, said = ended(start(folder, "run", "--target", url, "--json", "result.json", "--history", "runs.db"))
        assert code == 0, said
        container.reload()
        assert container.status == "running"
    finally:
        container.remove(force=True)
    row = next(row for row in result(folder)["rows"] if row["metric"] == "service_cpu")
    assert row["head"] > 0
    _, shown = ended(start(folder, "history", "show", "latest", "--history", "runs.db"))
    assert "service" in shown


def test_other_containers_on_the_machine_are_noted(
    folder: Path, engine: docker.DockerClient, service_image: str
) -> None:
    other = engine.containers.run(service_image, detach=True)
    try:
        _, said = ended(start(folder, "run", "--target", f"image:{service_image}", "--verbose"))
    finally:
        other.remove(force=True)
    assert "other containers ran on this machine" in said


def test_a_container_that_the_service_needs_is_no_other_one(folder: Path, engine: docker.DockerClient) -> None:
    """Though nobody named it."""
    name = f"a-database-{secrets.token_hex(4)}"  # by which it would be listed first
    listening = DATABASE.replace('("127.0.0.1", 0)', '("0.0.0.0", 7000)')
    with ExitStack() as stack:

        def run(*words: str, **options: Any) -> str:
            running = engine.containers.run(BASE, ["python3", "-u", "-c", *words], detach=True, **options)
            stack.callback(running.remove, force=True)
            while not running.logs():
                time.sleep(0.05)
            running.reload()
            (network,) = running.attrs["NetworkSettings"]["Networks"].values()
            return str(network["IPAddress"])

        address = run(ASKING, run(listening, name=name))
        code, said = ended(start(folder, "run", "--target", f"http://{address}:8000", "--json", "result.json"))
    assert code == 0, said
    assert any(row["metric"].startswith("dependency_cpu") for row in result(folder)["rows"])
    assert name not in json.dumps(result(folder)["validity"])


@pytest.mark.parametrize("reset", ["'POST /reset'", "['curl', '-sf', '-X', 'POST', '{url}/reset']"])
def test_a_service_that_wears_out_is_set_back_before_every_round(folder: Path, service_image: str, reset: str) -> None:
    if "curl" in reset and not shutil.which("curl"):
        pytest.skip("there is no curl")
    (folder / "scenarios/hello.py").write_text(PACED)
    # Half of what is sent in all, and twenty times what a round sends.
    service(folder, f"reset = {reset}\nenv = {{ DIE_AFTER = 400 }}")
    code, said = ended(
        start(folder, "run", "--target", f"image:{service_image}", "--round", "100ms", "--json", "result.json")
    )
    assert code == 0, said
    assert result(folder)["summary"][0]["requests"] > 400


@pytest.mark.parametrize(
    ("reset", "words"),
    [
        ("POST /broken", "POST /broken answered 500"),
        ("false", "false: exit code 1"),
        ("nosuch", "nosuch could"),
    ],
)
def test_a_reset_that_fails_is_told(folder: Path, service_image: str, reset: str, words: str) -> None:
    service(folder, f'reset = "{reset}"')
    code, said = ended(start(folder, "run", "--target", f"image:{service_image}"))
    assert code == 3
    assert words in said
    assert "mend reset under [service]" in said


def test_a_service_that_dies_under_load_has_its_log_shown(folder: Path, service_image: str) -> None:
    service(folder, "env = { DIE_AFTER = 20_000 }\n")
    target = f"image:{service_image}"
    code, said = ended(start(folder, "run", "--target", target, "--verbose", *LONG))
    assert code == 3, said
    assert f"The service {target} has ended. The last lines of its log: listening the last straw" in said
    assert f"{target} is gone, and so nothing more was measured; the last it said: the last straw" in said


def test_a_service_that_dies_while_it_is_warmed_up_has_its_log_shown(folder: Path, service_image: str) -> None:
    service(folder, "env = { DIE_AFTER = 50 }\n")
    target = f"image:{service_image}"
    code, said = ended(start(folder, "run", "--target", target, *LONG))
    assert code == 3, said
    assert f"The service {target} has ended. The last lines of its log: listening the last straw" in said
    assert f"{target} is gone, and so nothing more was measured" in said


def test_a_service_that_is_killed_makes_the_rounds_invalid(
    folder: Path, engine: docker.DockerClient, service_image: str
) -> None:
    running = start(folder, "run", "--target", f"image:{service_image}", *LONG)
    until_measuring(running)
    (container,) = of_owner(engine, running.pid)
    container.kill()
    code, said = ended(running)
    assert code == 3, said
    assert "is gone" in said


def test_a_service_that_does_not_become_ready_ends_with_3(folder: Path, service_image: str) -> None:
    service(folder, 'env = { FAULT = "busy" }\nready_timeout = "6s"')
    code, said = ended(start(folder, "duet", "petstore", f"image:{service_image}"))
    assert code == 3
    assert "the last answer was 503 The last lines of its log: listening Hint: see what it wrote" in said


def test_without_the_sdk_the_command_that_installs_it_is_shown(folder: Path) -> None:
    code, said = ended(start(folder, "run", "--target", "image:shop", code=WITHOUT_SDK))
    assert code == 2
    assert "pip install 'perfgate[docker]'" in said


def test_without_an_engine_the_exit_code_is_3(folder: Path) -> None:
    code, said = ended(start(folder, "run", "--target", "image:shop", DOCKER_HOST=f"unix://{folder}/docker.sock"))
    assert code == 3
    assert "no Docker Engine answers" in said


@pytest.mark.parametrize("moment", [0.0, 3.0])
def test_ctrl_c_removes_what_was_started(
    folder: Path, engine: docker.DockerClient, service_image: str, moment: float
) -> None:
    target = f"image:{service_image}"
    running = start(folder, "duet", target, target, *LONG, code=INTERRUPTIBLE)
    wait_for(lambda: of_owner(engine, running.pid))
    time.sleep(moment)
    running.send_signal(signal.SIGINT)
    code, said = ended(running)
    assert code == 130, said
    assert of_owner(engine, running.pid) == []


def test_what_a_killed_perfgate_left_is_swept_at_the_next_start(
    folder: Path, engine: docker.DockerClient, service_image: str
) -> None:
    target = f"image:{service_image}"
    killed = start(folder, "run", "--target", target, *LONG)
    assert len(wait_for(lambda: of_owner(engine, killed.pid))) == 1
    killed.kill()
    killed.communicate()
    beside = start(folder, "run", "--target", target, *LONG)
    wait_for(lambda: of_owner(engine, beside.pid))
    assert of_owner(engine, killed.pid) == []
    sweep(engine)
    assert len(of_owner(engine, beside.pid)) == 1, "its owner lives"
    beside.send_signal(signal.SIGTERM)
    ended(beside)


def test_the_scenarios_run_against_the_petstore_in_a_container(folder: Path, petstore_image: str) -> None:
    shutil.rmtree(folder / "scenarios")
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    arguments = ["run", "--target", f"image:{petstore_image}", "--duration", "2s", "--json", "result.json"]
    code, said = ended(start(folder, *arguments, "--vus", "5"))
    assert code == 0, said
    measured = {row["scenario"] for row in result(folder)["rows"]}
    assert measured == {"create_pet", "order_pet", "create_user", "login_user"}
    assert all(threshold["passed"] for threshold in result(folder)["thresholds"])
