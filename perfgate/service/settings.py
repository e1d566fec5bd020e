"""Settings of the service and its dependencies, `[service]` and `[[dependencies]]` of perfgate.toml as values, and the
context that targets are launched in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from perfgate.service.kept_trees import KeptTrees

TCP = "tcp"
HOST_FROM_CONTAINERS = "host.docker.internal"
"""The name by which containers that perfgate starts reach what runs on this machine."""


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
class DependencySettings:
    """How something that the service needs is started and awaited: a database, a cache, a broker.

    It is exactly one of image, command and url. Each other field's default holds where perfgate.toml does not name it.

    name: the name by which placeholders, metrics and messages call it.
    image: the name of an image, started as a container.
    command: the words of a process of its own, which listens on {port} and keeps its data in the folder {data}.
    url: where it runs already, shared by all that use it; with user info, and so never shown.
    port: where it listens in its container; None for the one port that its image exposes.
    env: environment variables of its container or process.
    memory: the limit of its container (bytes); None for no limit.
    ready: a path that answers below 500 when it is ready, "tcp" where taking connections is enough, or the words of a
        command that then ends with 0; None for "tcp" where it has a port, its start where it has none.
    ready_timeout: how long it may take to become ready (s).
    snapshot: whether its state after the seed is kept, and every later instance and reset starts from it.
    """

    name: str
    image: str | None = None
    command: tuple[str, ...] = ()
    url: str | None = field(default=None, repr=False)
    port: int | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    memory: int | None = None
    ready: str | tuple[str, ...] | None = None
    ready_timeout: float = 30.0
    snapshot: bool = False


@dataclass(frozen=True)
class CounterSettings:
    """One `[[counter]]`: a page with counters, or a command that prints one.

    name: the name of the one counter; "" where a page names them.
    url: the page: a path of the service, or a URL; "" where a command says it.
    names: names on the page, or patterns with * and ?.
    labels: labels that a sample of the page must have.
    headers: headers of the request for the page; ${NAME} is a variable of the environment.
    command: the words of a command that prints one number.
    gauge: whether it may fall as well as rise, and is taken as it is; None for what the page
        says, and a counter of a command.
    """

    name: str = ""
    url: str = ""
    names: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    gauge: bool | None = None


@dataclass(frozen=True)
class ServiceSettings:
    """How a service is started, awaited and reset. Each field's default holds where perfgate.toml does not name it.

    `ref:` targets and `worktree` are started by one of build, image, command and compose. Texts may hold placeholders,
    see `placeholders`.

    build: a Dockerfile, or the folder that holds one, within the checked-out tree.
    image: the name of an image, with {sha} for the commit.
    command: the words of a process that serves the commit, with {port} for its port (which its environment has as PORT,
        too).
    build_command: the words of a command that is run in a fresh checkout before `command`.
    files: files that git does not keep, from the top of the repository: taken out of the checkout into the tree of each
        side that lacks them.
    port: where the service listens in its container; None for the one port that its image exposes. Where an instance is
        started it is known, also that of a process.
    path: the path that those of scenarios are added to, like "/api/v3".
    ready: the path from the service's root that answers below 500 when it is ready, or "tcp" where taking connections
        is enough; None for `path`.
    ready_timeout: how long it may take to become ready (s).
    env: environment variables of the service.
    memory: the limit of a container (bytes); None for no limit.
    reset: a command's words, or a call like "POST /reset", that sets the service back between rounds.
    cpus: the CPUs of the service, like "2-3", as --cpus says it; None for half of the cores.
    dependencies: what it needs, in the order of their start.
    seed: the words of a command that fills the dependencies of an instance, in its side's tree, before it is loaded.
    teardown: the words of a command that is run after each instance, whatever happened.
    compose: the compose file within the checked-out tree.
    compose_service: the service of the compose file that takes the load.
    verify: whether the certificate of a target is verified; a file of certificates to trust.
    counters: what is read of it before and after each round.
    """

    build: Path | None = None
    image: str | None = None
    command: tuple[str, ...] = ()
    build_command: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    port: int | None = None
    path: str = ""
    ready: str | None = None
    ready_timeout: float = 30.0
    env: Mapping[str, str] = field(default_factory=dict)
    memory: int | None = None
    reset: tuple[str, ...] | HttpCall | None = None
    cpus: str | None = None
    dependencies: tuple[DependencySettings, ...] = ()
    seed: tuple[str, ...] = ()
    teardown: tuple[str, ...] = ()
    compose: Path | None = None
    compose_service: str | None = None
    verify: bool | Path = True
    counters: tuple[CounterSettings, ...] = ()

    @property
    def starts_commits(self) -> bool:
        """Whether something says how a commit of this repository is started."""
        return bool(self.build or self.image or self.command or self.compose)

    @property
    def in_containers(self) -> bool:
        """Whether the service, or something that it needs, is started in a container."""
        return bool(self.build or self.image or self.compose or any(one.image for one in self.dependencies))


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
    side: of the measurement, "base" or "head"; "" for a run of one target.
    beside: the sessions of processes that stand beside a service, and do not end with it.
    own_cpus: the CPUs that dependencies have for themselves; empty where they share the service's.
    trees: where the work tree of a command goes when it ends; None to remove it.
    checkout: the top of the user's own work tree, where sides have trees of their own; None where they have none.
    """

    settings: ServiceSettings = field(default_factory=ServiceSettings)
    cpus: tuple[int, ...] = ()
    folder: Path = Path()
    environment: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str], None] = _silent
    side: str = ""
    beside: tuple[int, ...] = ()
    own_cpus: tuple[int, ...] = ()
    trees: KeptTrees | None = None
    checkout: Path | None = None

    @property
    def cpus_beside(self) -> tuple[int, ...]:
        """The CPUs that dependencies may run on; empty for all."""
        return self.own_cpus or self.cpus
