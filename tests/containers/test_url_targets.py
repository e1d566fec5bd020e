"""URLs of containers that somebody else started: read and kept on their CPUs, and put back as they were."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import docker
import psutil
import pytest
import requests
from docker.models.containers import Container

from perfgate.machine.cpus import read_cpus
from perfgate.service.containers.sweep import sweep
from perfgate.service.opening import open_target
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target
from perfgate.service.url import UrlService

FIRST, LAST = read_cpus().available[0], read_cpus().available[-1]

Start = Callable[..., Container]


@pytest.fixture
def start(engine: docker.DockerClient, service_image: str) -> Iterator[Start]:
    """start(...) is a running container of the test service, as somebody else would start it."""
    started: list[Container] = []

    def start_container(**options: object) -> Container:
        container = engine.containers.run(service_image, detach=True, **options)
        started.append(container)
        deadline = time.monotonic() + 30
        while b"listening" not in container.logs() and time.monotonic() < deadline:
            time.sleep(0.05)
        container.reload()
        return container

    yield start_container
    for container in started:
        container.remove(force=True)


def published(container: Container) -> str:
    (place,) = container.ports["8080/tcp"]
    return f"http://127.0.0.1:{place['HostPort']}"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


def own_address(container: Container) -> str:
    return f"http://{container.attrs['NetworkSettings']['IPAddress']}:8080"


def opened(url: str, *cpus: int) -> UrlService:
    service = open_target(parse_target(url), LaunchContext(cpus=cpus))
    assert isinstance(service, UrlService)
    return service


def cpus_of(container: Container) -> list[int]:
    container.reload()
    return psutil.Process(container.attrs["State"]["Pid"]).cpu_affinity()


@pytest.mark.parametrize("url_of", [published, own_address])
def test_a_container_behind_a_url_is_read(start: Start, url_of: Callable[[Container], str]) -> None:
    container = start(ports={"8080/tcp": ("127.0.0.1", None)}, environment={"WORK": "300000"})
    with opened(url_of(container)) as service:
        before = service.instance.usage()
        requests.get(service.instance.url, timeout=30)
        after = service.instance.usage()
        assert after.cpu_seconds - before.cpu_seconds > 0.01
        assert 2e6 < after.memory_bytes < 100e6
        assert service.instance.logs() == "listening"
        assert service.instance.cpus == ()
    container.reload()
    assert container.status == "running"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can see who listens")
def test_a_container_on_the_network_of_this_machine_is_found_by_who_listens(start: Start) -> None:
    start(ports={"8080/tcp": ("127.0.0.1", None)})
    start(network_mode="host", environment={"PORT": free_port()})
    port = free_port()
    container = start(network_mode="host", environment={"PORT": port})
    with opened(f"http://localhost:{port}", LAST) as service:
        assert cpus_of(container) == [LAST]
        assert service.instance.usage() is not None


def test_a_url_that_a_process_listens_at_is_read_and_pinned(start: Start) -> None:
    start(ports={"8080/tcp": ("127.0.0.1", None)})
    with (
        open_target(parse_target("petstore"), LaunchContext()) as petstore,
        opened(petstore.instance.url, LAST) as service,
    ):
        assert service.instance.container == ""
        assert service.instance.usage() is not None
        assert service.instance.cpus == (LAST,)


def test_a_port_that_is_published_elsewhere_is_another_one(start: Start) -> None:
    gateway = start().attrs["NetworkSettings"]["Gateway"]
    with open_target(parse_target("petstore"), LaunchContext()) as petstore:
        port = int(petstore.instance.url.rpartition(":")[2])
        container = start(ports={"8080/tcp": (gateway, port)})
        with opened(petstore.instance.url) as service:
            assert service.instance.container == ""
        with opened(f"http://{gateway}:{port}") as service:
            assert service.instance.container == container.id


@pytest.mark.parametrize("before", ["", str(FIRST)])
def test_its_cpu_set_is_put_back_as_it_was(start: Start, before: str) -> None:
    container = start(ports={"8080/tcp": ("127.0.0.1", None)}, cpuset_cpus=before)
    was = cpus_of(container)
    with opened(published(container), LAST) as service:
        assert cpus_of(container) == [LAST]
        assert service.instance.cpus == (LAST,)
    assert cpus_of(container) == was


def test_both_sides_may_be_the_same_container(start: Start) -> None:
    container = start(ports={"8080/tcp": ("127.0.0.1", None)})
    was = cpus_of(container)
    with opened(published(container), LAST) as base:
        with opened(own_address(container), LAST) as head:
            assert base.instance.container == head.instance.container == container.id
            assert head.instance.cpus == (LAST,)
        assert cpus_of(container) == [LAST]
    assert cpus_of(container) == was


def test_the_cpu_set_that_a_killed_perfgate_left_is_put_back_at_the_next_start(
    engine: docker.DockerClient, start: Start
) -> None:
    container = start(ports={"8080/tcp": ("127.0.0.1", None)})
    was = cpus_of(container)
    code = f"""
import time
from perfgate.service.opening import open_target
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target
open_target(parse_target({published(container)!r}), LaunchContext(cpus=({LAST},)))
print("open", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as killed:
        killed.stdout.readline()
        assert cpus_of(container) == [LAST]
        killed.send_signal(signal.SIGKILL)
    sweep(engine)
    assert cpus_of(container) == was


def test_a_container_that_was_restarted_is_not_the_same_service(start: Start) -> None:
    port = free_port()
    container = start(ports={"8080/tcp": ("127.0.0.1", port)})
    with opened(f"http://127.0.0.1:{port}") as service:
        assert service.instance.alive()
        container.restart(timeout=0)
        assert not service.instance.alive()


def test_a_container_that_stopped_has_used_nothing_more(start: Start) -> None:
    container = start(ports={"8080/tcp": ("127.0.0.1", None)})
    with opened(published(container), LAST) as service:
        container.kill()
        container.wait()
        assert service.instance.usage() is None
        assert not service.instance.alive()
        assert service.instance.logs() == "listening"
