"""What a person says about the service: `[service]` of perfgate.toml as a value, and what opening a target needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TCP = "tcp"
PORT = "{port}"
SHA = "{sha}"


@dataclass(frozen=True)
class HttpCall:
    """A request to the service, like POST /reset. path: from the service's root, with a slash at its beginning."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class ServiceSettings:
    """How a service is started, awaited and set back; every field has the value that holds where nothing is said.

    How `ref:` targets are started, one of the three at most: build, a Dockerfile or the folder that holds one, within
    the checked-out tree; image, the name of an image with {sha} where the commit stands; command, the words of a
    process, with {port} where its port stands (its environment says PORT, too). build_command: what is run in a fresh
    checkout before `command`.

    port: where the service listens in its container; None for the one port that its image exposes. path: what the paths
    of scenarios are added to, like "/api/v3". ready: the path from the service's root that answers below 500 when it
    is ready, "tcp" where taking connections is enough, None for `path`. ready_timeout: seconds until then. env:
    environment variables. memory: the most bytes that a container may have. reset: what sets the service back between
    rounds, the words of a command or a call. cpus: the CPUs of the service, like "2-3".
    """

    build: Path | None = None
    image: str | None = None
    command: tuple[str, ...] = ()
    build_command: tuple[str, ...] = ()
    port: int | None = None
    path: str = ""
    ready: str | None = None
    ready_timeout: float = 30.0
    env: Mapping[str, str] = field(default_factory=dict)
    memory: int | None = None
    reset: tuple[str, ...] | HttpCall | None = None
    cpus: str | None = None

    @property
    def starts_commits(self) -> bool:
        """Whether something says how a commit of this repository is started."""
        return bool(self.build or self.image or self.command)


def _silent(line: str) -> None:
    """Nobody wants to hear about progress."""


@dataclass(frozen=True)
class Opening:
    """What it takes to open a target. cpus: where the service may run; empty for everywhere. folder: where the person
    stands, for everything in the settings that names a place. environment: of commands that are run for the service.
    say: is told what takes a while, a line at a time.
    """

    settings: ServiceSettings = field(default_factory=ServiceSettings)
    cpus: tuple[int, ...] = ()
    folder: Path = Path()
    environment: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str], None] = _silent
