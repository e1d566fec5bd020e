"""A container beside a service: reached at a port of this machine, watched, and kept for later ones."""

from __future__ import annotations

import secrets
import select
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import docker
import psutil
from docker.errors import APIError
from docker.models.containers import Container
from docker.models.images import Image
from docker.utils.socket import frames_iter

from perfgate.errors import TargetError, UsageError
from perfgate.service.containers.cgroup import number_inside
from perfgate.service.containers.container import LOG, LOOPBACK, exposed_ports, find_image, reachable
from perfgate.service.containers.creation import create, discard
from perfgate.service.containers.engine import ENGINE_ERRORS, OWNER_LABEL, connect, explanation, remove, translated
from perfgate.service.containers.sweep import sweep
from perfgate.service.containers.usage import last_lines
from perfgate.service.containers.watched_container import WatchedContainer, ending
from perfgate.service.owner import this_process
from perfgate.service.probe import free_port
from perfgate.service.starting import with_heading
from perfgate.units import format_seconds

_REPOSITORY = "perfgate-snapshot"
# A database writes what it holds in memory when it is asked to end.
_KEEP_SECONDS = 120
_CHUNK = 1 << 20
_PORT_TAKEN = "port is already allocated"
_ATTEMPTS = 5
# The exit codes of a command that cannot be run, or is not there (POSIX, 2.8.2).
_NO_COMMAND = (126, 127)


@dataclass(frozen=True)
class ContainerPlan:
    """A container to be started.

    image: its name.
    shown: the container in messages.
    env: its environment variables, by the port where it listens.
    port: where it listens; None for the one port that its image exposes, if it exposes any.
    memory: its limit (bytes); None for none.
    cpus: the CPUs that it may run on; empty for all.
    """

    image: str
    shown: str
    env: Callable[[int], Mapping[str, str]]
    port: int | None
    memory: int | None
    cpus: tuple[int, ...]


@dataclass(frozen=True)
class KeptContainer:
    """The state of a container that has ended.

    image: of the files outside of its volumes.
    volumes: where each volume is mounted, and the archive that holds it.
    """

    image: str
    volumes: tuple[tuple[str, Path], ...]


class StackContainer(WatchedContainer):
    """A container that perfgate started, until it is removed.

    port: where it listens inside; 0 for nowhere.
    here: host and port by which processes on this machine reach it.
    """

    def __init__(self, client: docker.DockerClient, container: Container, plan: ContainerPlan, port: int) -> None:
        super().__init__(container)
        self.port = port
        self.here = _published(client, container, port)
        self._client = client
        self._shown = plan.shown

    @property
    def address(self) -> str:
        """By which other containers reach it."""
        networks = self._container.attrs["NetworkSettings"]["Networks"].values()
        return next((str(one["IPAddress"]) for one in networks if one["IPAddress"]), LOOPBACK)

    def run(self, words: Sequence[str], seconds: float) -> tuple[str, str] | None:
        """Run a command inside for so long at most; how it failed, "" where it did not, and its output.

        None where the container has no such program. One that has not ended by then is ended.
        """
        api = self._client.api
        try:
            run = api.exec_create(self.container, list(words))["Id"]
            with closing(api.exec_start(run, socket=True)) as connection:
                output = _read_frames(connection, seconds)
            if output is None:
                self._end(run)
                return f"no end after {format_seconds(seconds)}", ""
            code = api.exec_inspect(run)["ExitCode"]
        except (OSError, *ENGINE_ERRORS) as error:
            return explanation(error), ""
        return None if code in _NO_COMMAND else (f"exit code {code}" if code else "", output)

    def _end(self, run: str) -> None:
        """End a command with all that it started: they are a process group (setsid(2), as runc starts them).

        The engine has no call for that. It takes an engine on this machine, and a shell in the container.
        """
        api = self._client.api
        number = number_inside(api.exec_inspect(run)["Pid"], self.container)
        if number is not None:
            api.exec_start(api.exec_create(self.container, ["sh", "-c", f"kill -s KILL -- -{number}"])["Id"])

    def keep(self, folder: Path) -> KeptContainer:
        """End it in good order, and keep its state in a folder and an image. TargetError where it does not end."""
        with translated(f"{self._shown} could not be kept"):
            self._container.stop(timeout=_KEEP_SECONDS)
            self._container.reload()
            if self._container.attrs["State"]["ExitCode"] == 128 + 9:
                raise TargetError(
                    f"{self._shown} has no snapshot: it did not end within {format_seconds(_KEEP_SECONDS)}",
                    "it is asked to by its stop signal; leave snapshot out where it cannot be",
                )
            folder.mkdir(exist_ok=True)
            volumes = []
            for number, mount in enumerate(self._container.attrs["Mounts"]):
                if mount["Type"] == "volume":
                    volumes.append((mount["Destination"], folder / f"{number}.tar"))
                    _save(self._container, *volumes[-1])
            tag = secrets.token_hex(6)
            label = f"LABEL {OWNER_LABEL}={this_process()}"
            self._client.api.commit(self.container, repository=_REPOSITORY, tag=tag, changes=[label])
        self.stop()
        return KeptContainer(f"{_REPOSITORY}:{tag}", tuple(volumes))

    def stop(self) -> None:
        """Remove it with its volumes. Once is enough."""
        if self.close():
            discard(self._client, self.container)
            self._client.close()


def start_container(
    plan: ContainerPlan, kept: KeptContainer | None, environment: Mapping[str, str], say: Callable[[str], None]
) -> StackContainer:
    """A container that runs, from the image that the plan names or from a kept state.

    environment: environment variables, DOCKER_HOST among them. TargetError where it does not start.
    """
    client = connect(environment)
    sweep(client)
    name = f"perfgate-{secrets.token_hex(6)}"
    try:
        port = plan.port or _exposed_port(find_image(client, plan.image, plan.shown, say), plan)
        with translated(f"{plan.shown} could not be started"):
            container = _started(client, name, plan, port, kept)
        if how := ending(container):
            words = with_heading(last_lines(container))
            raise TargetError(f"{plan.shown} ended at once: {how}\n{words}", "see why in what it wrote")
        return StackContainer(client, container, plan, port)
    except BaseException:
        discard(client, name)
        client.close()
        raise


def forget(kept: KeptContainer, environment: Mapping[str, str]) -> None:
    """Remove the image of a kept state. Its folder is the caller's."""
    with suppress(TargetError, *ENGINE_ERRORS):
        client = connect(environment)
        try:
            client.images.remove(kept.image, force=True)
        finally:
            client.close()


def _exposed_port(image: Image, plan: ContainerPlan) -> int:
    ports = exposed_ports(image)
    if len(ports) > 1:
        raise UsageError(
            f"{plan.shown}: its image {plan.image} exposes ports {', '.join(map(str, ports))}",
            "say where it listens: port = 5432 beside its image in perfgate.toml",
        )
    return ports[0] if ports else 0


def _started(
    client: docker.DockerClient, name: str, plan: ContainerPlan, port: int, kept: KeptContainer | None
) -> Container:
    for attempt in range(_ATTEMPTS):
        container = _create(client, name, plan, port, kept)
        try:
            for destination, archive in kept.volumes if kept else ():
                with archive.open("rb") as file:
                    container.put_archive(str(PurePosixPath(destination).parent), file)
            container.start()
        except APIError as error:
            # Between our look for a free port and the start somebody else may have taken it.
            if _PORT_TAKEN not in explanation(error) or attempt == _ATTEMPTS - 1:
                raise
            remove(client, name)
            continue
        container.reload()
        return container
    raise AssertionError("the last attempt raises")


def _create(
    client: docker.DockerClient, name: str, plan: ContainerPlan, port: int, kept: KeptContainer | None
) -> Container:
    published = free_port()
    places = [(place, published) for place in filter(None, (LOOPBACK, _gateway(client)))]
    return create(
        client,
        kept.image if kept else plan.image,
        name,
        environment=dict(plan.env(port)),
        ports={f"{port}/tcp": places} if port else {},
        cpuset_cpus=",".join(map(str, plan.cpus)) or None,
        mem_limit=plan.memory,
        memswap_limit=plan.memory,
        log_config=LOG,
        healthcheck={"test": ["NONE"]},  # it would take CPU now and then, and nobody asks for it
    )


def _gateway(client: docker.DockerClient) -> str | None:
    """This machine's own address on the containers' network; None where it has none, as beside a virtual machine.

    What goes there is sent on by the kernel. The loopback address leads through a proxy, which takes CPU and time.
    """
    with suppress(KeyError, IndexError, *ENGINE_ERRORS):
        gateway = str(client.api.inspect_network("bridge")["IPAM"]["Config"][0]["Gateway"])
        own = {entry.address for entries in psutil.net_if_addrs().values() for entry in entries}
        return gateway if gateway in own else None
    return None


def _published(client: docker.DockerClient, container: Container, port: int) -> tuple[str, int]:
    places = container.attrs["NetworkSettings"]["Ports"].get(f"{port}/tcp") or []
    if not places:
        return LOOPBACK, 0
    published = int(places[0]["HostPort"])
    gateway = _gateway(client)
    found = gateway in [one["HostIp"] for one in places] and reachable(str(gateway), published)
    return (str(gateway) if found else LOOPBACK), published


def _read_frames(connection: Any, seconds: float) -> str | None:
    """What a command in a container writes to its end; None where that takes longer: the SDK waits forever."""
    deadline = time.monotonic() + seconds
    frames = frames_iter(connection, tty=False)
    written: list[bytes] = []
    while select.select([connection], [], [], max(0.0, deadline - time.monotonic()))[0]:
        frame = next(frames, None)
        if frame is None:
            return b"".join(written).decode(errors="replace")
        written.append(frame[1])
    return None


def _save(container: Container, destination: str, file: Path) -> None:
    chunks, _ = container.get_archive(destination, chunk_size=_CHUNK)
    with file.open("wb") as archive:
        for chunk in chunks:
            archive.write(chunk)
