"""The start of a compose project: what the service needs first, then the service itself."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import docker
from docker.models.containers import Container

from perfgate.errors import TargetError
from perfgate.popen import interrupts_held
from perfgate.service.containers.compose.command import ComposeCommand, Ended
from perfgate.service.containers.compose.findings import Findings
from perfgate.service.containers.compose.health import HEALTHY, has_check, patience
from perfgate.service.containers.compose.instance import (
    ComposeContainer,
    ComposeDependency,
    ComposeInstance,
    no_more_restarts,
)
from perfgate.service.containers.compose.isolation import Isolation
from perfgate.service.containers.compose.plain_file import write_plain
from perfgate.service.containers.compose.project import Project
from perfgate.service.containers.compose.recipe import ComposeRecipe, ComposeSource, isolated
from perfgate.service.containers.compose.selection import Raw, restart_policy, tcp_ports
from perfgate.service.containers.container import address_of
from perfgate.service.containers.engine import ENGINE_ERRORS, OWNER_LABEL, remove, translated
from perfgate.service.containers.usage import last_lines
from perfgate.service.containers.watched_container import ending
from perfgate.service.endpoint import Endpoint, endpoint_of
from perfgate.service.log import readable
from perfgate.service.owner import this_process
from perfgate.service.probe import accepts_connections
from perfgate.service.settings import LaunchContext
from perfgate.service.starting import wait_for_start, with_heading
from perfgate.service.target import Target
from perfgate.units import format_seconds

_COMPLETED = "service_completed_successfully"
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

    def start_needed(self, context: LaunchContext) -> list[ComposeDependency]:
        """Start all that the service needs, and wait for it as the file says; what of it runs on.

        context: its CPUs count. TargetError with the log of what failed.
        """
        needed = self._recipe.needed
        if not needed:
            return []
        try:
            self._up(replace(context, cpus=context.cpus_beside), [*needed], {})
            conditions = self._recipe.service(self._recipe.app).get("depends_on") or {}
            for name, how in conditions.items():
                if name in needed:
                    self._wait_for(name, how.get("condition", ""), context)
            return self._dependencies(context.cpus_beside)
        except BaseException:
            self.remove()
            raise

    def start_service(self, context: LaunchContext) -> ComposeInstance:
        """Start the service, and wait until it is ready. context: with the placeholders of its settings filled in."""
        try:
            return self._started(context)
        except BaseException:
            self._remove_service()
            raise

    def _started(self, context: LaunchContext) -> ComposeInstance:
        recipe, settings = self._recipe, context.settings
        self._up(context, ["--no-deps", recipe.app], settings.env)
        address, container = self._settled(settings.ready_timeout)
        app = ComposeContainer(recipe.app, container)
        instance = ComposeInstance(app, f"http://{address}{settings.path}", context.cpus, self._remove_service)
        try:
            wait_for_start(instance, self._target, settings, app.ended)
        except TargetError as error:
            if others := recipe.others():
                error.hint += f"; not started, since {recipe.app} does not depend on them: {', '.join(others)}"
            raise
        self._wait_for(recipe.app, HEALTHY, context)
        no_more_restarts(self._project)
        return instance

    def _settled(self, seconds: float) -> tuple[str, Container]:
        """The address of the service, and its container; not before it listens, where it may end and be started again.

        Each time it may have another address.
        """
        app = self._recipe.app
        deadline = time.monotonic() + seconds
        while True:
            with_address = self._with_address()
            containers = self._containers(app, with_address)
            address = address_of(containers[with_address], self._recipe.port)
            container = containers[app]
            if how := ending(container):
                raise self._failure(f"{app} ended before it was ready: {how}", [app])
            steady = container.attrs["HostConfig"]["RestartPolicy"]["Name"] in ("", "no")
            if address and (steady or accepts_connections(f"tcp://{address}")):
                return address, container
            if time.monotonic() > deadline:
                raise self._failure(f"{app} took no connections within {format_seconds(seconds)}", [app])
            time.sleep(_LOOK_EVERY)

    def _dependencies(self, cpus: tuple[int, ...]) -> list[ComposeDependency]:
        """The services that run on beside the one that takes the load."""
        found = self._containers()
        names = [name for name in self._recipe.needed if name in found and not ending(found[name])]
        return [
            ComposeDependency(
                name,
                found[name],
                cpus,
                self._endpoints(name, found[name]),
                self.remove,
                _is_job(self._recipe.service(name)),
            )
            for name in names
        ]

    def _endpoints(self, name: str, container: Container) -> tuple[Endpoint, Endpoint]:
        """Where a service is reached, from processes on this machine and from containers of the project."""
        raw = self._recipe.service(name)
        port = next(iter(tcp_ports(raw) or _ports_of(container)), 0)
        variables = {key: str(value) for key, value in (raw.get("environment") or {}).items() if value is not None}
        inside = endpoint_of(raw.get("image") or name, variables, name, port)
        place = address_of(container, port) if port else None
        if place is None:
            return inside, inside
        host, _, reached = place.rpartition(":")
        return inside.at(host, int(reached)), inside

    def remove(self) -> None:
        """Remove all of it. Once is enough; more does no harm."""
        with interrupts_held():
            self._project.remove()

    def _remove_service(self) -> None:
        """Remove the service; the whole project where nothing else of it runs."""
        with interrupts_held(), suppress(*ENGINE_ERRORS):
            found = self._project.containers()
            if app := found.pop(self._recipe.app, None):
                remove(self._client, str(app.id))
            if not any(one.attrs["State"]["Running"] for one in found.values()):
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
            checkout=context.checkout,
        )
        project = isolated(self._recipe, self._source, isolation, Findings(str(self._source.file), self._source.shown))
        self.writes_tree |= project.writes_tree
        write_plain(self._source.written, project.plain)
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
            container = self._containers(name)[name]
            trouble, done = _state(container, condition, _is_job(self._recipe.service(name)))
            if trouble:
                raise self._failure(f"{name} {trouble}", [name])
            if done:
                return
            if time.monotonic() > deadline:
                what = "did not end" if condition == _COMPLETED else "was not healthy"
                raise self._failure(f"{name} {what} within {format_seconds(seconds)}", [name])
            time.sleep(_LOOK_EVERY)

    def _with_address(self) -> str:
        """The service whose network the one that takes the load uses: its own, or another one's."""
        mode = str(self._recipe.service(self._recipe.app).get("network_mode") or "")
        return mode.removeprefix("service:") if mode.startswith("service:") else self._recipe.app

    def _containers(self, *names: str) -> dict[str, Container]:
        """The containers of the project. TargetError where one of these is not among them."""
        failed = f"{self._target.text} could not be started"
        with translated(failed):
            found = self._project.containers()
        for name in names:
            if name not in found:
                raise TargetError(f"{failed}: the container of {name} is gone", "who removes containers meanwhile?")
        return found

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


def _is_job(raw: Raw) -> bool:
    """Whether a service may do its work and end: nothing says that it serves, nor that it is started again then.

    The file's own policy counts: its container has another one.
    """
    return restart_policy(raw) in ("no", "on-failure") and not tcp_ports(raw) and not has_check(raw)


def _state(container: Container, condition: str, is_job: bool) -> tuple[str, bool]:
    """What is wrong with a container that is waited for, and whether it need not be waited for any longer."""
    state = container.attrs["State"]
    if condition == _COMPLETED:
        if state["Running"] or state["Status"] == "created":
            return "", False
        return ("", True) if state["ExitCode"] == 0 else (f"failed: {ending(container)}", False)
    if is_job and condition != HEALTHY and (state["Status"], state["ExitCode"]) == ("exited", 0):
        return "", True
    if how := ending(container):
        return ("", False) if state.get("Restarting") else (f"has ended: {how}", False)
    health = (state.get("Health") or {}).get("Status", "healthy")
    if condition != HEALTHY or health in ("healthy", "none"):
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
