"""What stands around one instance of a service: its dependencies, what was seeded into them, and what tears it down."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from perfgate.errors import TargetError
from perfgate.service.command_variables import variables_of
from perfgate.service.containers.sdk import require_docker_sdk
from perfgate.service.dependencies.command_dependency import start_command
from perfgate.service.dependencies.commands import CommandEnd, Place, all_cpus, run_to_its_end, shown_words
from perfgate.service.dependencies.ground import Ground
from perfgate.service.dependencies.running import DependencyStart, RunningDependency
from perfgate.service.dependencies.shared_dependency import join_shared
from perfgate.service.dependencies.teardowns import Note, run_teardown, write_note
from perfgate.service.placeholders import PORT, SHA, SIDE, URL, fill, fill_variables, fill_words, side_name
from perfgate.service.processes.surroundings import inherited_in
from perfgate.service.settings import DependencySettings, LaunchContext
from perfgate.service.starting import with_heading

# A seed that takes longer than this has most likely come to a halt.
_SEED_SECONDS = 1800.0


class Standing:
    """The surroundings of one instance, from before its start to after its end.

    dependencies: those that run now, in the order of their start.
    """

    def __init__(self, ground: Ground, context: LaunchContext) -> None:
        self.dependencies: list[RunningDependency] = []
        self._ground = ground
        self._context = context
        self._port = ground.port()
        self._early = {SIDE: side_name(context.side), SHA: ground.sha}
        self._note: Path | None = None
        self._begun = False

    @property
    def values(self) -> dict[str, str]:
        """What placeholders stand for, as processes on this machine see it."""
        return self._values(from_container=False)

    def start_dependencies(self, kept: Mapping[str, object]) -> None:
        """Start all of them, each ready before the next. kept: the states to start from, by name."""
        for settings in self._context.settings.dependencies:
            self.dependencies.append(self._started(settings, kept.get(settings.name)))
        if self._ground.start_beside is not None:
            self.dependencies += self._ground.start_beside(self._context)

    def seed(self, url: str | None) -> None:
        """Run the seed. url: of the service, where it runs. TargetError with the end of its log where it fails."""
        settings = self._context.settings
        self._begin()
        if not settings.seed:
            return
        values = {**self.values, **({} if url is None else {URL: url})}
        shown = shown_words(settings.seed, values)
        self._context.say(f"{self._ground.shown}: {shown}")
        outcome = self.run(settings.seed, values, _SEED_SECONDS)
        if outcome.failure:
            raise TargetError(
                f"{self._ground.shown} could not be seeded: {shown}: {outcome.failure}\n{with_heading(outcome.logs)}",
                "[service] seed in perfgate.toml is run in the side's tree, with the variables of env",
            )

    def run(self, words: Sequence[str], values: Mapping[str, str], seconds: float) -> CommandEnd:
        """Run a command in the side's tree, with the variables of the service.

        words: with placeholders. values: of the placeholders. seconds: the most that it may take.
        """
        variables = variables_of(self._context.settings, values)
        return run_to_its_end(fill_words(words, values), variables, self._place(), seconds)

    def launch(self) -> LaunchContext:
        """The context that the service is started in."""
        self._begin()
        settings = self._context.settings
        here, seen = self.values, self._values(self._ground.in_container)
        filled = replace(
            settings,
            command=tuple(fill_words(settings.command, here)),
            env=fill_variables(settings.env, seen),
            ready=settings.ready and fill(settings.ready, here),
            port=self._port,
        )
        return replace(self._context, settings=filled, beside=self._sessions())

    def keep(self, names: Collection[str], folder: Path, kept: dict[str, object]) -> None:
        """End the dependencies, the last first, and put the states of the named ones into `kept`. folder: for files."""
        while self.dependencies:
            dependency = self.dependencies[-1]
            if dependency.name in names:
                kept[dependency.name] = dependency.keep(folder / dependency.name)
            dependency.stop()
            self.dependencies.pop()

    def stop_dependencies(self) -> None:
        """End all of them, the last first."""
        while self.dependencies:
            self.dependencies[-1].stop()
            self.dependencies.pop()

    def ended(self) -> RunningDependency | None:
        """The first dependency that has ended though it should run."""
        return next((one for one in self.dependencies if not one.alive()), None)

    def stop(self) -> None:
        """Run the teardown, and end the dependencies. Once is enough."""
        try:
            self._tear_down()
        finally:
            self.stop_dependencies()

    def _begin(self) -> None:
        """From now on there is something to tear down."""
        if self._begun or not self._context.settings.teardown:
            return
        self._begun = True
        own = [one.endpoint(False) for one in self.dependencies]
        places = {one.name: (found.host, found.port) for one, found in zip(self.dependencies, own, strict=True)}
        what = Note(self._early[SIDE], self._early[SHA], str(self._port), str(self._ground.folder), places)
        self._note = write_note(self._context, what)

    def _tear_down(self) -> None:
        if not self._begun:
            return
        self._begun = False
        run_teardown(self.values, self._context, self._place())
        if self._note is not None:
            with suppress(OSError):
                self._note.unlink()

    def _started(self, settings: DependencySettings, kept: object | None) -> RunningDependency:
        start = DependencyStart(
            context=self._context,
            folder=self._ground.folder,
            here=self._known(from_container=False),
            in_container=self._known(from_container=True),
            kept=kept,
            shown=self._ground.shown,
        )
        if settings.url:
            return join_shared(settings, start)
        if settings.command:
            return start_command(settings, start)
        require_docker_sdk()
        from perfgate.service.dependencies.container_dependency import start_image

        return start_image(settings, start)

    def _known(self, from_container: bool) -> dict[str, str]:
        """The values before the service has a port of its own to speak of."""
        found = dict(self._early)
        for one in self.dependencies:
            found |= one.endpoint(from_container).values(one.name)
        return found

    def _values(self, from_container: bool) -> dict[str, str]:
        return {**self._known(from_container), PORT: str(self._port)}

    def _sessions(self) -> tuple[int, ...]:
        return tuple(one.session for one in self.dependencies if one.session is not None)

    def _place(self) -> Place:
        ground, context = self._ground, self._context
        # With the mark of the service itself it would end with the seed.
        inherited = inherited_in(ground.folder, context)
        return Place(ground.folder, inherited, f"{ground.mark}-beside", all_cpus(context.cpus))
