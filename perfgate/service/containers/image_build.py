"""Images that the Docker Engine builds from a Dockerfile. To be imported late: it needs the extra `docker`."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound

from perfgate.errors import TargetError
from perfgate.service.containers.build_hint import build_hint, text_of
from perfgate.service.containers.buildkit import build, find_buildx
from perfgate.service.containers.engine import explanation, translated
from perfgate.service.log import LAST_LINES, readable
from perfgate.service.starting import with_heading
from perfgate.service.target import Target

BUILD_LABEL = "dev.perfgate.build"
# For one step that says nothing while it works.
_STEP_SECONDS = 1800
_NEEDS_BUILDKIT = re.compile(
    r"requires? BuildKit|unknown instruction: EOF|unknown flag: (--)?(mount|link|chmod|checksum|parents|exclude)",
    re.IGNORECASE,
)


def has_image(client: docker.DockerClient, target: Target, name: str) -> bool:
    """Whether the engine has the image already."""
    with translated(f"{target.text} could not be built"), suppress(ImageNotFound):
        client.images.get(name)
        return True
    return False


@dataclass(frozen=True)
class Recipe:
    """What an image is built from.

    context: the folder that is sent to the engine.
    dockerfile: the Dockerfile's path, seen from there.
    """

    context: Path
    dockerfile: str


def build_image(
    client: docker.DockerClient, target: Target, name: str, recipe: Recipe, environment: Mapping[str, str]
) -> None:
    """Build the image `name`, with BuildKit where the docker client has it, else as the engine builds by itself.

    environment: environment variables, PATH and DOCKER_HOST among them. TargetError with the last 50 lines of the build
    where it fails.
    """
    log: deque[str] = deque(maxlen=LAST_LINES)
    if buildx := find_buildx(environment):
        options = ["--tag", name, "--label", f"{BUILD_LABEL}={name}", "--file", str(recipe.context / recipe.dockerfile)]
        error = build([buildx, *options], recipe.context, environment, log)
    else:
        error = _build_by_the_engine(client, target, name, recipe, log)
    if error:
        said = "\n".join(log)
        hint = build_hint(f"{said}\n{error}", text_of(recipe.context / recipe.dockerfile))
        if not buildx and _NEEDS_BUILDKIT.search(error):
            hint = (
                "install the docker client with its plugin buildx; or build it yourself before, with `docker build`, "
                'and name it: image = "my-service:{sha}"'
            )
        raise TargetError(f"{target.text} could not be built: {error}\n{with_heading(said)}", hint)


def _build_by_the_engine(
    client: docker.DockerClient, target: Target, name: str, recipe: Recipe, log: deque[str]
) -> str:
    """The failure of a build, "" without one."""
    with translated(f"{target.text} could not be built"):
        try:
            answers = client.api.build(
                path=str(recipe.context),
                dockerfile=recipe.dockerfile,
                tag=name,
                labels={BUILD_LABEL: name},
                rm=True,
                forcerm=True,
                decode=True,
                timeout=_STEP_SECONDS,
            )
            with closing(answers):
                return _follow(answers, log)
        except APIError as error:
            # A Dockerfile that it cannot read, it refuses before it begins.
            if not _NEEDS_BUILDKIT.search(explanation(error)):
                raise
            return explanation(error)


def _follow(answers: Iterable[dict[str, Any]], log: deque[str]) -> str:
    """Note the engine's output of a build; its error message, "" without one."""
    for answer in answers:
        log.extend(readable(line) for line in answer.get("stream", "").splitlines() if line.strip())
        if "error" in answer:
            return readable(str(answer["error"]))
    return ""
