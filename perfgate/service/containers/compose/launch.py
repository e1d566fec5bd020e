"""The start of a compose project: what the service needs first, then the service itself."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import suppress

import docker
from docker.models.containers import Container

from perfgate.errors import TargetError
from perfgate.popen import interrupts_held
from perfgate.service.containers.compose.command import ComposeCommand, Ended
from perfgate.service.containers.compose.findings import Findings
from perfgate.service.containers.compose.health import patience
from perfgate.service.containers.compose.images import write_file
from perfgate.service.containers.compose.instance import ComposeContainer, ComposeInstance, no_more_restarts
from perfgate.service.containers.compose.isolation import Isolation
from perfgate.service.containers.compose.project import Project
from perfgate.service.containers.compose.recipe import ComposeRecipe, ComposeSource, isolated
from perfgate.service.containers.compose.selection import tcp_ports
from perfgate.service.containers.container import address_of, ending
from perfgate.service.containers.engine import ENGINE_ERRORS, OWNER_LABEL, translated
from perfgate.service.containers.usage import last_lines
from perfgate.service.endpoint import Endpoint, endpoint_of
from perfgate.service.log import readable
from perfgate.service.owner import this_process
from perfgate.service.settings import LaunchContext
from perfgate.service.starting import wait_for_start, with_heading
from perfgate.service.target import Target
from perfgate.units import format_seconds

_HEALTHY, _COMPLETED = "service_healthy", "service_completed_successfully"
# For a job that others wait for, such as a migration.
_JOB_SECONDS = 900.0
_LOOK_EVERY = 0.1
_HINT = "see what it wrote; depends_on in the compose file says what is waited for"


class ComposeLaunch:
    """One project, from its first container to the removal of all.

    writes_tree: whether a service may have written into the tree.
    """

    def __init__(
        self, client: docker.DockerClient, target: Target, source: ComposeSource, recipe: ComposeRecipe
    ) -> None:
        self.writes_tree = False
        self._client = client
        self._target = target
        self._source = source
        self._recipe = recipe
        # Known before anything of it is, so that all of it can be removed whenever we are interrupted.
        self._project = Project(client, f"perfgate-{secrets.token_hex(6)}")

    def start_needed(self, context: LaunchContext) -> None:
        """Start all that the service needs, and wait for it as the file says. TargetError with the log of what failed.

        context: its environment variables and CPUs count.
        """
        needed = self._recipe.needed
        if not needed:
            return
        self._up(context, [*needed], {})
        conditions = self._recipe.service(self._recipe.app).get("depends_on") or {}
        for name, how in conditions.items():
            if name in needed:
                self._wait_for(name, how.get("condition", ""), context)

    def start_service(self, context: LaunchContext) -> ComposeInstance:
        """Start the service, and wait until it is ready. context: with the placeholders of its settings filled in."""
        recipe, settings = self._recipe, context.settings
        self._up(context, ["--no-deps", recipe.app], settings.env)
        with translated(f"{self._target.text} could not be started"):
            containers = self._project.containers()
            app = ComposeContainer(recipe.app, containers[recipe.app])
            address = address_of(self._with_address(containers), recipe.port)
        if address is None:
            raise self._failure(f"{recipe.app} ended at once", [recipe.app])
        instance = ComposeInstance(app, f"http://{address}{settings.path}", context.cpus, self.remove)
        try:
            wait_for_start(instance, self._target, settings, app.ended)
        except TargetError as error:
            if others := recipe.others():
                error.hint += f"; not started, since {recipe.app} does not depend on them: {', '.join(others)}"
            raise
        self._wait_for(recipe.app, _HEALTHY, context)
        no_more_restarts(self._project)
        instance.dependencies = self._running(context)
        return instance

    def endpoints(self, from_container: bool) -> dict[str, Endpoint]:
        """Where the services that run are reached, from processes on this machine or from containers of the project."""
        found = {}
        for name, container in self._project.containers().items():
            raw = self._recipe.service(name)
            ports = tcp_ports(raw) or tuple(_ports_of(container))
            if name == self._recipe.app or not ports or ending(container):
                continue
            own = endpoint_of(raw.get("image") or name, raw.get("environment") or {}, name, ports[0])
            place = None if from_container else address_of(container, ports[0])
            host, _, port = place.rpartition(":") if place else (name, "", str(ports[0]))
            found[name] = own.at(host, int(port))
        return found

    def remove(self) -> None:
        """Remove all of it. Once is enough; more does no harm."""
        with interrupts_held():
            self._project.remove()

    def _up(self, context: LaunchContext, words: list[str], env: Mapping[str, str]) -> None:
        isolation = Isolation(
            project=self._project.name,
            folder=self._source.folder,
            labels={OWNER_LABEL: str(this_process())},
            cpus=context.cpus,
            images=self._recipe.images,
            port=self._recipe.port,
            env=env,
            memory=context.settings.memory,
            api=str(self._client.api.api_version),
        )
        project = isolated(self._recipe, self._source, isolation, Findings(str(self._source.file), self._source.shown))
        self.writes_tree |= project.writes_tree
        write_file(self._source.written, project.plain)
        command = ComposeCommand(self._project.name, self._source.folder, self._source.environment)
        options = ["--progress", "quiet", "up", "--detach", "--no-build", "--pull", "never"]
        ended = command.run(self._source.written, [*options, *words], self._patience(context))
        if ended.code != 0:
            raise self._failure(_reason(ended, self._patience(context)), [*self._recipe.needed, self._recipe.app])

    def _patience(self, context: LaunchContext) -> float:
        """For all that starts in one call (s): as long as the health checks and the jobs may take."""
        names = (self._recipe.app, *self._recipe.needed)
        jobs = any(
            how.get("condition") == _COMPLETED
            for name in names
            for how in (self._recipe.service(name).get("depends_on") or {}).values()
        )
        checks = sum(patience(self._recipe.service(name)) for name in names)
        return context.settings.ready_timeout + checks + (_JOB_SECONDS if jobs else 0.0)

    def _wait_for(self, name: str, condition: str, context: LaunchContext) -> None:
        """Wait until a service is healthy, where it has a health check, or has done its work."""
        seconds = context.settings.ready_timeout + (
            _JOB_SECONDS if condition == _COMPLETED else patience(self._recipe.service(name))
        )
        deadline = time.monotonic() + seconds
        while True:
            with translated(f"{self._target.text} could not be started"):
                container = self._project.containers()[name]
            trouble, done = _state(container, condition)
            if trouble:
                raise self._failure(f"{name} {trouble}", [name])
            if done:
                return
            if time.monotonic() > deadline:
                what = "did not end" if condition == _COMPLETED else "was not healthy"
                raise self._failure(f"{name} {what} within {format_seconds(seconds)}", [name])
            time.sleep(_LOOK_EVERY)

    def _with_address(self, containers: Mapping[str, Container]) -> Container:
        """The container whose network the service uses: its own, or another one's."""
        mode = str(self._recipe.service(self._recipe.app).get("network_mode") or "")
        return containers[mode.removeprefix("service:") if mode.startswith("service:") else self._recipe.app]

    def _running(self, context: LaunchContext) -> list[ComposeContainer]:
        with translated(f"{self._target.text} could not be started"):
            found = self._project.containers()
        names = [name for name in self._recipe.needed if name in found and not ending(found[name])]
        return [ComposeContainer(name, found[name]) for name in names]

    def _failure(self, what: str, names: list[str]) -> TargetError:
        """The error of a start, with the log of the service that failed."""
        logs = ""
        with suppress(*ENGINE_ERRORS):
            found = self._project.containers()
            culprits = [name for name in names if name in found and _is_culprit(found[name])]
            for name in culprits or (names if len(names) == 1 else []):
                if name in found:
                    logs = f"{_check_said(name, found[name])}{name}: {with_heading(last_lines(found[name]))}"
                    break
        text = f"{self._target.text} could not be started: {what}"
        return TargetError(f"{text}\n{logs}" if logs else text, _HINT)


def _state(container: Container, condition: str) -> tuple[str, bool]:
    """What is wrong with a container that is waited for, and whether it need not be waited for any longer."""
    state = container.attrs["State"]
    if condition == _COMPLETED:
        if state["Running"] or state["Status"] == "created":
            return "", False
        return ("", True) if state["ExitCode"] == 0 else (f"failed: {ending(container)}", False)
    if how := ending(container):
        return ("", False) if state.get("Restarting") else (f"has ended: {how}", False)
    health = (state.get("Health") or {}).get("Status", "healthy")
    if condition != _HEALTHY or health in ("healthy", "none"):
        return "", True
    return ("is unhealthy" if health == "unhealthy" else ""), False


def _is_culprit(container: Container) -> bool:
    state = container.attrs["State"]
    health = (state.get("Health") or {}).get("Status", "healthy")
    return health != "healthy" or (not state["Running"] and state["ExitCode"] != 0)


def _check_said(name: str, container: Container) -> str:
    """What the health check of a container said last."""
    log = (container.attrs["State"].get("Health") or {}).get("Log") or []
    lines = [readable(line) for line in str(log[-1].get("Output", "")).splitlines() if line.strip()] if log else []
    return f"The health check of {name} said: {lines[-1]}\n" if lines else ""


def _reason(ended: Ended, seconds: float) -> str:
    if ended.code is None:
        return f"not all of it was ready within {format_seconds(seconds)}"
    lines = ended.errors.splitlines()
    return lines[-1] if lines else f"docker compose ended with exit code {ended.code}"


def _ports_of(container: Container) -> list[int]:
    exposed = sorted((container.attrs["Config"] or {}).get("ExposedPorts") or {})
    return [int(port.partition("/")[0]) for port in exposed if port.endswith("/tcp")]
