"""Images of databases that a repository names: in compose files, workflows, and commands that its documents show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from perfgate.scaffold.dependencies.kinds import DatabaseKind, kind_of_image
from perfgate.scaffold.documents import mapping, read_document, sequence
from perfgate.scaffold.repository import Repository, is_aside
from perfgate.scaffold.service.compose import ComposeService, compose_files, container_port, services_of, variables_of
from perfgate.scaffold.service.images import STORE

_WORKFLOWS = PurePosixPath(".github/workflows")
_DOCUMENTS = re.compile(r"(?:readme|contributing|development|install|hacking)[\w.-]*\.(?:md|rst|txt)", re.IGNORECASE)
_RUNS = re.compile(r"^[\s$>`]*(?:sudo\s+)?(?:docker|podman)\s+run\s+((?:[^\n\\]|\\\n)+)", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_MOST_DOCUMENTS = 10
# Options of docker run whose value may be called like an image.
_NAMING = ("--name", "--hostname", "-h", "--network", "--net", "--network-alias", "-v", "--volume", "--link")


@dataclass(frozen=True)
class NamedImage:
    """An image of a database that a file names.

    name: what it is called there; "" for nothing.
    kind: of the database; None for one that is only known to be one.
    image: its name and version.
    environment: its variables; None for a value that is not there.
    port: in its container, where the file names one.
    source: the file.
    """

    name: str
    kind: DatabaseKind | None
    image: str
    environment: Mapping[str, str | None]
    port: int | None
    source: PurePosixPath


def named_images(repository: Repository) -> Iterator[NamedImage]:
    """All of them, those first that tell most of what the service runs with."""
    files = compose_files(repository)
    for path in files:
        for service in services_of(repository, path):
            if (found := _composed(service)) is not None:
                yield found
    yield from _of_workflows(repository)
    documents = [path for path in repository.files if _DOCUMENTS.fullmatch(path.name) and not is_aside(path)]
    for path in documents[:_MOST_DOCUMENTS]:
        yield from _of_document(path, repository.read(path))


def workflow_variables(repository: Repository) -> Iterator[tuple[str, str, PurePosixPath]]:
    """Variables of the jobs that start databases: name, value, workflow."""
    for path, job in _jobs(repository):
        if not mapping(job.get("services")):
            continue
        for step in (job, *map(mapping, sequence(job.get("steps")))):
            for name, value in variables_of(step.get("env")).items():
                if value is not None:
                    yield name, value, path


def _composed(service: ComposeService) -> NamedImage | None:
    if service.image is None or not STORE.search(service.image) or service.optional:
        return None
    port = next(iter(service.published or service.exposed), None)
    return _named(service.name, service.image, service.environment, port, service.source)


def _of_workflows(repository: Repository) -> Iterator[NamedImage]:
    for path, job in _jobs(repository):
        for name, raw in mapping(job.get("services")).items():
            service = {"image": raw} if isinstance(raw, str) else mapping(raw)
            image = service.get("image")
            if not isinstance(image, str) or "$" in image or not STORE.search(image):
                continue
            port = next(filter(None, map(container_port, sequence(service.get("ports")))), None)
            yield _named(str(name), image, variables_of(service.get("env")), port, path)


def _jobs(repository: Repository) -> Iterator[tuple[PurePosixPath, dict[Any, Any]]]:
    for path in repository.files:
        if path.parent == _WORKFLOWS and path.suffix in (".yml", ".yaml") and "services" in repository.read(path):
            for job in mapping(mapping(read_document(repository, path)).get("jobs")).values():
                yield path, mapping(job)


def _of_document(path: PurePosixPath, text: str) -> Iterator[NamedImage]:
    """Of `docker run -e A=1 -p 5432:5432 postgres:16`."""
    for found in _RUNS.finditer(text):
        try:
            words = shlex.split(found[1].replace("\\\n", " ").strip("` "), comments=True)
        except ValueError:
            continue
        after = list(zip(["", *words], words, strict=False))
        given = [one for before, one in after if before not in _NAMING and "=" not in one and not one.startswith("-")]
        image = next(filter(STORE.search, given), None)
        if image is None:
            continue
        pairs = [
            one.removeprefix("--env=").removeprefix("-e")
            for before, one in after
            if before in ("-e", "--env") or one.startswith(("--env=", "-e"))
        ]
        yield _named("", image, variables_of([one for one in pairs if "=" in one]), None, path)


def _named(
    name: str, image: str, environment: Mapping[str, str | None], port: int | None, source: PurePosixPath
) -> NamedImage:
    plain = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")
    called = plain if _NAME.fullmatch(plain) else ""
    return NamedImage(called, kind_of_image(image), image, environment, port, source)
