"""How the service is started in a container, as a compose file or a Dockerfile has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from perfgate.scaffold.documents import mapping, read_document, sequence
from perfgate.scaffold.repository import Repository

_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")

# Images that services stand on; they are not measured, even where the repository builds nothing itself.
_INFRASTRUCTURE = re.compile(
    r"(?:^|/)(postgres|postgis|mysql|mariadb|mongo|redis|valkey|memcached|rabbitmq|kafka|zookeeper|elasticsearch|"
    r"opensearch|minio|nats|etcd|consul|vault|prometheus|grafana|jaeger|traefik|adminer|pgadmin)"
)


@dataclass(frozen=True)
class Container:
    """The service as a container.

    source: the compose file or Dockerfile that describes it.
    dockerfile: the Dockerfile that builds it, in the repository; None for an image from elsewhere.
    image: its image; None where a Dockerfile builds it.
    port: the port it listens on; None where nothing names one.
    needs: the other services of the compose file that it depends on.
    """

    source: PurePosixPath
    dockerfile: PurePosixPath | None
    image: str | None
    port: int | None
    needs: tuple[str, ...] = ()


def find_container(repository: Repository) -> Container | None:
    """An image built here before one only used here; a compose file, which knows more, before a Dockerfile."""
    composed = list(_composed(repository))
    built = [one for one in composed if one.dockerfile is not None]
    plain = [_plain(repository, path) for path in repository.files if _is_dockerfile(path)]
    used = [one for one in composed if one.image is not None and not _INFRASTRUCTURE.search(one.image) and one.port]
    return next(iter((*built, *plain, *used)), None)


def _is_dockerfile(path: PurePosixPath) -> bool:
    return path.name in ("Dockerfile", "Containerfile") or path.suffix == ".Dockerfile"


def _plain(repository: Repository, path: PurePosixPath) -> Container:
    return Container(path, path, None, exposed_port(repository.read(path)))


def _composed(repository: Repository) -> Iterator[Container]:
    """The services of the compose file at the top, services with a published port first."""
    path = next((PurePosixPath(name) for name in _COMPOSE if PurePosixPath(name) in repository.files), None)
    if path is None:
        return
    services = mapping(mapping(read_document(repository, path)).get("services"))
    for service in sorted(map(mapping, services.values()), key=lambda one: not one.get("ports")):
        needs = service.get("depends_on")
        image = service.get("image")
        dockerfile = _built(repository, service.get("build"))
        port = next(filter(None, map(_container_port, sequence(service.get("ports")))), None)
        if dockerfile is not None:
            port = port or exposed_port(repository.read(dockerfile))
        yield Container(
            path,
            dockerfile,
            image if dockerfile is None and isinstance(image, str) and "$" not in image else None,
            port,
            tuple(map(str, needs)) if isinstance(needs, (list, dict)) else (),
        )


def _built(repository: Repository, build: Any) -> PurePosixPath | None:
    """The Dockerfile of a `build` entry, where it is a file of this repository."""
    entry = {"context": build} if isinstance(build, str) else mapping(build)
    context, dockerfile = entry.get("context", "."), entry.get("dockerfile", "Dockerfile")
    if not entry or not isinstance(context, str) or not isinstance(dockerfile, str):
        return None
    path = PurePosixPath(context) / dockerfile
    return path if path in repository.files else None


def _container_port(entry: Any) -> int | None:
    """The port in the container of "8080:80", "127.0.0.1:8080:80/tcp", 80 or {target: 80}."""
    if isinstance(entry, dict):
        entry = entry.get("target")
    found = re.search(r"(\d+)(?:/tcp)?$", str(entry))
    return int(found[1]) if found else None


_STAGE = re.compile(r"^\s*FROM\s", re.IGNORECASE)
_EXPOSE = re.compile(r"^\s*EXPOSE\s+(.*)$", re.IGNORECASE)
_SET = re.compile(r"^\s*(?:ENV|ARG)\s+(\w+)[=\s]\s*[\"']?([^\s\"']+)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{?(\w+)(?::-(\w+))?\}?")


def exposed_port(dockerfile: str) -> int | None:
    """The first TCP port that the last stage of a Dockerfile exposes; None where it is not written there."""
    port: int | None = None
    values: dict[str, str] = {}
    for line in dockerfile.splitlines():
        if _STAGE.match(line):
            port = None
        elif found := _SET.match(line):
            values[found[1]] = found[2]
        elif (found := _EXPOSE.match(line)) and port is None:
            text = _VARIABLE.sub(lambda one: values.get(one[1], one[2] or ""), found[1])
            ports = re.findall(r"(?<!\S)(\d+)(?:/tcp)?(?!\S)", text)
            port = int(ports[0]) if ports else None
    return port
