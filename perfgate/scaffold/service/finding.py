"""Which of several containers is the service, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from perfgate.scaffold.repository import Repository, is_aside
from perfgate.scaffold.service.compose import ComposeService, composed_services
from perfgate.scaffold.service.container import (
    Container,
    composed_container,
    is_dockerfile,
    plain_container,
    serving_stage,
)
from perfgate.scaffold.service.dockerfiles import read_dockerfile
from perfgate.scaffold.service.images import IN_FRONT

_ROOT = PurePosixPath(".")


@dataclass(frozen=True)
class FoundService:
    """The container that is the service.

    container: it; None where there is none, or where nothing tells which of several it is.
    because: what it has that the others lack; "" without others.
    others: containers that could be the service and are less likely.
    equal: containers that are equally likely, where none is chosen.
    """

    container: Container | None
    because: str
    others: tuple[Container, ...]
    equal: tuple[Container, ...]


@dataclass(frozen=True)
class _Evidence:
    """What speaks for a container, the strongest first. The texts say it of the chosen one."""

    built_here: bool = field(metadata={"says": "it is built here"})
    in_use: bool = field(metadata={"says": "it is neither in a hidden folder nor started for a profile alone"})
    has_port: bool = field(metadata={"says": "it has a port"})
    behind: bool = field(metadata={"says": "it is no web server in front of others"})
    published: bool = field(metadata={"says": "its port is published"})
    described: bool = field(metadata={"says": "an OpenAPI file lies beside it"})
    complete: bool = field(metadata={"says": "all that it copies is in the repository"})
    composed: bool = field(metadata={"says": "it is in the compose file"})
    at_top: bool = field(metadata={"says": "it lies at the top"})
    plainly_called: bool = field(metadata={"says": "it is called Dockerfile"})

    @property
    def strength(self) -> tuple[bool, ...]:
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def beyond(self, other: _Evidence) -> str:
        """What this one has and the other lacks, "" for nothing."""
        fields = self.__dataclass_fields__.values()
        return next((one.metadata["says"] for one in fields if getattr(self, one.name) > getattr(other, one.name)), "")


def find_service(repository: Repository) -> FoundService:
    """The container that most speaks for."""
    described = {path.parent for path in repository.files if re.search("openapi|swagger", path.name.lower())}
    found: dict[str, tuple[Container, _Evidence]] = {}
    for container, evidence in sorted(
        _candidates(repository, described), key=lambda one: one[1].strength, reverse=True
    ):
        found.setdefault(container.image or container.build, (container, evidence))
    ranked = list(found.values())
    if not ranked:
        return FoundService(None, "", (), ())
    first = ranked[0][1]
    equal = tuple(container for container, evidence in ranked if evidence == first)
    others = tuple(container for container, evidence in ranked if evidence != first)
    if len(equal) > 1:
        return FoundService(None, "", others, equal)
    return FoundService(equal[0], first.beyond(ranked[1][1]) if others else "", others, ())


def _candidates(repository: Repository, described: set[PurePosixPath]) -> Iterator[tuple[Container, _Evidence]]:
    composed = composed_services(repository)
    commands = " ".join(service.command for service in composed)
    for service in composed:
        container = composed_container(repository, service, commands)
        if container is not None:
            yield container, _evidence(repository, container, described, service)
    known = {service.dockerfile for service in composed}
    plain = [path for path in repository.files if is_dockerfile(path) and path not in known]
    ours = [path for path in plain if not is_aside(path)]
    for path in ours or plain:
        if path not in ours:
            repository.say(f"{path} is in a folder of tests, examples or a development container")
        elif (stage := serving_stage(repository, path, None)) is not None:
            container = plain_container(repository, path, stage)
            yield container, _evidence(repository, container, described, None)


def _evidence(
    repository: Repository, container: Container, described: set[PurePosixPath], service: ComposeService | None
) -> _Evidence:
    path = container.dockerfile
    base = container.image or (
        read_dockerfile(repository.read(path), service.stage if service else None).base if path else ""
    )
    folders = {path.parent, service.context if service and service.context else path.parent} if path else set()
    hidden = path is not None and any(part.startswith(".") for part in path.parts[:-1])
    return _Evidence(
        built_here=path is not None,
        in_use=not hidden and not (service and service.optional),
        has_port=container.port is not None,
        behind=not IN_FRONT.search(base),
        published=bool(service and service.published),
        described=bool(folders & described),
        complete=not container.absent,
        composed=service is not None,
        at_top=path is not None and path.parent == _ROOT,
        plainly_called=path is not None and path.name == "Dockerfile",
    )
