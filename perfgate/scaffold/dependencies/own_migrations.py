"""Whether the service brings its database up to date itself when it starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from perfgate.scaffold.dependencies.migrations import Migration
from perfgate.scaffold.dependencies.properties import framework_settings
from perfgate.scaffold.repository import Repository, is_aside
from perfgate.scaffold.service.container import Container
from perfgate.scaffold.service.dockerfiles import read_dockerfile

_LARGEST = 200_000
_START = re.compile(r'"(?:pre)?start(?::prod)?"\s*:\s*"([^"]*)"')
# What stands between the words of a command, be it a list in JSON or a line of a shell.
_BETWEEN = re.compile(r"[\s\"',\[\]=;&|()]+")
_BUILD = re.compile(r"pom\.xml|build\.gradle(?:\.kts)?|libs\.versions\.toml")
# How sources run the migrations of a tool, by its program.
_IN_RUST = {"sqlx": re.compile(r"\bmigrate!\("), "diesel": re.compile(r"\brun_pending_migrations\(")}
_SWITCHES = ("spring.flyway.enabled", "spring.liquibase.enabled")
# What serves the build alone, and comments.
_NO_LIBRARY = re.compile(
    r"<!--.*?-->|<plugin>.*?</plugin>|^[ \t]*//[^\n]*$|^[^\n]*\bclasspath\b[^\n]*$", re.DOTALL | re.MULTILINE
)


def migrates_itself(repository: Repository, migration: Migration, container: Container | None) -> PurePosixPath | None:
    """The file by which the service migrates when it starts; None where nothing that was read says so."""
    commands, source = _started_with(repository, container)
    if source is not None and re.search(migration.itself, commands):
        return source
    files = [path for path in repository.files if not is_aside(path)]
    scripts = _scripts(repository, files, commands)
    found = next((path for path, text in scripts if re.search(migration.itself, text)), None)
    return found or _by_source(repository, files, migration) or _by_library(repository, files, migration)


def _started_with(repository: Repository, container: Container | None) -> tuple[str, PurePosixPath | None]:
    """What a container is started with, as text, and the file that says it."""
    if container is None:
        return "", None
    if container.dockerfile is None:
        return container.command, container.source
    own = read_dockerfile(repository.read(container.dockerfile)).command
    return f"{container.command} {own}", container.source if container.command else container.dockerfile


def _scripts(repository: Repository, files: list[PurePosixPath], commands: str) -> Iterator[tuple[PurePosixPath, str]]:
    """The files that the service is started with, whatever they are called, and what of them is run then."""
    called = {PurePosixPath(word).name for word in _BETWEEN.split(commands) if word}
    for path in files:
        if path.name == "package.json":
            start = _START.search(repository.read(path))
            yield path, start[1] if start else ""
        elif path.name == "Procfile" or (path.name in called and _is_small(repository, path)):
            yield path, repository.read(path)


def _is_small(repository: Repository, path: PurePosixPath) -> bool:
    return (repository.folder / path).stat().st_size <= _LARGEST


def _by_source(repository: Repository, files: list[PurePosixPath], migration: Migration) -> PurePosixPath | None:
    """The source that runs them: with sqlx::migrate!()."""
    called = _IN_RUST.get(migration.tool)
    if called is None:
        return None
    sources = (path for path in files if path.suffix == ".rs" and _is_small(repository, path))
    return next((path for path in sources if called.search(repository.read(path))), None)


def _by_library(repository: Repository, files: list[PurePosixPath], migration: Migration) -> PurePosixPath | None:
    """The file that gives the service a library which migrates whenever the service starts."""
    switched_off = any(
        settings.get(name) == "false" for _, settings in framework_settings(repository) for name in _SWITCHES
    )
    if not migration.library or switched_off:
        return None
    builds = (path for path in files if _BUILD.fullmatch(path.name))
    wanted = re.compile(rf"(?<![\w.-])(?:{migration.library})(?![\w-])")
    return next((path for path in builds if wanted.search(_NO_LIBRARY.sub("", repository.read(path)))), None)
