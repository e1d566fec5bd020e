"""One side's compose file: read, its images made, and ready to be started any number of times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from perfgate.errors import UsageError, did_you_mean
from perfgate.service.containers.build_hint import build_hint
from perfgate.service.containers.compose.command import ComposeCommand
from perfgate.service.containers.compose.findings import Findings
from perfgate.service.containers.compose.health import with_checks
from perfgate.service.containers.compose.images import (
    build_images,
    built_images,
    dockerfile_of,
    image_error,
    missing_images,
    pull_images,
)
from perfgate.service.containers.compose.isolation import IsolatedProject, Isolation, isolate
from perfgate.service.containers.compose.plain_file import read_plain
from perfgate.service.containers.compose.selection import Raw, chosen_service, needed_by, tcp_ports
from perfgate.service.containers.container import exposed_ports
from perfgate.service.containers.engine import translated
from perfgate.service.placeholders import OF_A_DEPENDENCY, names_in
from perfgate.service.settings import HttpCall, LaunchContext

_CONFIG_SECONDS = 60.0
# The name of the project while its file is only read; no two that are started have the same.
READ_ONLY = "perfgate-read"


@dataclass(frozen=True)
class ComposeSource:
    """Where a side's compose file comes from.

    shown: the target in messages.
    commit: what the tree holds, in words: "commit 0123456789ab".
    folder: the side's tree.
    file: the compose file, seen from there.
    files: a hash of all files of the tree.
    environment: the variables of `docker compose`, without tokens.
    scratch: a folder for files that are written for it.
    """

    shown: str
    commit: str
    folder: Path
    file: Path
    files: str
    environment: Mapping[str, str]
    scratch: Path

    @property
    def written(self) -> Path:
        """The file that the project is started with."""
        return self.scratch / "compose.json"


@dataclass(frozen=True)
class ComposeRecipe:
    """A side's compose file.

    plain: as `docker compose config` resolves it, with the health checks of images.
    app: the service that takes the load.
    needed: those that it needs, and that these need.
    images: of the services that are built.
    port: where the service that takes the load listens.
    """

    plain: Mapping[str, Any]
    app: str
    needed: tuple[str, ...]
    images: Mapping[str, str]
    port: int

    def service(self, name: str) -> Raw:
        """A service as the file has it."""
        raw: Raw = self.plain["services"][name]
        return raw

    def others(self) -> tuple[str, ...]:
        """The services of the file that are not started."""
        return tuple(name for name in self.plain["services"] if name not in (self.app, *self.needed))


def read_recipe(client: docker.DockerClient, source: ComposeSource, context: LaunchContext) -> ComposeRecipe:
    """The recipe of a side; its images are there afterwards.

    UsageError where the file is missing or has a mistake, or has what cannot stand beside itself; TargetError where an
    image cannot be built or pulled, with the end of the log.
    """
    command = ComposeCommand(READ_ONLY, source.folder, source.environment)
    command.require()
    plain = _read(command, source, context)
    shown = f"{source.file} ({source.shown})"
    app = chosen_service(plain["services"], context.settings.compose_service, shown)
    needed = needed_by(plain["services"], app)
    _trial(plain, app, needed, source, context)
    kept = {**plain, "services": {name: plain["services"][name] for name in (app, *needed)}}
    findings = Findings(str(source.file), source.shown)
    images = built_images(kept, source.folder, source.files, findings)
    findings.raise_any()
    _make(client, command, plain, kept, images, source, context)
    _refuse_placeholders(needed, source, context)
    port = context.settings.port or _port(client, plain["services"][app], images.get(app), app, shown)
    services = {**plain["services"], **_checked(client, kept["services"], images, source.shown)}
    return ComposeRecipe({**plain, "services": services}, app, needed, images, port)


def isolated(recipe: ComposeRecipe, source: ComposeSource, isolation: Isolation, findings: Findings) -> IsolatedProject:
    """The recipe as a project of its own."""
    found = isolate(recipe.plain, recipe.app, recipe.needed, isolation, findings)
    findings.raise_any()
    return found


def _read(command: ComposeCommand, source: ComposeSource, context: LaunchContext) -> dict[str, Any]:
    path = source.folder / source.file
    if not path.is_file():
        hint = "compose under [service] in perfgate.toml names a compose file of the repository"
        raise UsageError(f"{source.shown}: {source.commit} has no {source.file}", hint)
    ended = command.run(path, ["--profile", "*", "config", "--format", "json"], _CONFIG_SECONDS)
    for warning in ended.warnings:
        context.say(f"{source.file}: {warning}")
    if ended.code != 0:
        hint = "mend the file; `docker compose config` checks it"
        if "not found" in ended.errors:
            hint = (
                "what git does not have is not in the commit's tree: commit the file, or name it in files under "
                "[service], which takes it out of the checkout"
            )
        raise UsageError(f"{source.file} ({source.shown}) has a mistake: {ended.errors}", hint)
    plain = read_plain(ended.output)
    if not plain.get("services"):
        raise UsageError(f"{source.file} ({source.shown}) has no services", "add the one that takes the load")
    return plain


def _trial(
    plain: Mapping[str, Any], app: str, needed: tuple[str, ...], source: ComposeSource, context: LaunchContext
) -> None:
    """Refuse and say what cannot stand beside itself, before anything is built for it."""
    findings = Findings(str(source.file), source.shown)
    trial = Isolation(READ_ONLY, source.folder, {}, (), {}, None, {}, None, "1.40", context.checkout)
    isolate(plain, app, needed, trial, findings)
    findings.raise_any()
    for note in findings.notes:
        context.say(note)


def _refuse_placeholders(needed: tuple[str, ...], source: ComposeSource, context: LaunchContext) -> None:
    """Placeholders of services that the compose file does not start are seen no earlier."""
    settings = context.settings
    reset = settings.reset
    texts = {
        "ready": [settings.ready or ""],
        "reset": [reset.path] if isinstance(reset, HttpCall) else reset or (),
        "seed": settings.seed,
        "teardown": settings.teardown,
        **{f"env: {name}": [text] for name, text in settings.env.items()},
    }
    known = [*needed, *(one.name for one in settings.dependencies)]
    for key, words in texts.items():
        for owner, dot, part in (name.partition(".") for word in words for name in names_in(word)):
            if dot and part in OF_A_DEPENDENCY and owner not in known:
                raise UsageError(
                    f"perfgate.toml: [service] {key} has {{{owner}.{part}}}, and {source.file} ({source.shown}) starts "
                    f"no such service with the one that takes the load",
                    did_you_mean(owner, known) if known else "name it in depends_on of that one",
                )


def _make(
    client: docker.DockerClient,
    command: ComposeCommand,
    plain: Mapping[str, Any],
    kept: Mapping[str, Any],
    images: Mapping[str, str],
    source: ComposeSource,
    context: LaunchContext,
) -> None:
    services = kept["services"]
    built = {name: image for name, image in images.items() if services[name].get("build")}
    missing = missing_images(client, built, source.shown)
    if missing:
        context.say(f"{source.shown}: building {', '.join(missing)} of {source.file}")
        ended = build_images(command, source.written, plain, images, missing)
        if ended.code != 0:
            hint = build_hint(ended.errors, "\n".join(dockerfile_of(services[name]["build"]) for name in missing))
            raise image_error(source.shown, "building", missing, ended, hint)
    foreign = {name: raw["image"] for name, raw in services.items() if name not in images and raw.get("image")}
    missing = missing_images(client, foreign, source.shown)
    if missing:
        context.say(f"{source.shown}: pulling {', '.join(foreign[name] for name in missing)}")
        ended = pull_images(command, source.written, kept, missing)
        if ended.code != 0:
            hint = "see whether its name is right, or log in to its registry"
            raise image_error(source.shown, "pulling", [foreign[name] for name in missing], ended, hint)


def _checked(
    client: docker.DockerClient, services: Mapping[str, Raw], images: Mapping[str, str], shown: str
) -> dict[str, Raw]:
    """The services with the health checks that their images add."""
    named = {name: images.get(name) or raw.get("image") for name, raw in services.items()}
    with translated(f"{shown} could not be started"):
        found = {name: client.images.get(image).attrs["Config"] for name, image in named.items() if image}
    return with_checks(services, {name: (config or {}).get("Healthcheck") for name, config in found.items()})


def _port(client: docker.DockerClient, raw: Raw, image: str | None, app: str, shown: str) -> int:
    ports = list(tcp_ports(raw))
    if not ports:
        with translated(f"{shown} could not be started"):
            ports = exposed_ports(client.images.get(image or raw["image"]))
    if len(ports) == 1:
        return ports[0]
    said = f"has ports {', '.join(map(str, ports))}" if ports else "publishes and exposes no port"
    hint = "say where the service listens: port = 8080 under [service] in perfgate.toml"
    raise UsageError(f"{shown}: services.{app} {said}", hint)
