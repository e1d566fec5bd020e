"""The images of a compose project: built once for each tree that has the same files, or pulled."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker
from docker.errors import ImageNotFound

from perfgate.errors import TargetError
from perfgate.service.containers.build_hint import text_of
from perfgate.service.containers.compose.command import ComposeCommand, Ended
from perfgate.service.containers.compose.findings import Findings
from perfgate.service.containers.compose.plain_file import write_plain
from perfgate.service.containers.engine import translated
from perfgate.service.containers.image_build import BUILD_LABEL
from perfgate.service.starting import with_heading

_BUILD_SECONDS = 1800.0
_REMOTE = ("://", "git@", "docker-image:", "target:", "service:")
# Of a recipe, what says where its result goes and not what it is.
_OF_THE_RESULT = ("tags", "cache_to", "labels")


def built_images(plain: Mapping[str, Any], folder: Path, files: str, findings: Findings) -> dict[str, str]:
    """The image of every service that is built, and of those that name the image of one.

    folder: the tree that it is built from. files: a hash of what is in it. An image is named by that and its recipe.
    """
    services = plain["services"]
    built: dict[str, str] = {}
    named: dict[str, str] = {}
    for name, raw in services.items():
        if not raw.get("build"):
            continue
        recipe = {key: value for key, value in raw["build"].items() if key not in _OF_THE_RESULT}
        _refuse_outside(name, recipe, folder, findings)
        text = json.dumps(recipe, sort_keys=True).replace(str(folder), ".")
        built[name] = "perfgate-build:" + hashlib.sha256(f"{files} {text}".encode()).hexdigest()[:16]
        if raw.get("image"):
            named[raw["image"]] = built[name]
    same = {name: named[raw["image"]] for name, raw in services.items() if raw.get("image") in named}
    return {**same, **built}


def missing_images(client: docker.DockerClient, images: Mapping[str, str], shown: str) -> list[str]:
    """The services whose image the engine does not have, one for each image."""
    missing: dict[str, str] = {}
    with translated(f"{shown} could not be started"):
        for service, image in images.items():
            try:
                client.images.get(image)
            except ImageNotFound:
                missing.setdefault(image, service)
    return list(missing.values())


def build_images(
    command: ComposeCommand, written: Path, plain: Mapping[str, Any], images: Mapping[str, str], missing: list[str]
) -> Ended:
    """Build the images of the missing services. written: the file to write for it."""
    services = {}
    for name, raw in plain["services"].items():
        services[name] = dict(raw)
        if raw.get("build"):
            recipe = {key: value for key, value in raw["build"].items() if key not in _OF_THE_RESULT}
            labels = {**(raw["build"].get("labels") or {}), BUILD_LABEL: images[name]}
            services[name] |= {"build": {**recipe, "labels": labels}, "image": images[name]}
    write_plain(written, {**plain, "services": services})
    return command.run(written, ["--progress", "plain", "build", *missing], _BUILD_SECONDS)


def pull_images(command: ComposeCommand, written: Path, plain: Mapping[str, Any], missing: list[str]) -> Ended:
    """Pull the images of the missing services."""
    write_plain(written, plain)
    return command.run(written, ["--progress", "plain", "pull", *missing], _BUILD_SECONDS)


def image_error(shown: str, doing: str, services: list[str], ended: Ended, hint: str) -> TargetError:
    """The error where images could not be built or pulled."""
    named = ", ".join(services)
    how = "took too long" if ended.code is None else "failed"
    return TargetError(f"{shown}: {doing} {named} {how}\n{with_heading(ended.errors)}", hint)


def dockerfile_of(recipe: Mapping[str, Any]) -> str:
    """The text of the Dockerfile that a service is built from; "" where it is not on this machine."""
    inline = recipe.get("dockerfile_inline")
    return str(inline) if inline else text_of(Path(recipe["context"], recipe.get("dockerfile") or "Dockerfile"))


def _refuse_outside(name: str, recipe: Mapping[str, Any], folder: Path, findings: Findings) -> None:
    for place in (recipe.get("context", "."), *(recipe.get("additional_contexts") or {}).values()):
        if not any(mark in place for mark in _REMOTE) and not Path(os.path.normpath(place)).is_relative_to(folder):
            hint = "a commit is built from its own files; make what it needs a submodule, or an image"
            message = f"is built from {Path(place).name}, which is not in the repository"
            findings.refuse(f"services.{name}.build", message, hint)
