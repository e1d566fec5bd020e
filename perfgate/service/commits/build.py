"""`[service] build`: the image of a commit, built by the Docker Engine unless it has been before.

To be imported late: it needs the extra `docker`.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import docker
from docker.errors import ImageNotFound

from perfgate.errors import TargetError, UsageError
from perfgate.git import Git
from perfgate.service.commits.worktree import Worktree
from perfgate.service.containers.engine import connect, translated
from perfgate.service.log import LAST_LINES, readable
from perfgate.service.settings import Opening
from perfgate.service.starting import with_heading

BUILD_LABEL = "dev.perfgate.build"
# For one step that says nothing while it works.
_STEP_SECONDS = 1800
_NEEDS_BUILDKIT = re.compile(r"requires? BuildKit", re.IGNORECASE)


def built_image(shown: str, checkout: Git, sha: str, opening: Opening) -> str:
    """The name of the image that a commit's Dockerfile makes. What was built from the same files is not built again.

    shown: the target as it may be shown. UsageError where the commit has no such Dockerfile, TargetError with the last
    50 lines where it cannot be built.
    """
    assert opening.settings.build is not None
    context, dockerfile = _found(shown, checkout, sha, opening.settings.build)
    files = checkout.say("rev-parse", f"{sha}:{'' if context == Path() else context.as_posix()}")
    key = hashlib.sha256(f"{files} {dockerfile}".encode()).hexdigest()[:16]
    name = f"perfgate-build:{key}"
    with closing(connect()) as client:
        with translated(f"{shown} could not be built"), suppress(ImageNotFound):
            client.images.get(name)
            return name
        opening.say(f"{shown}: building its image from {context / dockerfile}")
        with Worktree(checkout, sha) as tree:
            _build(client, shown, name, tree.folder / context, dockerfile)
    return name


def _found(shown: str, checkout: Git, sha: str, build: Path) -> tuple[Path, str]:
    """The folder that is sent to the engine, and the Dockerfile seen from there, both as the commit has them.

    A folder holds its Dockerfile; a Dockerfile that is named itself may copy from anywhere in the tree.
    """
    place = "" if build == Path() else build.as_posix()
    kind = checkout.ask("cat-file", "-t", f"{sha}:{place}")
    context, dockerfile = (build, "Dockerfile") if kind == "tree" else (Path(), place)
    inside = (context / dockerfile).as_posix()
    if checkout.ask("cat-file", "-t", f"{sha}:{inside}") != "blob":
        raise UsageError(
            f"{shown}: commit {sha[:12]} has no {inside}",
            "build under [service] in perfgate.toml names a Dockerfile of the repository, or the folder that holds one",
        )
    return context, dockerfile


def _build(client: docker.DockerClient, shown: str, name: str, context: Path, dockerfile: str) -> None:
    log: deque[str] = deque(maxlen=LAST_LINES)
    with translated(f"{shown} could not be built"):
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
        hint = "the Dockerfile is built from a fresh checkout of the commit, with nothing that is not committed"
        if _NEEDS_BUILDKIT.search(error):
            hint = 'build it yourself before, with `docker build`, and name it: image = "my-service:{sha}"'
        raise TargetError(f"{shown} could not be built: {error}\n{with_heading(chr(10).join(log))}", hint)


def _follow(answers: Iterable[dict[str, Any]], log: deque[str]) -> str:
    """Note what the engine says of a build; what went wrong, "" if nothing."""
    for answer in answers:
        log.extend(readable(line) for line in answer.get("stream", "").splitlines() if line.strip())
        if "error" in answer:
            return readable(str(answer["error"]))
    return ""
