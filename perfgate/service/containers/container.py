"""A service in a container that perfgate started: pinned, limited, watched, and removed again."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import docker
from docker.errors import ImageNotFound
from docker.models.containers import Container
from docker.models.images import Image
from docker.types import LogConfig

from perfgate.errors import TargetError, UsageError
from perfgate.service.containers.creation import create, discard
from perfgate.service.containers.engine import ENGINE_ERRORS, connect, explanation, translated
from perfgate.service.containers.sweep import sweep
from perfgate.service.containers.usage import last_lines
from perfgate.service.containers.watched_container import WatchedContainer, ending
from perfgate.service.dependency import NamedDependency
from perfgate.service.settings import HOST_FROM_CONTAINERS, LaunchContext
from perfgate.service.starting import wait_for_start, with_heading
from perfgate.service.target import Target

LOOPBACK = "127.0.0.1"
_REACH_SECONDS = 1.0
# A service that writes without end must not fill the disk; its last lines are all that is ever shown.
LOG = LogConfig(type="json-file", config={"max-size": "4m", "max-file": "2"})


class ContainerInstance(WatchedContainer):
    """A container that perfgate started, until it is removed."""

    dependencies: Sequence[NamedDependency] = ()

    def __init__(self, client: docker.DockerClient, container: Container, url: str, cpus: tuple[int, ...]) -> None:
        super().__init__(container)
        self.url = url
        self.cpus = cpus
        self._client = client

    def stop(self) -> None:
        if self.close():
            discard(self._client, self.container)
            self._client.close()


@dataclass(frozen=True)
class ImageFacts:
    """What an image says of itself.

    port: where its service listens: as the settings say, else the one port that it exposes.
    id: its hash, in hexadecimal digits.
    """

    port: int
    id: str


def look_at(name: str, target: Target, context: LaunchContext) -> ImageFacts:
    """The facts of the image `name`. An image that is not here is pulled."""
    client = connect(context.environment)
    try:
        image = find_image(client, name, target.text, context.say)
        return ImageFacts(context.settings.port or _exposed_port(image, target), str(image.id).rpartition(":")[2])
    finally:
        client.close()


def open_image(name: str, target: Target, context: LaunchContext) -> ContainerInstance:
    """A container of the image `name`, ready for load. An image that is not here is pulled.

    TargetError where it does not start or become ready, with the last lines of its log.
    """
    client = connect(context.environment)
    sweep(client)
    # Known before the container is, so that it can be removed whenever we are interrupted.
    container_name = f"perfgate-{secrets.token_hex(6)}"
    try:
        image = find_image(client, name, target.text, context.say)
        port = context.settings.port or _exposed_port(image, target)
        with translated(f"{target.text} could not be started"):
            container = _start(client, name, container_name, port, context)
        instance = _instance(client, container, target, port, context)
        try:
            return wait_for_start(instance, target, context.settings, instance.ended)
        except TargetError as error:
            error.hint += _hint_on_host(context)
            raise
    except BaseException:
        discard(client, container_name)
        client.close()
        raise


def find_image(client: docker.DockerClient, name: str, shown: str, say: Callable[[str], None]) -> Image:
    """An image of this machine; one that is not here is pulled. shown: what it is for, in messages."""
    with translated(f"{shown} could not be looked up"), suppress(ImageNotFound):
        return client.images.get(name)
    what = shown if name in shown else f"{shown}: the image {name}"
    say(f"{what} is not on this machine: pulling it")
    try:
        return client.images.pull(name) if ":" in name.rpartition("/")[2] else client.images.pull(name, tag="latest")
    except ENGINE_ERRORS as error:
        raise TargetError(
            f"{what} is not on this machine, and pulling it failed: {explanation(error)}",
            "see whether the name is right, build it first, or log in to its registry",
        ) from None


def exposed_ports(image: Image) -> list[int]:
    """The TCP ports that an image exposes, in order."""
    exposed = sorted(image.attrs["Config"].get("ExposedPorts") or {})
    return [int(port.partition("/")[0]) for port in exposed if port.endswith("/tcp")]


def _hint_on_host(context: LaunchContext) -> str:
    if not any(HOST_FROM_CONTAINERS in text for text in context.settings.env.values()):
        return ""
    return f"; what it reaches at {HOST_FROM_CONTAINERS} must listen on all addresses, not on 127.0.0.1 alone"


def _exposed_port(image: Image, target: Target) -> int:
    ports = exposed_ports(image)
    if len(ports) != 1:
        said = f"exposes ports {', '.join(map(str, ports))}" if ports else "exposes no port"
        raise UsageError(
            f"{target.text} {said}", "say where the service listens: port = 8080 under [service] in perfgate.toml"
        )
    return ports[0]


def _start(client: docker.DockerClient, image: str, name: str, port: int, context: LaunchContext) -> Container:
    settings = context.settings
    container = create(
        client,
        image,
        name,
        environment=dict(settings.env),
        ports={f"{port}/tcp": (LOOPBACK, None)},
        cpuset_cpus=",".join(map(str, context.cpus)) or None,
        mem_limit=settings.memory,
        memswap_limit=settings.memory,
        log_config=LOG,
        healthcheck={"test": ["NONE"]},  # it would take CPU now and then, and nobody asks for it
    )
    container.start()
    container.reload()
    return container


def _instance(
    client: docker.DockerClient, container: Container, target: Target, port: int, context: LaunchContext
) -> ContainerInstance:
    address = address_of(container, port)
    if address is None:
        words = with_heading(last_lines(container))
        raise TargetError(f"{target.text} ended at once: {ending(container)}\n{words}", "see why in what it wrote")
    return ContainerInstance(client, container, f"http://{address}{context.settings.path}", context.cpus)


def address_of(container: Container, port: int) -> str | None:
    """Where the service listens; None where the container has ended.

    Its own address where that can be reached, as it can on Linux: the published port leads through a proxy, which takes
    CPU and time that are not the service's.
    """
    network = container.attrs["NetworkSettings"]
    own = [one["IPAddress"] for one in network["Networks"].values() if one["IPAddress"]]
    published = network["Ports"].get(f"{port}/tcp")
    if own and reachable(own[0], port):
        return f"{own[0]}:{port}"
    return f"{LOOPBACK}:{published[0]['HostPort']}" if published else None


def reachable(address: str, port: int) -> bool:
    """Whether somebody takes, or refuses, connections there."""
    try:
        socket.create_connection((address, port), _REACH_SECONDS).close()
    except ConnectionRefusedError:
        return True  # it was there to refuse
    except OSError:
        return False
    return True
