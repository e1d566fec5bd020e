"""A service as a container, as a compose file or a Dockerfile has it."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath

from perfgate.scaffold.repository import NOT_OURS, Repository, is_aside
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
# In the tree of a commit a file, which can be copied though git does not list it.
_GIT = PurePosixPath(".git")
_PATTERN = re.compile(r"[*?\[]")
_SUBMODULE = re.compile(r"^\s*path\s*=\s*(.*?)\s*$", re.MULTILINE)


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
    absent: what its Dockerfile copies and the repository does not have, such as results of a build.
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
    absent: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a person knows it by: the image, or what it is built from."""
        return self.image or f"built from {self.dockerfile}"

    @property
    def composed(self) -> bool:
        """Whether it takes Compose to start it: it needs others, or is more than its image."""
        return bool(self.compose_service and (self.declared or self.lost))

    @property
    def built_of_commits(self) -> bool:
        """Whether perfgate can build and start a commit of it."""
        return self.composed or (self.dockerfile is not None and not self.absent)

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


def serving_stage(
    repository: Repository, path: PurePosixPath, target: str | None, given: Mapping[str, str] | None = None
) -> Stage | None:
    """What a Dockerfile builds with the given arguments; None where that is no service that answers HTTP."""
    stage = read_dockerfile(repository.read(path), target, given)
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
        stage = serving_stage(repository, service.dockerfile, service.stage, service.arguments)
        if stage is None:
            return None
        last = read_dockerfile(repository.read(service.dockerfile), None, service.arguments)
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
            absent=tuple(_absent(repository, service.context, stage)),
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


def plain_container(repository: Repository, path: PurePosixPath, stage: Stage) -> Container:
    """A Dockerfile that nobody names, built from its folder, unless more of what it copies is there from the top."""
    folders = (path.parent, _ROOT) if path.name == "Dockerfile" else (_ROOT,)
    absent = {folder: tuple(_absent(repository, folder, stage)) for folder in folders}
    folder = min(absent, key=lambda one: len(absent[one]))
    build = str(folder if path.name == "Dockerfile" and folder == path.parent else path)
    return Container(path, path, build, None, stage.port, ready=stage.ready, absent=absent[folder])


def _absent(repository: Repository, folder: PurePosixPath, stage: Stage) -> Iterator[str]:
    """What a stage copies and is not there, seen from the folder that it is built from."""
    modules = PurePosixPath(".gitmodules")
    elsewhere = _SUBMODULE.findall(repository.read(modules)) if modules in repository.files else []
    for source in stage.sources:
        wanted = PurePosixPath(posixpath.normpath(folder / source.lstrip("/")))
        if wanted == _GIT:
            continue
        before = [part for part in wanted.parts if not _PATTERN.search(part)]
        # A pattern may match nothing, where its folder is there: yarn.lock*
        found = _is_there(repository, wanted.parent if len(before) == len(wanted.parts) - 1 else wanted)
        unknown = set(wanted.parts) & set(NOT_OURS) or any(
            PurePosixPath(one) in (wanted, *wanted.parents) for one in elsewhere
        )
        if not found and not unknown and not os.path.islink(repository.folder / wanted):
            yield source


def _is_there(repository: Repository, wanted: PurePosixPath) -> bool:
    """Whether something of the repository is what COPY names."""
    names = map(str, repository.files)
    if _PATTERN.search(str(wanted)):
        return any(fnmatch(name, str(wanted)) for name in names)
    return wanted == _ROOT or any(name == str(wanted) or name.startswith(f"{wanted}/") for name in names)
