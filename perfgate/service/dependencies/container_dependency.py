"""A dependency in a container of its own. To be imported late: it needs the extra `docker`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from perfgate.errors import TargetError
from perfgate.service.containers.container import reachable
from perfgate.service.containers.stack_container import ContainerPlan, KeptContainer, StackContainer, start_container
from perfgate.service.dependencies.command_dependency import filled_ready
from perfgate.service.dependencies.commands import CommandEnd, Place, run_to_its_end
from perfgate.service.dependencies.readiness import not_from_snapshot, wait_for_dependency
from perfgate.service.dependencies.running import DependencyStart
from perfgate.service.endpoint import Endpoint, endpoint_of
from perfgate.service.owner import this_process
from perfgate.service.placeholders import PORT, fill, fill_variables, fill_words
from perfgate.service.processes.surroundings import inherited_in
from perfgate.service.settings import DependencySettings
from perfgate.service.usage import Usage

_INSIDE = "127.0.0.1"


class ContainerDependency:
    """A container that perfgate started.

    name: of the dependency.
    cpus: the CPUs that it may run on; empty for all.
    """

    pid = None
    session = None
    shared_place = ""
    finished = False

    def __init__(
        self, name: str, program: str, env: Mapping[str, str], container: StackContainer, cpus: tuple[int, ...]
    ) -> None:
        self.name = name
        self.cpus = cpus
        self._container = container
        self._endpoint = endpoint_of(program, env, *container.here)

    @property
    def container(self) -> str:
        return self._container.container

    def processes(self) -> Sequence[int]:
        return self._container.processes()

    def endpoint(self, from_container: bool) -> Endpoint:
        there = self._container
        return self._endpoint.at(there.address, there.port) if from_container else self._endpoint

    def usage(self) -> Usage | None:
        return self._container.usage()

    def reset_peak(self) -> None:
        self._container.reset_peak()

    def alive(self) -> bool:
        return not self._container.ended()

    def logs(self) -> str:
        return self._container.logs()

    def keep(self, folder: Path) -> object:
        return self._container.keep(folder)

    def stop(self) -> None:
        self._container.stop()


def start_image(settings: DependencySettings, start: DependencyStart) -> ContainerDependency:
    """The dependency as a container, ready. TargetError where it does not become ready, with the end of its log."""
    assert settings.image is not None
    image = fill(settings.image, start.in_container)
    shown = f"{start.shown}: the dependency {settings.name}"

    def env(port: int) -> dict[str, str]:  # which may be known of its image alone
        return fill_variables(settings.env, {**start.in_container, PORT: str(port)})

    plan = ContainerPlan(image, shown, env, settings.port, settings.memory, start.context.cpus_beside)
    kept = start.kept if isinstance(start.kept, KeptContainer) else None
    container = start_container(plan, kept, start.context.environment, start.context.say)
    dependency = ContainerDependency(settings.name, image, env(container.port), container, plan.cpus)
    try:
        _wait(settings, start, dependency, container)
    except BaseException as error:
        dependency.stop()
        if kept is not None and isinstance(error, TargetError):
            raise not_from_snapshot(settings, error) from None
        raise
    return dependency


def _wait(
    settings: DependencySettings, start: DependencyStart, dependency: ContainerDependency, container: StackContainer
) -> None:
    """A command is run in the container, or beside it where the image has no such program."""
    own = dependency.endpoint(from_container=False)
    here = {**start.here, PORT: str(own.port), **own.values(settings.name)}
    inside_own = dependency.endpoint(from_container=True).at(_INSIDE, container.port)
    inside = {**start.in_container, PORT: str(container.port), **inside_own.values(settings.name)}
    inherited = inherited_in(start.folder, start.context)
    place = Place(start.folder, inherited, f"perfgate-{this_process()}-ready-{settings.name}")

    def attempt(words: Sequence[str], seconds: float) -> CommandEnd:
        done = container.run(words, seconds)
        if done is None:
            return run_to_its_end(fill_words(settings.ready or (), here), {}, place, seconds)
        return CommandEnd(*done)

    # A published port may take connections before the container does, for they can lead through a proxy.
    direct = dependency.endpoint(from_container=True)
    reached = direct if direct.port and reachable(direct.host, direct.port) else own
    wait_for_dependency(settings, filled_ready(settings, inside), reached, container.ended, container.logs, attempt)
