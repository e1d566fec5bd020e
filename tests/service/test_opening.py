"""URL targets: waiting for a service that somebody else runs."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from perfgate.errors import ExitCode, TargetError
from perfgate.service import probe, url
from perfgate.service.attribution.attribution import Attribution
from perfgate.service.attribution.pinning import Pinning
from perfgate.service.opening import open_target
from perfgate.service.own_service import OwnService
from perfgate.service.service import Service
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import parse_target
from perfgate.testing.scripted import ScriptedServer
from tests.support.strangers import stranger

# A service that says its port in its first line.
STRANGER = """
from http.server import HTTPServer, SimpleHTTPRequestHandler
server = HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
print(server.server_port, flush=True)
server.serve_forever()
"""

takes_two_cpus = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2, reason="takes Linux, and two CPUs"
)


def open_url(url: str, ready_timeout: float = 10, verify: bool | Path = True) -> Service:
    return open_target(parse_target(url), LaunchContext(ServiceSettings(ready_timeout=ready_timeout, verify=verify)))


def answer(status: str) -> list[bytes]:
    return [f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()]


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "401 Unauthorized", "404 Not Found"])
def test_any_answer_below_500_means_ready(status: str) -> None:
    with ScriptedServer({"/": answer(status)}) as server, open_url(server.url) as service:
        assert service.instance.url == server.url
        assert service.instance.alive()
        assert service.instance.usage() is None
        assert service.instance.logs() == ""


def test_the_base_path_is_what_is_asked() -> None:
    with ScriptedServer({"/api/v3": answer("200 OK")}) as server:
        open_url(f"{server.url}/api/v3/")
        assert server.requests[0].startswith(b"GET /api/v3 HTTP/1.1\r\n")


def test_user_info_goes_along_and_is_not_shown() -> None:
    with ScriptedServer({"/": answer("503 Busy")}) as server:
        url = server.url.replace("http://", "http://me:p%40ss@")
        with pytest.raises(TargetError) as caught:
            open_url(url, ready_timeout=1)
        assert b"Authorization: Basic bWU6cEBzcw==\r\n" in server.requests[0]
        assert "p%40ss" not in caught.value.message + caught.value.hint
        assert server.url in caught.value.message


def test_a_service_that_keeps_answering_5xx_is_not_ready() -> None:
    with ScriptedServer({"/": answer("503 Busy")}) as server, pytest.raises(TargetError) as caught:
        open_url(server.url, ready_timeout=1)
    assert "not ready within 1s: the last answer was 503" in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code is ExitCode.NO_VERDICT


def test_a_service_that_refuses_connections_fails_within_its_time() -> None:
    with pytest.raises(TargetError, match="not ready within 500ms: the last attempt failed: Connection refused"):
        open_url(f"http://127.0.0.1:{free_port()}", ready_timeout=0.5)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([b""], "no answer in time"),
        ([ScriptedServer.CLOSE], "closed without an answer"),
        ([None], "reset"),
        ([b"220 mail.example.com ESMTP\r\n"], "not HTTP"),
    ],
)
def test_what_came_instead_of_an_answer_is_said(script: list[bytes | None], reason: str) -> None:
    with ScriptedServer({"/": script}) as server, pytest.raises(TargetError, match=reason):
        open_url(server.url, ready_timeout=1)


def test_a_look_that_no_time_was_left_for_hides_nothing_that_was_seen_before() -> None:
    class Slower:
        """Answers the first time, and then not in time."""

        asked = 0

        def __iter__(self) -> Iterator[bytes | float]:
            self.asked += 1
            return iter([b"HTTP/1.1 503 Busy\r\n", *([] if self.asked == 1 else [60.0]), b"Content-Length: 0\r\n\r\n"])

    with ScriptedServer({"/": Slower()}) as server, pytest.raises(TargetError, match="the last answer was 503"):
        open_url(server.url, ready_timeout=1)


def test_a_unix_socket_is_waited_for_and_asked(tmp_path: Path) -> None:
    place = tmp_path / "service.sock"
    url = f"http+unix://{quote(str(place), safe='')}/api"
    with pytest.raises(TargetError, match="No such file"):
        open_url(url, ready_timeout=0.1)
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        with listener.accept()[0] as connection:
            heard.append(connection.recv(1000))
            connection.sendall(answer("200 OK")[0])

    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(place))
        listener.listen()
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        service = open_url(url)
        thread.join()
        assert service.instance.alive()
    assert heard[0].startswith(b"GET /api HTTP/1.1\r\nHost: localhost\r\n")
    assert not service.instance.alive()


def test_a_service_that_speaks_http_2_alone_is_ready() -> None:
    settings = b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80"
    with ScriptedServer({"/": [settings, ScriptedServer.CLOSE]}) as server:
        assert open_url(server.url).instance.alive()


def test_the_path_that_says_ready_starts_at_the_root() -> None:
    with ScriptedServer({"/api": answer("503 Busy"), "/health": answer("200 OK")}) as server:
        context = LaunchContext(ServiceSettings(ready="/health?deep=1", ready_timeout=10))
        assert open_target(parse_target(f"{server.url}/api"), context).instance.url == f"{server.url}/api"
        assert server.requests[0].startswith(b"GET /health?deep=1 HTTP/1.1\r\n")


def test_the_path_that_says_ready_may_be_another_one_on_each_side() -> None:
    with ScriptedServer({"/head/health": answer("200 OK")}) as server:
        context = LaunchContext(ServiceSettings(ready="/{side}/health", ready_timeout=10), side="head")
        open_target(parse_target(server.url), context)
        assert server.requests[0].startswith(b"GET /head/health HTTP/1.1\r\n")


def test_a_connection_that_is_held_can_mean_ready() -> None:
    with ScriptedServer({}) as server:
        open_target(parse_target(f"{server.url}/api"), LaunchContext(ServiceSettings(ready="tcp", ready_timeout=10)))
        assert server.requests == []


def test_a_connection_that_is_dropped_at_once_does_not_mean_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the engine's proxy does it while nobody listens behind."""

    def drop(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                listener.accept()[0].close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=drop, args=(listener,), daemon=True).start()
        target = parse_target(f"http://127.0.0.1:{listener.getsockname()[1]}")
        # On a busy machine the drop may come late, too.
        monkeypatch.setattr(probe, "_HOLDS_SECONDS", 20)
        with pytest.raises(TargetError, match="closed at once"):
            open_target(target, LaunchContext(ServiceSettings(ready="tcp", ready_timeout=0.5)))
        listener.shutdown(socket.SHUT_RDWR)


def test_a_host_that_does_not_exist_is_not_ready() -> None:
    with pytest.raises(TargetError, match="not ready"):
        open_url("http://nowhere.invalid", ready_timeout=0.1)


def test_https_against_plain_http_is_not_ready() -> None:
    with ScriptedServer({"/": answer("200 OK")}) as server, pytest.raises(TargetError, match="not ready"):
        open_url(server.url.replace("http://", "https://"), ready_timeout=0.2)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost, with its key in the same file."""
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(file), "-out", str(file.with_suffix(".crt"))]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    file.write_text(file.read_text() + file.with_suffix(".crt").read_text())
    return file


@contextmanager
def tls_server(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError), context.wrap_socket(server.accept()[0], server_side=True) as connection:
                connection.recv(1000)
                connection.sendall(answer("200 OK")[0])

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://localhost:{server.getsockname()[1]}"
        thread.join()


def test_a_trusted_https_service_is_ready(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
    with tls_server(certificate) as url:
        assert open_url(url).instance.url == url


def test_a_certificate_that_is_not_trusted_is_said_at_once(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with tls_server(certificate) as url, pytest.raises(TargetError, match="not trusted: self") as caught:
        open_url(url, ready_timeout=30)
    assert "SSL_CERT_FILE" in caught.value.hint
    assert 'verify = "ca.pem"' in caught.value.hint


@pytest.mark.parametrize("named", [False, True], ids=["unverified", "its own authority"])
def test_perfgate_toml_says_whose_certificate_is_believed(
    certificate: Path, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with tls_server(certificate) as url:
        assert open_url(url, verify=certificate.with_suffix(".crt") if named else False).instance.url == url


def test_a_service_that_comes_up_late_is_waited_for() -> None:
    port = free_port()
    servers: list[socket.socket] = []

    def come_up() -> None:
        server = socket.create_server(("127.0.0.1", port))
        servers.append(server)
        connection, _ = server.accept()
        connection.recv(1000)
        connection.sendall(answer("200 OK")[0])
        connection.close()

    starter = threading.Timer(0.3, come_up)
    starter.start()
    with open_url(f"http://127.0.0.1:{port}", ready_timeout=30) as service:
        assert service.instance.alive()
    starter.join()
    servers[0].close()
    assert not service.instance.alive()


def test_a_url_service_is_not_ours_to_stop(petstore: OwnService) -> None:
    with open_url(petstore.instance.url) as service:
        pass
    assert service.instance.alive()


@pytest.fixture
def stranger_at(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """The number of a process that somebody else has started, and its URL."""
    log = tmp_path / "stranger.log"
    with stranger(log, [sys.executable, "-c", STRANGER]) as pid:
        yield pid, f"http://127.0.0.1:{log.read_text().split()[0]}"


@takes_two_cpus
def test_a_process_that_runs_already_is_pinned_as_long_as_it_is_open(stranger_at: tuple[int, str]) -> None:
    pid, place = stranger_at
    everywhere = os.sched_getaffinity(pid)
    with open_target(parse_target(place), LaunchContext(cpus=(min(everywhere),))) as service:
        assert os.sched_getaffinity(pid) == {min(everywhere)}
        assert service.instance.cpus == (min(everywhere),)
    assert os.sched_getaffinity(pid) == everywhere


@takes_two_cpus
def test_one_that_a_killed_perfgate_had_pinned_has_its_cpus_again_from_the_next_start_on(
    stranger_at: tuple[int, str],
) -> None:
    pid, place = stranger_at
    everywhere = os.sched_getaffinity(pid)
    child = os.fork()
    if child == 0:
        try:
            open_target(parse_target(place), LaunchContext(cpus=(min(everywhere),)))
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert os.sched_getaffinity(pid) == {min(everywhere)}
    with (
        open_target(parse_target(place), LaunchContext(cpus=(max(everywhere),))) as service,
        Attribution({"": service}, {}, Pinning((), {}, print)),
    ):
        assert os.sched_getaffinity(pid) == {max(everywhere)}
    assert os.sched_getaffinity(pid) == everywhere


def test_an_interruption_restores_what_was_pinned_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    container = SimpleNamespace(
        pin_to=lambda cpus, say: done.append("pinned"), release=lambda: done.append("released"), cpus=()
    )

    def interrupted(context: LaunchContext) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(url, "_container_behind", lambda place, environment: container)
    monkeypatch.setattr(url, "shared_beside", interrupted)
    with ScriptedServer({"/": answer("200 OK")}) as server, pytest.raises(KeyboardInterrupt):
        open_url(server.url)
    assert done == ["pinned", "released"]
