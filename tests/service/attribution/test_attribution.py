"""What a service depends on though nobody named it: real processes and real sockets."""

import os
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from perfgate.service.attribution.listener import listener_at
from perfgate.service.attribution.networks import addresses_at
from perfgate.service.attribution.pinning import Pinning
from tests.support.paths import TESTS
from tests.support.strangers import strange_database, stranger
from tests.support.watched_services import NamedServer, WatchedService, attribution_of, look_until_found

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells who is connected to whom")

# Asks the database at each line that it gets, so many times, and answers with a line.
CLIENT = """
import socket, sys
place, fresh = sys.argv[1], "fresh" in sys.argv
def connected():
    if not place.isdigit():
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(place)
        return connection
    return socket.create_connection(("127.0.0.1", int(place)))
pool = connected() if not fresh else None
print("ready", flush=True)
for line in sys.stdin:
    connection = connected() if fresh else pool
    for _ in range(int(line)):
        connection.sendall(b"q")
        connection.recv(1)
    if fresh:
        connection.close()
    print("done", flush=True)
"""


class Client:
    """A service that asks a database."""

    def __init__(self, place, *options):
        self._process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, place, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid
        assert self._process.stdout.readline() == "ready\n"
        if not options:
            self.ask(1)  # until then the other end may not have taken the connection, and nobody knows whose it is

    def ask(self, times):
        self._process.stdin.write(f"{times}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def close(self):
        self._process.communicate()


@contextmanager
def watched(**sides):
    """An attribution of services by side, whose thread does not look: the test says when."""
    attribution = attribution_of(**{side: WatchedService(client.pid) for side, client in sides.items()})
    try:
        yield attribution
    finally:
        attribution._search.close()


@pytest.fixture(params=["tcp", "unix"])
def options(request, tmp_path):
    return ["--unix", str(tmp_path / "db.sock")] if request.param == "unix" else []


@pytest.fixture
def database(tmp_path, options):
    with strange_database(tmp_path, *options) as found:
        yield found


def test_a_server_that_the_service_is_connected_to_is_found_with_its_cpu(database):
    pid, place = database
    with closing(Client(place)) as client, watched(base=client) as attribution:
        assert attribution.dependencies("base") == []
        look_until_found(attribution)
        (found,) = attribution.dependencies("base")
        assert (found.name, found.pid) == ("strange_database", pid)
        before = found.usage()
        client.ask(200)
        time.sleep(0.05)
        assert 0.15 < found.usage().cpu_seconds - before.cpu_seconds < 3
        assert found.usage().memory_bytes > 1_000_000


def test_one_that_is_found_after_rounds_have_begun_is_told_once(database):
    _, place = database
    with closing(Client(place)) as client, watched(base=client) as attribution:
        assert attribution.found_late() == []
        look_until_found(attribution)
        attribution.look()
        assert attribution.found_late() == ["strange_database"]
        assert attribution.found_late() == []


def test_one_that_is_found_in_the_warm_up_of_another_instance_is_not_told(database):
    _, place = database
    with closing(Client(place)) as client, watched(base=client) as attribution:
        assert attribution.found_late() == []
        attribution.load_begins()
        look_until_found(attribution)
        assert attribution.found_late() == []


def test_one_that_is_found_before_is_not(database):
    _, place = database
    with closing(Client(place)) as client, watched(base=client) as attribution:
        look_until_found(attribution)
        assert attribution.found_late() == []
        attribution.look()
        assert attribution.found_late() == []


def test_the_time_of_processes_that_ended_is_not_lost(tmp_path, options):
    with (
        strange_database(tmp_path, *options, "--fork") as (pid, place),
        closing(Client(place, "fresh")) as client,
    ):
        attribution = attribution_of(base=(service := WatchedService(client.pid)))
        with closing(Client(place)) as other:  # a connection that is there when somebody looks
            service.pids = (client.pid, other.pid)
            look_until_found(attribution)
        (found,) = attribution.dependencies("base")
        assert found.pid == pid
        before = found.usage()
        for _ in range(20):
            client.ask(10)
        time.sleep(0.1)
        assert 0.15 < found.usage().cpu_seconds - before.cpu_seconds < 3


def test_connections_that_come_and_go_are_met_by_looking_often(database):
    pid, place = database
    with closing(Client(place, "fresh")) as client, attribution_of(base=WatchedService(client.pid)) as attribution:
        attribution.load_begins()
        deadline = time.monotonic() + 30
        while not attribution.dependencies("base") and time.monotonic() < deadline:
            client.ask(5)
        assert [one.pid for one in attribution.dependencies("base")] == [pid]


def test_a_server_of_both_sides_is_shared_and_one_for_each_is_not(tmp_path, database):
    _, place = database
    with closing(Client(place)) as base, closing(Client(place)) as head, watched(base=base, head=head) as both:
        assert not both.shared_servers(), "nothing was found yet"
        look_until_found(both, "base", "head")
        assert both.shared_servers()
    with (
        strange_database(tmp_path) as (_, elsewhere),
        closing(Client(place)) as base,
        closing(Client(elsewhere)) as head,
        watched(base=base, head=head) as each,
    ):
        look_until_found(each, "base", "head")
        assert not each.shared_servers()
        assert each.dependencies("base")[0].pid != each.dependencies("head")[0].pid


def test_a_server_that_cannot_be_read_is_shared_by_its_address():
    def service(place):
        found = WatchedService(os.getpid())
        found.dependencies = (NamedServer("db", (), shared_place=place),)
        return found

    for place, shared in (("db.example:5432", True), ("db.example:5433", False), ("", False)):
        assert bool(attribution_of(base=service("db.example:5432"), head=service(place)).shared_servers()) is shared
    assert not attribution_of(base=service(""), head=service("")).shared_servers()


def test_what_a_dependency_depends_on_is_one_too(tmp_path, database):
    pid, place = database
    log = tmp_path / "pool.log"
    with (
        stranger(log, [sys.executable, pool_before(place, tmp_path)]) as pool,
        closing(Client(log.read_text().strip())) as client,
        watched(base=client) as found,
    ):
        look_until_found(found, count=2)
        assert {one.pid for one in found.dependencies("base")} == {pool, pid}


def test_what_a_dependency_with_a_name_depends_on_is_one_too(tmp_path, database):
    pid, place = database
    log = tmp_path / "pool.log"
    with (
        stranger(log, [sys.executable, pool_before(place, tmp_path)]) as pool,
        closing(Client(log.read_text().strip())) as client,
    ):
        service = WatchedService(client.pid)
        service.dependencies = (NamedServer("pool", (pool,)),)
        attribution = attribution_of(base=service)
        look_until_found(attribution, count=2)
        assert [one.pid for one in attribution.dependencies("base")] == [pool, pid]


def pool_before(place, folder):
    """A program that holds a connection to a database, and takes those of clients."""
    program = folder / "pool.py"
    program.write_text(
        f"import socket\nout = socket.create_connection(('127.0.0.1', {place}))\n"
        if place.isdigit()
        else f"import socket\nout = socket.socket(socket.AF_UNIX)\nout.connect({place!r})\n"
    )
    with program.open("a") as file:
        file.write("out.sendall(b'q')\nout.recv(1)\n")
        file.write("s = socket.create_server(('127.0.0.1', 0))\nprint(s.getsockname()[1], flush=True)\nheld = []\n")
        file.write("while True: held.append(s.accept()[0]), held[-1].sendall(b'a')\n")
    return program


def test_a_client_of_the_service_is_no_dependency(tmp_path):
    """Nor is the load generator, which is this process and its children."""
    with (
        strange_database(tmp_path) as (service, place),
        closing(Client(place)),
        closing(socket.create_connection(("127.0.0.1", int(place)))),
    ):
        attribution = attribution_of(base=WatchedService(service))
        attribution.look()
        assert attribution.dependencies("base") == []


def test_the_two_services_are_no_dependencies_of_each_other(database):
    pid, place = database
    with closing(Client(place)) as base:
        attribution = attribution_of(base=WatchedService(base.pid), head=WatchedService(pid))
        attribution.look()
        assert attribution.dependencies("base") == []


def test_a_dependency_that_ended_is_one_no_more(tmp_path):
    with strange_database(tmp_path) as (_, place):
        client = Client(place)
        with watched(base=client) as attribution:
            look_until_found(attribution)
            assert len(attribution.dependencies("base")) == 1
            before = attribution.moment()
            os.kill(attribution.dependencies("base")[0].pid, 9)
            time.sleep(0.1)
            assert attribution.dependencies("base") == []
            assert attribution.between(before, attribution.moment()).dependencies == ()
        client.close()


def test_neighbours_are_kept_by_name_and_dependencies_are_none(tmp_path, database):
    _, place = database
    hog = tmp_path / "hog.py"
    hog.write_text("import time\nprint(1, flush=True)\nend = time.time() + 60\nwhile time.time() < end: pass\n")
    with closing(Client(place)) as client, watched(base=client) as attribution:
        look_until_found(attribution)
        before = attribution.moment()
        with stranger(tmp_path / "hog.log", [sys.executable, hog]) as pid:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            client.ask(100)
            time.sleep(0.3)
            beside = attribution.between(before, attribution.moment())
        assert beside.neighbours[name] > 0.05
        (used,) = beside.dependencies
        assert used.seconds > 0.08


@pytest.fixture
def proxy(tmp_path):
    """A process with the name and the words of Docker's proxy, which takes CPU time for each byte that it gets."""
    # Networks of containers come and go meanwhile, and their addresses: this one lasts for the test.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anywhere:
        anywhere.connect(("192.0.2.1", 9))
        address = anywhere.getsockname()[0]
    assert ip_address(address) in addresses_at(os.getpid())
    named = tmp_path / "docker-proxy"
    named.symlink_to(sys.executable)
    words = [named, TESTS / "support" / "strange_database.py", "-host-ip", "127.0.0.1", "-container-ip", address]
    with stranger(tmp_path / "proxy.log", [*words, "-container-port", "7000"]):
        yield (tmp_path / "proxy.log").read_text().strip()


def test_what_forwards_to_a_container_with_a_name_belongs_to_it(proxy):
    """Whoever holds the port."""
    with closing(Client(proxy)) as client:
        service = WatchedService(client.pid)
        service.dependencies = (NamedServer("db", (os.getpid(),), "of this address"),)
        attribution = attribution_of(base=service)
        attribution.load_begins()
        before, used = attribution.moment(), attribution.usage("base")["db"].cpu_seconds
        client.ask(200)
        beside = attribution.between(before, attribution.moment())
        assert "docker-proxy" not in beside.neighbours
        assert sum(one.seconds for one in beside.dependencies) > 0.15
        assert attribution.usage("base")["db"].cpu_seconds - used > 0.15
        assert [one.name for one in attribution.dependencies("base")] == ["db"]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="takes two CPUs")
def test_what_is_found_is_pinned_while_a_measurement_lasts(database):
    pid, place = database
    cpu, *_ = everywhere = sorted(os.sched_getaffinity(0))
    with closing(Client(place)) as client:
        with attribution_of(Pinning((cpu,), {}, print), base=WatchedService(client.pid)) as attribution:
            before = attribution.moment()
            look_until_found(attribution)
            assert sorted(os.sched_getaffinity(pid)) == [cpu]
            (found,) = attribution.dependencies("base")
            assert found.cpus == (cpu,)
            pinned = attribution.moment()
            (since,) = attribution.between(pinned, attribution.moment()).dependencies
            assert since.cpus == {cpu}
            assert attribution.between(before, pinned).dependencies is None, "it was not read before it was found"
        assert sorted(os.sched_getaffinity(pid)) == everywhere


def test_one_that_may_not_be_pinned_is_named_once(database, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    pid, place = database
    said = []
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    with (
        closing(Client(place)) as client,
        attribution_of(Pinning((0,), {}, said.append), base=WatchedService(client.pid)) as attribution,
    ):
        look_until_found(attribution)
        attribution.look()
        (found,) = attribution.dependencies("base")
        assert found.cpus == ()
    assert said == [f"strange_database (process {pid}) stays on the CPUs that it has: Operation not permitted"]


def test_the_process_behind_a_url_is_found_and_this_one_is_not(tmp_path):
    with strange_database(tmp_path) as (pid, place):
        assert listener_at(f"http://localhost:{place}/x") == pid
        assert listener_at("http://192.0.2.1:" + place) is None
    with closing(socket.create_server(("127.0.0.1", 0))) as own:
        assert listener_at(f"http://127.0.0.1:{own.getsockname()[1]}") is None
