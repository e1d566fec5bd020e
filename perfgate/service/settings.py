"""Settings of the service, `[service]` of perfgate.toml as a value, and the context that targets are launched in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TCP = "tcp"
PORT = "{port}"
SHA = "{sha}"


@dataclass(frozen=True)
class HttpCall:
    """A request to the service, like POST /reset.

    method: like "POST".
    path: from the service's root, with a slash at its beginning.
    """

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class ServiceSettings:
    """How a service is started, awaited and reset. Each field's default holds where perfgate.toml does not name it.

    `ref:` targets are started by one of build, image and command.

    build: a Dockerfile, or the folder that holds one, within the checked-out tree.
    image: the name of an image, with {sha} for the commit.
    command: the words of a process, with {port} for its port (which its environment has as PORT, too).
    build_command: the words of a command that is run in a fresh checkout before `command`.
    port: where the service listens in its container; None for the one port that its image exposes.
    path: the path that those of scenarios are added to, like "/api/v3".
    ready: the path from the service's root that answers below 500 when it is ready; "tcp" where taking connections is
        enough, None for `path`.
    ready_timeout: how long it may take to become ready (s).
    env: environment variables of the service.
    memory: the limit of a container (bytes); None for no limit.
    reset: a command's words, or a call, that resets the service between rounds.
    cpus: the CPUs of the service, like "2-3".
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
    """Progress is not shown."""


@dataclass(frozen=True)
class LaunchContext:
    """Everything from outside that launching a target takes.

    settings: `[service]` of perfgate.toml.
    cpus: the CPUs that the service may run on; empty for all.
    folder: the working folder, which relative places in the settings start from.
    environment: environment variables for commands that are run for the service.
    say: takes progress, a line at a time.
    """

    settings: ServiceSettings = field(default_factory=ServiceSettings)
    cpus: tuple[int, ...] = ()
    folder: Path = Path()
    environment: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str], None] = _silent
