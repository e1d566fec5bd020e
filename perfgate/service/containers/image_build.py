"""Images that the Docker Engine builds from a Dockerfile. To be imported late: it needs the extra `docker`."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import docker
from docker.errors import ImageNotFound

from perfgate.errors import TargetError
from perfgate.service.containers.engine import translated
from perfgate.service.log import LAST_LINES, readable
from perfgate.service.starting import with_heading
from perfgate.service.target import Target

BUILD_LABEL = "dev.perfgate.build"
# For one step that says nothing while it works.
_STEP_SECONDS = 1800
_NEEDS_BUILDKIT = re.compile(r"requires? BuildKit", re.IGNORECASE)


def has_image(client: docker.DockerClient, target: Target, name: str) -> bool:
    """Whether the engine has the image already."""
    with translated(f"{target.text} could not be built"), suppress(ImageNotFound):
        client.images.get(name)
        return True
    return False


def build_image(client: docker.DockerClient, target: Target, name: str, context: Path, dockerfile: str) -> None:
    """Build the image `name` from a folder and the Dockerfile in it.

    TargetError with the last 50 lines of the build where it fails.
    """
    log: deque[str] = deque(maxlen=LAST_LINES)
    with translated(f"{target.text} could not be built"):
        answers = client.api.build(
            path=str(context),
            dockerfile=dockerfile,
            tag=name,
            labels={BUILD_LABEL: name},
            rm=True,
            forcerm=True,
            decode=True,
            timeout=_STEP_SECONDS,
        )
        with closing(answers):
            error = _follow(answers, log)
    if error:
        hint = "the Dockerfile is built from a fresh checkout, without what git ignores"
        if _NEEDS_BUILDKIT.search(error):
            hint = 'build it yourself before, with `docker build`, and name it: image = "my-service:{sha}"'
        raise TargetError(f"{target.text} could not be built: {error}\n{with_heading(chr(10).join(log))}", hint)


def _follow(answers: Iterable[dict[str, Any]], log: deque[str]) -> str:
    """Note the engine's output of a build; its error message, "" without one."""
    for answer in answers:
        log.extend(readable(line) for line in answer.get("stream", "").splitlines() if line.strip())
        if "error" in answer:
            return readable(str(answer["error"]))
    return ""
