"""Containers that nobody named, found by what a service is connected to, across their networks."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager

import docker
import psutil
import pytest

from perfgate.service.attribution.found_dependency import FoundDependency
from perfgate.service.attribution.pinning import Pinning
from tests.containers.conftest import BASE
from tests.support.paths import TESTS
from tests.support.strangers import stranger
from tests.support.watched_services import NamedServer, WatchedService, attribution_of, look_until_found

DATABASE = (TESTS / "support" / "strange_database.py").read_text()
EVERYWHERE = DATABASE.replace('("127.0.0.1", 0)', '("0.0.0.0", 7000)')
CLIENT = """
import socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(100):
        connection.sendall(b"q")
        connection.recv(1)
    print("done", flush=True)
"""


@contextmanager
def container(engine: docker.DockerClient, *command, **options):
    running = engine.containers.run(BASE, ["python3", "-u", "-c", *command], detach=True, **options)
    try:
        deadline = time.monotonic() + 60
        while not running.logs():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        running.reload()
        yield running
    finally:
        running.remove(force=True)


@pytest.fixture
def database(engine):
    with container(engine, EVERYWHERE, ports={"7000/tcp": ("127.0.0.1", None)}) as running:
        yield running


def address_of(running):
    (network,) = running.attrs["NetworkSettings"]["Networks"].values()
    return network["IPAddress"], network["Gateway"]


def port_of(running):
    """The one that it is published at on this machine."""
    return running.attrs["NetworkSettings"]["Ports"]["7000/tcp"][0]["HostPort"]


@contextmanager
def connected(address, port):
    """A process that is connected there."""
    words = [sys.executable, "-c", CLIENT, address, str(port)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout.readline() == "ready\n"
        yield client
        client.stdin.close()


def ask(client):
    """Have it ask a hundred times."""
    client.stdin.write("\n")
    client.stdin.flush()
    assert client.stdout.readline() == "done\n"


@pytest.mark.parametrize("way", ["published port", "own address"])
def test_a_container_is_found_by_a_process_with_its_cpu(database, way):
    address, port = address_of(database)[0], 7000
    if way == "published port":
        address, port = "127.0.0.1", port_of(database)
    with connected(address, port) as client:
        attribution = attribution_of(base=WatchedService(client.pid))
        look_until_found(attribution)
        (found,) = attribution.dependencies("base")
        assert (found.container, found.name) == (database.id, BASE)
        before = found.usage()
        ask(client)
        assert 0.08 < found.usage().cpu_seconds - before.cpu_seconds < 3


def test_a_container_that_is_found_is_pinned_with_its_proxy_until_the_measurement_ends(engine, database):
    cpus = sorted(os.sched_getaffinity(0))
    port = port_of(database)
    with connected("127.0.0.1", port) as client:
        with attribution_of(Pinning((cpus[-1],), {}, print), base=WatchedService(client.pid)) as attribution:
            look_until_found(attribution)
            (found,) = attribution.dependencies("base")
            assert isinstance(found, FoundDependency)
            proxies = [process.pid for process in psutil.process_iter() if process.name() == "docker-proxy"]
            pids = [found.pid or 0, *(pid for pid in proxies if port in psutil.Process(pid).cmdline())]
            assert len(pids) == 2
            assert found.cpus == (cpus[-1],)
            assert [os.sched_getaffinity(pid) for pid in pids] == [{cpus[-1]}] * len(pids)
        assert [sorted(os.sched_getaffinity(pid)) for pid in pids] == [cpus] * len(pids)


def test_what_a_named_container_reached_at_localhost_takes_for_it_is_the_dependencys(engine, database):
    """Its proxy is no neighbour, runs on the CPUs of dependencies, and counts as CPU of the dependency."""
    cpu = max(os.sched_getaffinity(0))
    with connected("127.0.0.1", port_of(database)) as client:
        service = WatchedService(client.pid)
        service.dependencies = (NamedServer("db", (database.attrs["State"]["Pid"],), database.id),)
        with attribution_of(Pinning((cpu,), {}, print), base=service) as attribution:
            attribution.look()
            before, used = attribution.moment(), attribution.usage("base")["db"].cpu_seconds
            for _ in range(20):
                ask(client)
            after = attribution.moment()
            beside = attribution.between(before, after)
            (proxy,) = [one for one in beside.dependencies if one.seconds]
            assert proxy.cpus == {cpu}
            assert attribution.usage("base")["db"].cpu_seconds - used >= proxy.seconds > 0.01
            assert "docker-proxy" not in beside.neighbours


def test_a_container_is_found_by_another_one(engine, database):
    with container(engine, CLIENT, address_of(database)[0], "7000", stdin_open=True) as service:
        attribution = attribution_of(base=WatchedService(service.attrs["State"]["Pid"], service.id))
        look_until_found(attribution)
        assert [one.container for one in attribution.dependencies("base")] == [database.id]


def test_a_process_of_this_machine_is_found_by_a_container(engine, database, tmp_path):
    program, log = tmp_path / "host_database.py", tmp_path / "log"
    program.write_text(re.sub(r'\("127.0.0.1", 0\)', '("0.0.0.0", 0)', DATABASE))
    with stranger(log, [sys.executable, program]) as pid:
        gateway, port = address_of(database)[1], log.read_text().strip()
        with container(engine, CLIENT, gateway, port, stdin_open=True) as service:
            attribution = attribution_of(base=WatchedService(service.attrs["State"]["Pid"], service.id))
            look_until_found(attribution)
            assert [(one.name, one.pid) for one in attribution.dependencies("base")] == [("host_database", pid)]


def test_the_processes_of_a_container_that_is_named_are_no_neighbours(engine):
    """Their CPU is the dependency's already."""
    burning = "open('/proc/self/comm', 'w').write('burning')\nprint(1)\nwhile True: pass"
    with container(engine, burning) as running:
        named = NamedServer("db", (running.attrs["State"]["Pid"],), running.id)
        service = WatchedService(os.getpid())
        spent = []
        for service.dependencies in ((), (named,)):
            attribution = attribution_of(base=service)
            before = attribution.moment()
            time.sleep(0.5)
            spent.append(attribution.between(before, attribution.moment()).neighbours)
    assert [beside.get("burning", 0) > 0.01 for beside in spent] == [True, False]
