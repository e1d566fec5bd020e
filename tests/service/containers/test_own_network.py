"""A process in a container that cannot reach the containers beside it is told so before anything is started."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import docker
import pytest

from perfgate.errors import UsageError
from perfgate.service.containers import own_network
from perfgate.service.containers.own_network import DEFAULT_NETWORK, refuse_apart

ID = "0123456789ab" + 52 * "0"


@contextmanager
def engine(containers: dict[str, Any]) -> Iterator[docker.DockerClient]:
    """One that has these containers, by the start of their ids."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = containers.get(self.path.split("/")[3])
            body = json.dumps(found or {"message": "No such container"}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        client = docker.DockerClient(base_url=f"tcp://127.0.0.1:{server.server_port}", version="1.41")
        yield client
        client.close()
        server.shutdown()


def on(*networks: str, mode: str = "default", id: str = ID) -> dict[str, Any]:
    """What an engine tells of a container on these networks."""
    return {
        "Id": id,
        "HostConfig": {"NetworkMode": mode},
        "NetworkSettings": {"Networks": {name: {} for name in networks}},
    }


@pytest.fixture(autouse=True)
def in_a_container(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file that says so."""
    (tmp_path / ".dockerenv").touch()
    monkeypatch.setattr(own_network, "_IN_A_CONTAINER", tmp_path / ".dockerenv")
    monkeypatch.setattr(socket, "gethostname", lambda: ID[:12])
    return tmp_path / ".dockerenv"


@pytest.mark.parametrize(("networks", "network"), [(("github_network_1",), DEFAULT_NETWORK), (("bridge",), None)])
def test_a_container_on_another_network_is_refused(networks: tuple[str, ...], network: str | None) -> None:
    with engine({ID[:12]: on(*networks)}) as client, pytest.raises(UsageError) as caught:
        refuse_apart(client, network)
    assert f"runs in a container on the network {networks[0]}, which does not reach" in caught.value.message
    assert "leave `container:` out of the job" in caught.value.hint


@pytest.mark.parametrize(
    "containers",
    [
        {ID[:12]: on("github_network_1", "bridge")},
        {ID[:12]: on("host", mode="host")},
        {ID[:12]: on(mode="container:abc")},
        {ID[:12]: on("another", id="f" * 64)},
        {},
    ],
)
def test_nothing_that_is_not_certain_is_refused(containers: dict[str, Any]) -> None:
    """A container that this engine does not know is another engine's."""
    with engine(containers) as client:
        refuse_apart(client, DEFAULT_NETWORK)


def test_a_machine_of_its_own_is_not_asked_about(in_a_container: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine({ID[:12]: on("another"), "vm": on("another")}) as client:
        monkeypatch.setattr(socket, "gethostname", lambda: "vm")
        refuse_apart(client, DEFAULT_NETWORK)
        monkeypatch.setattr(socket, "gethostname", lambda: ID[:12])
        in_a_container.unlink()
        refuse_apart(client, DEFAULT_NETWORK)
