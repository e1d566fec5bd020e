"""A dependency as a process of its own, with a folder for its data."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from perfgate.errors import TargetError
from perfgate.popen import interrupts_held
from perfgate.service.dependencies.commands import CommandEnd, Place, run_to_its_end
from perfgate.service.dependencies.readiness import not_from_snapshot, wait_for_dependency
from perfgate.service.dependencies.running import DependencyStart
from perfgate.service.endpoint import Endpoint, endpoint_of, program_in
from perfgate.service.owner import owner_in, this_process
from perfgate.service.placeholders import DATA, PORT, fill, fill_variables, fill_words, names_in
from perfgate.service.probe import free_port
from perfgate.service.processes.process import ProcessContext, ServiceProcess
from perfgate.service.processes.surroundings import inherited_in, variables_for
from perfgate.service.settings import HOST_FROM_CONTAINERS, DependencySettings, ServiceSettings
from perfgate.service.usage import Usage
from perfgate.units import format_seconds

_HERE = "127.0.0.1"
_PREFIX = "perfgate-data-"
# A database writes what it holds in memory when it is asked to end.
_KEEP_SECONDS = 120.0


class CommandDependency:
    """A process that perfgate started.

    name: of the dependency.
    """

    container = ""
    shared_place = ""
    finished = False

    def __init__(self, name: str, process: ServiceProcess, endpoint: Endpoint, data: Path) -> None:
        self.name = name
        self._process = process
        self._endpoint = endpoint
        self._data = data

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def processes(self) -> Sequence[int]:
        return self._process.processes()

    @property
    def cpus(self) -> tuple[int, ...]:
        return self._process.cpus

    @property
    def session(self) -> int | None:
        return self._process.pid

    def endpoint(self, from_container: bool) -> Endpoint:
        return self._endpoint.at(HOST_FROM_CONTAINERS, self._endpoint.port) if from_container else self._endpoint

    def usage(self) -> Usage | None:
        return self._process.usage()

    def reset_peak(self) -> None:
        self._process.reset_peak()

    def alive(self) -> bool:
        return self._process.alive()

    def logs(self) -> str:
        return self._process.logs()

    def keep(self, folder: Path) -> object:
        if not self._process.end_by_itself(_KEEP_SECONDS):
            raise TargetError(
                f"the dependency {self.name} has no snapshot: it did not end within {format_seconds(_KEEP_SECONDS)}",
                "it is asked to by SIGTERM; leave snapshot out where it cannot be",
            )
        _copy(self._data, folder)
        self.stop()
        return folder

    def stop(self) -> None:
        self._process.stop()
        with interrupts_held():
            shutil.rmtree(self._data, ignore_errors=True)


def start_command(settings: DependencySettings, start: DependencyStart) -> CommandDependency:
    """The dependency as a process, ready. TargetError where it does not become ready, with the end of its log."""
    port = free_port()
    data = new_data_folder()
    try:
        # Others may enter: a server need not run as the user that we are.
        data.chmod(0o755)
        if isinstance(start.kept, Path):
            _copy(start.kept, data)
        values = {**start.here, PORT: str(port), DATA: str(data)}
        env = fill_variables(settings.env, values)
        mark = f"perfgate-{this_process()}-{secrets.token_hex(4)}"
        inherited = inherited_in(start.folder, start.context)
        environment = variables_for(inherited, {PORT.upper(): str(port), **env}, mark)
        context = ProcessContext(start.folder, environment, mark, piped=False)
        words = fill_words(settings.command, values)
        process = ServiceProcess(words, start.context.cpus_beside, context)
    except BaseException:
        shutil.rmtree(data, ignore_errors=True)
        raise
    listens = settings.ready is not None or PORT in _names(settings) or _is_reached(settings, start.context.settings)
    found = endpoint_of(program_of(settings), env, _HERE, port if listens else 0)
    dependency = CommandDependency(settings.name, process, found, data)
    try:
        known = {**values, **found.values(settings.name)}
        # With the mark of the dependency what it started in another session would end with the command.
        place = Place(start.folder, inherited, f"{mark}-ready", start.context.cpus_beside)

        def attempt(words: Sequence[str], seconds: float) -> CommandEnd:
            return run_to_its_end(words, env, place, seconds)

        wait_for_dependency(settings, filled_ready(settings, known), found, process.ended, process.logs, attempt)
    except BaseException as error:
        dependency.stop()
        if start.kept is not None and isinstance(error, TargetError):
            raise not_from_snapshot(settings, error) from None
        raise
    return dependency


def program_of(settings: DependencySettings) -> str:
    """What says which program a dependency is: its image, or else its name and its command."""
    return settings.image or f"{settings.name} {program_in(settings.command)}"


def filled_ready(settings: DependencySettings, values: Mapping[str, str]) -> str | list[str] | None:
    """`ready` with its placeholders filled in."""
    ready = settings.ready
    if ready is None or isinstance(ready, str):
        return ready and fill(ready, values)
    return fill_words(ready, values)


def new_data_folder() -> Path:
    """A temporary folder that carries our mark, for our user alone."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{this_process()}-"))


def sweep_data_folders() -> None:
    """Remove the folders of owners that have ended."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = owner_in(folder.name)
        if owner is not None and owner.gone():
            shutil.rmtree(folder, ignore_errors=True)


def _names(settings: DependencySettings) -> set[str]:
    return {name for text in (*settings.command, *settings.env.values()) for name in names_in(text)}


def _is_reached(settings: DependencySettings, service: ServiceSettings) -> bool:
    """Whether anything in perfgate.toml asks for its port."""
    texts = [*service.command, *service.env.values(), *service.seed, *service.teardown]
    for one in service.dependencies:
        texts += [*one.command, *one.env.values()]
    asked = {name for text in texts for name in names_in(text)}
    return bool(asked & {f"{settings.name}.port", f"{settings.name}.url"})


def _copy(source: Path, target: Path) -> None:
    """Copy a folder with owners, permissions and times; where the file system can share blocks, nothing is copied."""
    target.mkdir(exist_ok=True)
    if os.uname().sysname == "Linux":
        done = subprocess.run(
            ["cp", "-a", "--reflink=auto", f"{source}/.", str(target)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise _not_copied(done.stderr.decode(errors="replace").strip())
        return
    try:
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
    except OSError as error:
        raise _not_copied(str(error)) from None


def _not_copied(why: str) -> TargetError:
    return TargetError(f"a snapshot could not be copied: {why}", "is the disk full?")
