"""`image:` targets against a real engine: started, limited, awaited, read and removed."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import psutil
import pytest
import requests

from perfgate.errors import ExitCode, TargetError, UsageError
from perfgate.machine.cpus import read_cpus
from perfgate.service.containers import own_network
from perfgate.service.containers import usage as container_usage
from perfgate.service.containers.cgroup import Cgroup
from perfgate.service.containers.engine import OWNER_LABEL
from perfgate.service.opening import open_target
from perfgate.service.own_service import OwnService
from perfgate.service.owner import this_process
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import parse_target
from tests.support.command import INTERRUPTIBLE, assert_no_traceback, environment

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else, or see all files")


@contextmanager
def opened(image: str, cpus: tuple[int, ...] = (), **settings: Any) -> Iterator[OwnService]:
    """The service of an image, with these settings."""
    opening = LaunchContext(ServiceSettings(**settings), cpus)
    with open_target(parse_target(f"image:{image}"), opening) as service:
        assert isinstance(service, OwnService)
        yield service


def refused(image: str, **settings: Any) -> TargetError:
    """Why the service of an image could not be opened."""
    with pytest.raises(TargetError) as caught, opened(image, **settings):
        pass
    assert caught.value.hint
    assert caught.value.exit_code is ExitCode.NO_VERDICT
    return caught.value


def running(engine: docker.DockerClient) -> docker.models.containers.Container:
    """The one container of this process."""
    (found,) = engine.containers.list(filters={"label": f"{OWNER_LABEL}={this_process()}"})
    return found


def test_an_image_is_started_as_it_is_told_and_removed_again(engine: docker.DockerClient, service_image: str) -> None:
    last = read_cpus().available[-1]
    with opened(service_image, (last,), path="/shop", memory=64 * 2**20, env={"COLOUR": "blue"}) as service:
        container = running(engine)
        assert service.instance.url.endswith(":8080/shop")
        assert requests.get(service.instance.url, timeout=10).text == "hello"
        assert service.instance.alive()
        assert service.instance.cpus == (last,)
        assert psutil.Process(container.attrs["State"]["Pid"]).cpu_affinity() == [last]
        assert container.attrs["HostConfig"]["Memory"] == 64 * 2**20
        assert "COLOUR=blue" in container.attrs["Config"]["Env"]
        assert container.attrs["Config"]["Healthcheck"] == {"Test": ["NONE"]}
        (published,) = container.ports["8080/tcp"]
        assert published["HostIp"] == "127.0.0.1"
    assert not service.instance.alive()
    assert service.instance.logs() == "listening"
    service.stop()


def test_another_instance_is_another_container(engine: docker.DockerClient, service_image: str) -> None:
    last = read_cpus().available[-1]
    with opened(service_image, (last,)) as service:
        first = running(engine).id
        for _ in range(3):
            requests.get(service.instance.url, timeout=10)
        service.renew()
        second = running(engine)
        assert second.id == service.instance.container != first
        assert psutil.Process(second.attrs["State"]["Pid"]).cpu_affinity() == [last]
        assert requests.get(f"{service.instance.url}/count", timeout=10).text == "1", "asked whether it is ready"
        assert service.instance.usage().cpu_seconds > 0
    assert not engine.containers.list(all=True, filters={"label": f"{OWNER_LABEL}={this_process()}"})


def test_two_images_stand_side_by_side(engine: docker.DockerClient, service_image: str) -> None:
    with opened(service_image) as one, opened(service_image) as other:
        requests.get(one.instance.url, timeout=10)
        counts = [requests.get(f"{service.instance.url}/count", timeout=10).text for service in (one, other)]
    assert counts == ["2", "1"], "one request of ours, and one each to see whether they are ready"


def test_cpu_time_and_peak_memory_are_read(service_image: str) -> None:
    with opened(service_image, env={"WORK": "300000"}) as service:
        before = service.instance.usage()
        for _ in range(3):
            requests.get(service.instance.url, timeout=30)
        after = service.instance.usage()
    assert after.cpu_seconds - before.cpu_seconds > 0.03, "300,000 rounds of HMAC three times over"
    assert 2e6 < before.memory_bytes < 100e6
    assert service.instance.usage() is None


def test_memory_that_is_held_counts(service_image: str) -> None:
    with opened(service_image) as small, opened(service_image, env={"BALLAST": "40"}) as large:
        usages = [service.instance.usage() for service in (small, large)]
    assert usages[1].memory_bytes - usages[0].memory_bytes == pytest.approx(40e6, abs=4e6)


def test_the_kernel_and_the_engine_agree(engine: docker.DockerClient, service_image: str) -> None:
    with opened(service_image, env={"WORK": "1000000"}) as service:
        requests.get(service.instance.url, timeout=30)
        stats = running(engine).stats(stream=False, one_shot=True)
        usage = service.instance.usage()
    assert usage.cpu_seconds == pytest.approx(stats["cpu_stats"]["cpu_usage"]["total_usage"] * 1e-9, rel=0.05, abs=0.02)


def test_both_versions_of_control_groups_tell_the_same_cpu_time(
    engine: docker.DockerClient, service_image: str
) -> None:
    with opened(service_image, env={"WORK": "1000000"}) as service:
        second = Path("/sys/fs/cgroup/unified/docker") / running(engine).id
        if not second.exists():
            pytest.skip("this machine has one version of them alone")
        requests.get(service.instance.url, timeout=30)
        told = Cgroup(2, second, second).cpu_seconds()
        assert service.instance.usage().cpu_seconds == pytest.approx(told, rel=0.02, abs=0.02)


def test_where_the_files_cannot_be_seen_the_engine_is_asked(
    service_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container_usage, "find_cgroup", lambda *_: None)
    with opened(service_image, env={"WORK": "4000000", "BALLAST": "30"}) as service:
        requests.get(service.instance.url, timeout=30)
        usage = service.instance.usage()
    assert usage.cpu_seconds > 0.1
    assert 30e6 < usage.memory_bytes < 100e6
    assert service.instance.usage() is None


def test_connections_alone_can_mean_ready(service_image: str) -> None:
    with opened(service_image, ready="tcp") as service:
        assert requests.get(f"{service.instance.url}/count", timeout=10).text == "0", "nothing was asked"


def test_a_service_that_exits_at_once_is_shown_with_its_last_50_lines(service_image: str) -> None:
    error = refused(service_image, env={"FAULT": "exit"})
    assert "exit code 3" in error.message
    assert "line 59" in error.message
    assert "line 10\n" in error.message
    assert "line 9\n" not in error.message


def test_a_service_that_never_listens_is_given_up(service_image: str) -> None:
    error = refused(service_image, env={"FAULT": "deaf"}, ready_timeout=6.0)
    assert "not ready within 6s: the last attempt failed: Connection refused" in error.message
    assert "I am not listening" in error.message


def test_a_service_that_is_never_ready_is_shown_with_its_last_answer(service_image: str) -> None:
    error = refused(service_image, env={"FAULT": "busy"}, ready_timeout=6.0)
    assert "the last answer was 503" in error.message
    assert "listening" in error.message


def test_a_service_that_cannot_listen_is_told_in_its_own_words(service_image: str) -> None:
    error = refused(service_image, env={"PORT": "-1"})
    assert "exit code 1" in error.message
    assert "port must be 0-65535" in error.message


def test_too_little_memory_is_told(service_image: str) -> None:
    error = refused(service_image, env={"BALLAST": "200"}, memory=32 * 2**20)
    assert "out of memory" in error.message


def test_cpus_that_the_engine_does_not_have_are_refused(service_image: str) -> None:
    with pytest.raises(TargetError, match=r"could not be started: .*CPU"), opened(service_image, (1023,)):
        pass


@pytest.mark.parametrize("port", [None, 8080])
def test_an_image_that_nobody_has_is_refused(port: int | None) -> None:
    error = refused("perfgate-test-there-is-none:1", port=port)
    assert "not on this machine, and pulling it failed" in error.message


def test_an_image_that_exposes_no_port_needs_one_in_the_settings(service_image: str) -> None:
    with pytest.raises(UsageError, match="exposes no port") as caught, opened("perfgate-test-base"):
        pass
    assert "port = 8080" in caught.value.hint


@needs_root
def test_a_log_that_never_ends_stays_small_on_disk(engine: docker.DockerClient, service_image: str) -> None:
    with opened(service_image, env={"FAULT": "flood"}) as service, requests.Session() as session:
        for _ in range(1_200):
            session.get(service.instance.url, timeout=30)
        log = Path(running(engine).attrs["LogPath"])
        written = sum(file.stat().st_size for file in log.parent.glob(f"{log.name}*"))
        assert len(service.instance.logs().splitlines()) == 50
    assert 2e6 < written < 9e6, "of 12 MB"


def test_without_an_engine_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    assert "no Docker Engine answers" in refused("shop").message


def test_an_engine_on_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    with pytest.raises(UsageError, match=r"DOCKER_HOST leads to 192\.0\.2\.1"), opened("shop"):
        pass


@needs_root
def test_without_permission_it_is_said_how_to_get_it() -> None:
    code = """
import os
from perfgate.service.containers import container
from perfgate.errors import TargetError
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target
os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    container.open_image("shop", parse_target("image:shop"), LaunchContext())
except TargetError as error:
    print(error.message, error.hint)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "this user may not use the Docker Engine" in done.stdout
    assert "group docker" in done.stdout


def test_a_container_reaches_this_machine_under_a_name_that_is_the_same_everywhere(
    engine: docker.DockerClient, service_image: str
) -> None:
    with socket.create_server(("", 0)) as listener, opened(service_image):
        port = listener.getsockname()[1]
        code = f"import socket; socket.create_connection(('host.docker.internal', {port}), 5).close()"
        assert running(engine).exec_run(["python3", "-c", code]).exit_code == 0


def test_one_that_fails_beside_a_service_of_this_machine_is_told_how_that_must_listen(service_image: str) -> None:
    error = refused(service_image, env={"FAULT": "exit", "DATABASE": "postgresql://host.docker.internal/shop"})
    assert error.hint.endswith("must listen on all addresses, not on 127.0.0.1 alone")
    assert "127.0.0.1" not in refused(service_image, env={"FAULT": "exit"}).hint


def test_an_interrupt_while_the_engine_makes_a_container_leaves_none(
    engine: docker.DockerClient, service_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine goes on with what it has begun, whether or not somebody still listens."""
    create = docker.APIClient.create_container

    def interrupted(api: docker.APIClient, *arguments: Any, **options: Any) -> Any:
        answers: list[Any] = []

        def work() -> None:
            time.sleep(0.3)
            answers.append(create(api, *arguments, **options))

        engine_at_work = threading.Thread(target=work)
        engine_at_work.start()
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            threads.append(engine_at_work)
        engine_at_work.join()
        return answers[0]

    threads: list[threading.Thread] = []
    monkeypatch.setattr(docker.APIClient, "create_container", interrupted)
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), opened(service_image):
            pass
    finally:
        signal.signal(signal.SIGINT, previous)
    for thread in threads:
        thread.join()
    assert not engine.containers.list(all=True, filters={"label": f"{OWNER_LABEL}={this_process()}"})


def test_ctrl_c_at_any_moment_leaves_no_container(
    engine: docker.DockerClient, service_image: str, tmp_path: Path
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios/look.py").write_text(
        "from perfgate import scenario\n\n@scenario(vus=1, duration='9s')\ndef look(user):\n    user.get('/')\n"
    )
    command = [*INTERRUPTIBLE, "duet", f"image:{service_image}", f"image:{service_image}"]
    before = {one["Id"] for one in engine.api.containers(all=True)}
    chance = random.Random(7)
    for _ in range(12):
        with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE) as process:
            time.sleep(chance.uniform(0.6, 2.6))
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)[1].decode()
        assert_no_traceback(said)
        assert process.returncode in (130, -signal.SIGINT), said
        assert not [
            one["Names"]
            for one in engine.api.containers(all=True)
            if one["Id"] not in before and f"-{process.pid}-" in f"-{one['Labels'].get(OWNER_LABEL, '')}-"
        ]


def test_a_container_that_cannot_reach_those_that_it_starts_is_refused(
    engine: docker.DockerClient, service_image: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As if this process were in the container of a job, which has a network of its own."""
    network = engine.networks.create(f"perfgate-test-{os.getpid()}")
    job = engine.containers.run(service_image, detach=True, network=network.name)
    (tmp_path / ".dockerenv").touch()
    try:
        monkeypatch.setattr(own_network, "_IN_A_CONTAINER", tmp_path / ".dockerenv")
        monkeypatch.setattr(socket, "gethostname", lambda: job.id[:12])
        with pytest.raises(UsageError) as caught, opened(service_image):
            pass
        assert f"runs in a container on the network {network.name}, which does not reach" in caught.value.message
        engine.networks.get("bridge").connect(job)
        with opened(service_image) as service:
            assert service.instance.alive()
    finally:
        job.remove(force=True)
        network.remove()
