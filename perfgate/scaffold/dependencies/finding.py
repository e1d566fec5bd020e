"""What the service needs, put together out of all that the repository says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import parse_qs

from perfgate.scaffold.dependencies.images import NamedImage, named_images, workflow_variables
from perfgate.scaffold.dependencies.kinds import RELATIONAL, DatabaseKind, variables_of_image
from perfgate.scaffold.dependencies.manifests import named_libraries
from perfgate.scaffold.dependencies.migrations import PSQL, Migration, find_migrations
from perfgate.scaffold.dependencies.own_migrations import migrates_itself
from perfgate.scaffold.dependencies.properties import framework_variables
from perfgate.scaffold.dependencies.proposed import (
    ProposedDependency,
    access,
    at_place,
    environment_for,
    meant,
    name_in_jdbc,
)
from perfgate.scaffold.dependencies.variables import (
    NamedVariable,
    example_variables,
    known_variables,
    read_variables,
)
from perfgate.scaffold.repository import Repository
from perfgate.scaffold.service.container import Container
from perfgate.scaffold.service.finding import FoundService
from perfgate.service.placeholders import escape


@dataclass(frozen=True)
class Needs:
    """What the service needs.

    dependencies: that are started beside it.
    env: the variables of the service that say where they are, with placeholders.
    env_sources: the files that name these variables.
    seeds: commands that bring the database up to date; several where nothing tells which is meant.
    migrates_itself: the file by which the service does that when it starts; None where nothing says so.
    libraries: client libraries of databases that nothing says the place of: library, file.
    """

    dependencies: tuple[ProposedDependency, ...]
    env: Mapping[str, str]
    env_sources: tuple[PurePosixPath, ...]
    seeds: tuple[Migration, ...]
    migrates_itself: PurePosixPath | None
    libraries: tuple[tuple[str, PurePosixPath], ...]


def find_needs(repository: Repository, service: FoundService) -> Needs:
    """What the service needs beside what Compose starts with it."""
    container = service.container
    migrations = find_migrations(repository)
    own = next(
        (found for one in migrations if (found := migrates_itself(repository, one, container)) is not None), None
    )
    images = list(named_images(repository))
    if container is not None and container.composed:
        return Needs((), {}, (), () if own else _seeds_in_compose(migrations, container, images), own, ())
    started_elsewhere = container is not None and container.dockerfile is None  # by the workflow
    if started_elsewhere or (service.equal and all(one.composed for one in service.equal)):
        return Needs((), {}, (), (), own, ())
    variables = _variables(repository, container, images)
    libraries = list(named_libraries(repository))
    valued = [one.kind for one in variables if one.kind is not None and one.value]
    # A name alone tells only together with a library that would read it.
    called = {one.kind.name for one in variables if one.kind is not None}
    unsure = any(one.kind is None for one in variables)
    needed = [kind for kind, _, _ in libraries if kind.name in called or (unsure and kind.name in RELATIONAL)]
    kinds = dict.fromkeys([*(one.kind for one in migrations if one.kind), *valued, *needed])
    dependencies = [*_of_images(images, variables), *_of_kinds(kinds, images, variables, migrations, libraries)]
    dependencies = _named_once(dependencies)
    env = environment_for(variables, dependencies)
    fitting = [_filled(one, dependencies) for one in migrations]
    sources = tuple(dict.fromkeys(one.source for one in variables if one.name in env))
    left = () if dependencies else tuple((library, path) for _, library, path in libraries)
    seeds = () if own or not dependencies else tuple(one for one in fitting if one is not None)
    return Needs(tuple(dependencies), env, sources, _nearest(seeds), own, left)


def _variables(
    repository: Repository, container: Container | None, images: Iterable[NamedImage]
) -> list[NamedVariable]:
    """The variables that tell of databases, each once, with what tells most of it."""
    given: list[tuple[str, str, PurePosixPath]] = []
    if container is not None:
        known = container.environment.items()
        given += [(name, value or "", container.source) for name, value in known]
    given += [*example_variables(repository), *workflow_variables(repository)]
    neighbours = {one.name for one in images}
    found: dict[str, NamedVariable] = {}
    of_sources = (*framework_variables(repository, neighbours), *read_variables(repository, neighbours))
    for one in (*known_variables(given, neighbours), *of_sources):
        before = found.get(one.name)
        if before is None or (one.value and not before.value):
            found[one.name] = one
    return list(found.values())


def _of_images(images: Iterable[NamedImage], variables: Iterable[NamedVariable]) -> list[ProposedDependency]:
    """Of images that are named: one of each kind, the first; of others that are no known kind all of the first file."""
    found: list[ProposedDependency] = []
    for one in images:
        same = [index for index, other in enumerate(found) if _same(one, other)]
        if same:
            before = found[same[0]]
            if one.image not in (before.image, *before.others):
                others = (*before.others, f"{one.image} ({one.source})")
                found[same[0]] = ProposedDependency(
                    before.name, before.kind, before.image, before.port, before.env, before.source, True, others
                )
            continue
        kind = one.kind
        port = one.port if kind is None or one.port != kind.port else None
        name = one.name or (kind.name if kind else "")
        if name and (kind is not None or one.port is not None):
            found.append(
                ProposedDependency(name, kind, one.image, port, _started(one, variables), one.source, True, ())
            )
    return found


def _same(image: NamedImage, dependency: ProposedDependency) -> bool:
    if image.kind is None or dependency.kind is None:
        return image.kind is dependency.kind and image.image.partition(":")[0] == dependency.image.partition(":")[0]
    return image.kind == dependency.kind


def _started(image: NamedImage, variables: Iterable[NamedVariable]) -> dict[str, str]:
    """The variables of an image that are known, and those without which it does not start or refuses the service."""
    known = {name: value for name, value in image.environment.items() if value is not None}
    if image.kind is not None and not any(known.get(name) for name in image.kind.secret):
        known = {**variables_of_image(image.image, image.kind, _credentials(image.kind, variables)), **known}
    if image.kind is not None and image.kind.name == "mongo" and "MONGO_INITDB_ROOT_PASSWORD" not in known:
        known.pop("MONGO_INITDB_ROOT_USERNAME", None)
    return known


def _of_kinds(
    kinds: Iterable[DatabaseKind],
    images: Iterable[NamedImage],
    variables: Iterable[NamedVariable],
    migrations: Iterable[Migration],
    libraries: Iterable[tuple[DatabaseKind, str, PurePosixPath]],
) -> list[ProposedDependency]:
    """Of kinds of which no image is named."""
    known = {one.kind.name for one in images if one.kind}
    if known & {"mysql", "mariadb"}:  # one speaks as the other
        known |= {"mysql", "mariadb"}
    found = []
    for kind in kinds:
        if kind.name in known:
            continue
        telling = [*(one.source for one in variables if one.kind == kind)]
        telling += [one.source for one in migrations if one.kind == kind]
        telling += [path for other, _, path in libraries if other == kind]
        env = {**_credentials(kind, variables)} or dict(kind.open)
        found.append(ProposedDependency(kind.name, kind, kind.image, None, env, telling[0], False, ()))
    return found


def _credentials(kind: DatabaseKind, variables: Iterable[NamedVariable]) -> dict[str, str]:
    """The variables of an image that make the user, the password and the database that the service names."""
    parts = {"user": "", "password": "", "database": ""}
    for one in variables:
        if one.kind not in (kind, None) or one.value in ("", f"{{{one.part}}}"):
            continue
        if one.part in parts:
            parts[one.part] = parts[one.part] or one.value
        elif one.part == "url" and one.kind == kind and not any(parts.values()):
            found = re.search(r"//(?:([^:@/]+)(?::([^@/]*))?@)?\{host\}:\{port\}(?:/([^?{]*))?(?:\?(.*))?", one.value)
            if found:
                given = parse_qs(found[4] or "")  # as URLs of JDBC have them
                user, password = (given.get(name, [""])[0] for name in ("user", "password"))
                parts = {"user": found[1] or user, "password": found[2] or password, "database": found[3] or ""}
    user, password, database = parts.values()
    if not user:
        return {}
    if kind.name == "postgres":
        named = {"POSTGRES_USER": user, "POSTGRES_PASSWORD": password, "POSTGRES_DB": database}
    elif kind.name in ("mysql", "mariadb"):
        prefix = kind.name.upper()
        rooted = {f"{prefix}_ROOT_PASSWORD": password}
        own = {f"{prefix}_USER": user, f"{prefix}_PASSWORD": password, f"{prefix}_ROOT_PASSWORD": password}
        named = {**(rooted if user == "root" else own), f"{prefix}_DATABASE": database}
    elif kind.name == "mongo":
        named = {"MONGO_INITDB_ROOT_USERNAME": user, "MONGO_INITDB_ROOT_PASSWORD": password}
    elif kind.name == "rabbitmq":
        named = {"RABBITMQ_DEFAULT_USER": user, "RABBITMQ_DEFAULT_PASS": password}
    else:
        named = {}
    known = {name: value for name, value in named.items() if value}
    return known if any(name in known for name in kind.secret) else {**known, **kind.open}


def _named_once(dependencies: list[ProposedDependency]) -> list[ProposedDependency]:
    """Those with a name that none before them has."""
    return list({one.name: one for one in reversed(dependencies)}.values())[::-1]


def _filled(migration: Migration, dependencies: list[ProposedDependency]) -> Migration | None:
    """A migration whose command has the placeholders of its database; None where it needs one and there is none."""
    dependency = meant(migration.kind, dependencies)
    command = migration.command
    if re.search(r"\{(?:url|host|port|kind|database)\}", command):
        if dependency is None or dependency.kind is None:
            return None
        command = command.replace("jdbc:{kind}", f"jdbc:{name_in_jdbc(dependency.kind)}")
        command = at_place(command.replace("{kind}", dependency.kind.schemes[0]), dependency)
        known = {name: shlex.quote(value) if value else "" for name, value in access(dependency).items()}
        command = re.sub(r" -(user|password)=\{\1\}", lambda one: one[0] if known[one[1]] else "", command)
        command = re.sub(r"\{(database|user|password)\}", lambda one: escape(known[one[1]]), command)
    if migration.tool == PSQL and (dependency is None or dependency.kind is None or dependency.kind.name != "postgres"):
        return None
    return replace(migration, command=command)


def _seeds_in_compose(
    migrations: Iterable[Migration], container: Container, images: Iterable[NamedImage]
) -> tuple[Migration, ...]:
    """Migrations of a database that Compose starts, each with the variables of the service that point to it."""
    beside = [one for one in images if one.source == container.source and one.name in container.needs]
    given = [(name, value or "", container.source) for name, value in container.environment.items()]
    known = list(known_variables(given, {one.name for one in beside}))
    dependencies = _of_images(beside, known)
    env = environment_for(known, dependencies)
    before = "".join(f"{name}={shlex.quote(value)} " for name, value in env.items())
    filled = [_filled(one, dependencies) for one in migrations]
    able = [replace(one, command=_with_variables(one.command, before)) for one in filled if one is not None]
    return _nearest(tuple(able))


def _with_variables(command: str, before: str) -> str:
    """A command with assignments before its program, and after the change into a folder."""
    folder, joint, program = command.rpartition(" && ")
    return f"{folder}{joint}{before}{program}"


def _nearest(seeds: tuple[Migration, ...]) -> tuple[Migration, ...]:
    """Those that lie nearest to the top."""
    least = min((len(one.source.parts) for one in seeds), default=0)
    return tuple(one for one in seeds if len(one.source.parts) == least)
