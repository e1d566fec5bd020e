"""The stack of one side: its service's instances, one after the other, each with dependencies of its own.

An instance begins with its dependencies, in their order; then the seed fills them; then the service starts. It ends
the other way round: the service, the teardown, the dependencies. A seed that asks for {url} needs the service, and runs
after its start.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from perfgate.errors import TargetError
from perfgate.popen import interrupts_held
from perfgate.service.dependencies.command_dependency import new_data_folder, sweep_data_folders
from perfgate.service.dependencies.ground import Ground, Start
from perfgate.service.dependencies.running import RunningDependency
from perfgate.service.dependencies.stack_instance import StackInstance
from perfgate.service.dependencies.standing import Standing
from perfgate.service.own_service import OwnService
from perfgate.service.placeholders import URL, names_in
from perfgate.service.processes.owned_processes import sweep_processes
from perfgate.service.service import Instance
from perfgate.service.settings import LaunchContext
from perfgate.service.starting import with_heading


def open_stack(ground: Ground, context: LaunchContext, start: Start, clear: Callable[[], None]) -> OwnService:
    """The service that `start` starts, each instance with its dependencies. clear: takes away what they stood on."""
    return open_stack_on(lambda: ground, context, start, clear)


def open_stack_on(
    ground: Callable[[], Ground], context: LaunchContext, start: Start, clear: Callable[[], None]
) -> OwnService:
    """As `open_stack`, with a ground of its own for each instance."""
    if context.settings.dependencies:
        sweep_processes()
        sweep_data_folders()
    stack = _Stack(ground, context, start)

    def clear_all() -> None:
        try:
            stack.forget()
        finally:
            clear()

    return OwnService(stack.start, clear_all)


class _Stack:
    def __init__(self, ground: Callable[[], Ground], context: LaunchContext, start: Start) -> None:
        self._ground = ground
        self._shown = ""
        self._context = context
        self._start_service = start
        self._kept: dict[str, object] = {}
        self._kept_folder: Path | None = None

    def start(self) -> StackInstance:
        """An instance with its stack, seeded and ready. TargetError where a part of it is not; then nothing is left."""
        ground = self._ground()
        self._shown = ground.shown
        standing = Standing(ground, self._context)
        service: Instance | None = None
        try:
            standing.start_dependencies(self._kept)
            if not self._kept:
                service = self._seeded(standing)
                if any(one.snapshot for one in self._context.settings.dependencies):
                    self._keep(standing, service)
                    service = None
            service = service or self._serve(standing)
        except TargetError as error:
            ended = standing.ended()
            self._stop(standing, service)
            raise _for_its_sake(error, ended) from None
        except BaseException:
            self._stop(standing, service)
            raise
        return StackInstance(service, standing, partial(self._restored, standing) if self._kept else None)

    def _stop(self, standing: Standing, service: Instance | None) -> None:
        try:
            if service is not None:
                service.stop()
        finally:
            standing.stop()

    def forget(self) -> None:
        """Drop the snapshots. Once is enough."""
        kept, self._kept = self._kept, {}
        for one in kept.values():
            if not isinstance(one, Path):
                from perfgate.service.containers.stack_container import KeptContainer, forget

                assert isinstance(one, KeptContainer)
                forget(one, self._context.environment)
        if self._kept_folder is not None:
            with interrupts_held():
                shutil.rmtree(self._kept_folder, ignore_errors=True)

    def _seeded(self, standing: Standing) -> Instance | None:
        """Seed; the service, where the seed needed it."""
        if not any(URL in names_in(word) for word in self._context.settings.seed):
            standing.seed(None)
            return None
        service = self._serve(standing)
        try:
            standing.seed(service.url)
        except BaseException:
            service.stop()
            raise
        return service

    def _keep(self, standing: Standing, service: Instance | None) -> None:
        """Keep the states of dependencies, and start all anew from them. service: to be ended, where it runs."""
        if service is not None:
            service.stop()
        names = [one.name for one in self._context.settings.dependencies if one.snapshot]
        self._context.say(f"{self._shown}: keeping the state of {', '.join(names)}")
        self._kept_folder = new_data_folder()
        standing.keep(names, self._kept_folder, self._kept)
        standing.start_dependencies(self._kept)

    def _restored(self, standing: Standing) -> Instance:
        standing.stop_dependencies()
        standing.start_dependencies(self._kept)
        return self._serve(standing)

    def _serve(self, standing: Standing) -> Instance:
        return self._start_service(standing.launch())


def _for_its_sake(error: TargetError, ended: RunningDependency | None) -> TargetError:
    """The error, or what led to it: a dependency that had ended before."""
    if ended is None:
        return error
    return TargetError(
        f"the dependency {ended.name} has ended. {with_heading(ended.logs())}\nThen {error.message}",
        f"see why in what it wrote; it is started as [[dependencies]] {ended.name} or the compose file says",
    )
