"""A service as a container, as a compose file or a Dockerfile has it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath

from perfgate.scaffold.repository import Repository, is_aside
from perfgate.scaffold.service.compose import ComposeService
from perfgate.scaffold.service.dockerfiles import Stage, http_port, read_dockerfile
from perfgate.scaffold.service.images import INFRASTRUCTURE, STORE

_OF_DEVELOPERS = frozenset(
    (
        "base",
        "builder",
        "ci",
        "debug",
        "dev",
        "devel",
        "development",
        "dockerignore",
        "docs",
        "lint",
        "local",
        "test",
        "tests",
    )
)
_ROOT = PurePosixPath(".")


@dataclass(frozen=True)
class Container:
    """The service as a container.

    source: the compose file or Dockerfile that describes it.
    dockerfile: the Dockerfile that builds it, in the repository; None for an image from elsewhere.
    build: the folder or the Dockerfile that is named to build it; "" for an image from elsewhere.
    image: its image; None where a Dockerfile builds it.
    port: the port it listens on; None where nothing names one.
    compose_service: its name in the compose file; "" for a Dockerfile that no compose file names.
    declared: the other services of the compose file that it depends on, by `depends_on` or links.
    needs: those, and the others that its variables point to.
    ready: the path that its health check asks for; "" for none.
    environment: its variables in the compose file; None for a value that is not there.
    lost: what the compose file or the build has and no setting for one container can say.
    command: what all services of the compose file are started with, as text.
    unread: files of variables that the compose file gives it and the repository does not have.
    """

    source: PurePosixPath
    dockerfile: PurePosixPath | None
    build: str
    image: str | None
    port: int | None
    compose_service: str = ""
    declared: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    ready: str = ""
    environment: Mapping[str, str | None] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    command: str = ""
    unread: tuple[PurePosixPath, ...] = ()

    @property
    def name(self) -> str:
        """What a person knows it by: the image, or what it is built from."""
        return self.image or f"built from {self.dockerfile}"

    @property
    def composed(self) -> bool:
        """Whether it takes Compose to start it: it needs others, or is more than its image."""
        return bool(self.compose_service and (self.declared or self.lost))

    @property
    def undeclared(self) -> tuple[str, ...]:
        """What it needs and Compose would not start with it."""
        return tuple(name for name in self.needs if name not in self.declared)

    @property
    def place(self) -> str:
        """Where it listens, in words."""
        return f"port {self.port}" if self.port else "a port that nothing names"


def is_dockerfile(path: PurePosixPath) -> bool:
    """Whether it is called Dockerfile, api.Dockerfile or Dockerfile.api, and not as what developers alone build."""
    words = re.split(r"[.-]", path.name.lower())
    called = path.name.startswith(("Dockerfile.", "Dockerfile-")) or path.suffix == ".Dockerfile"
    return path.name in ("Dockerfile", "Containerfile") or (called and not _OF_DEVELOPERS & set(words))


def serving_stage(repository: Repository, path: PurePosixPath, target: str | None) -> Stage | None:
    """What a Dockerfile builds; None where that is no service that answers HTTP."""
    stage = read_dockerfile(repository.read(path), target)
    if STORE.search(stage.base):
        repository.say(f"{path} builds on {stage.base}, which a service needs and is not")
        return None
    if stage.only_other_protocols:
        repository.say(f"{path} exposes {', '.join(map(str, stage.ports))}, where nothing speaks HTTP")
        return None
    return stage


def composed_container(repository: Repository, service: ComposeService, commands: str) -> Container | None:
    """A service of a compose file; None where it cannot be the one that is measured.

    commands: what all services of the file are started with.
    """
    published = http_port(service.published)
    if service.published and published is None:
        return None
    port = published or http_port(service.exposed)
    if service.dockerfile is not None and service.context is not None and not is_aside(service.dockerfile):
        stage = serving_stage(repository, service.dockerfile, service.stage)
        if stage is None:
            return None
        last = read_dockerfile(repository.read(service.dockerfile))
        build, lost = _build_in_compose(service.context, service.dockerfile)
        mounts = [one for one in service.mounts if not _in_the_image(repository, service.context, stage, *one)]
        beyond = (*service.changes, *service.beyond, *(["volumes"] if mounts else []))
        return Container(
            source=service.source,
            dockerfile=service.dockerfile,
            build=build,
            image=None,
            port=port or stage.port,
            compose_service=service.name,
            declared=service.declared,
            needs=service.needs,
            ready=service.ready or stage.ready,
            environment=service.environment,
            lost=(*lost, *([] if stage == last else [f"stage {service.stage}"]), *beyond),
            command=commands,
            unread=service.unread,
        )
    if service.image is None or port is None or INFRASTRUCTURE.search(service.image):
        return None
    if service.changes:
        repository.say(
            f"{service.source}: {service.name} ({service.image}) needs its {' and '.join(service.changes)}, which no "
            f"service container of a workflow can be given; if it is what you measure, say so under [service]: "
            f'compose = "{service.source}" and compose_service = "{service.name}"'
        )
        return None
    return Container(
        source=service.source,
        dockerfile=None,
        build="",
        image=service.image,
        port=port,
        compose_service=service.name,
        declared=service.declared,
        needs=service.needs,
        ready=service.ready,
        environment=service.environment,
        lost=(*service.beyond, *(["volumes"] if service.mounted else [])),
        command=commands,
        unread=service.unread,
    )


def _build_in_compose(context: PurePosixPath, dockerfile: PurePosixPath) -> tuple[str, tuple[str, ...]]:
    """What `build` names: the folder of a Dockerfile, or the file itself, which is built from the top."""
    if dockerfile == context / "Dockerfile":
        return str(context), ()
    return str(dockerfile), () if context == _ROOT else (f"build context {context}",)


def _in_the_image(
    repository: Repository, context: PurePosixPath, stage: Stage, source: PurePosixPath, target: str
) -> bool:
    """Whether a mount puts in its place what the image has there anyway, as those do who work at the source.

    source: in the repository. target: in the container.
    """
    if source == context or source in context.parents:
        return True
    for copied, place in stage.copied:
        origin = PurePosixPath(posixpath.normpath(context / copied.lstrip("/")))
        there = PurePosixPath(place) / (origin.name if place.endswith("/") and origin in repository.files else "")
        if source == origin or origin in source.parents:
            same = there / source.relative_to(origin) == PurePosixPath(target)
        else:
            same = source in origin.parents and there == PurePosixPath(target) / origin.relative_to(source)
        if same:
            return True
    return False


def build_of(repository: Repository, path: PurePosixPath, stage: Stage) -> str:
    """Likewise of a Dockerfile that nobody names: the folder, unless what it copies is there only from the top."""
    if path.name != "Dockerfile":
        return str(path)
    sources = [source for source in stage.sources if "$" not in source and "://" not in source]
    from_folder = all(_is_there(repository, path.parent, source) for source in sources)
    from_top = all(_is_there(repository, _ROOT, source) for source in sources)
    return str(path) if from_top and not from_folder else str(path.parent)


def _is_there(repository: Repository, folder: PurePosixPath, source: str) -> bool:
    """Whether something of the repository is what COPY names, seen from a folder."""
    wanted = str(folder / source.lstrip("/"))
    return wanted == str(folder) or any(
        str(path).startswith(f"{wanted}/") or fnmatch(str(path), wanted) for path in repository.files
    )
