"""A dependency as init proposes it, and where it stands in the variables of the service and in commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from perfgate.scaffold.dependencies.kinds import RELATIONAL, DatabaseKind
from perfgate.scaffold.dependencies.variables import NamedVariable, unknown_url
from perfgate.service.endpoint import endpoint_of
from perfgate.service.placeholders import OF_A_DEPENDENCY, escape

_OF_JDBC = {"postgres": "postgresql"}  # https://jdbc.postgresql.org/documentation/use/
# Words of variables whose URLs are those of a driver of Java.
_OF_JAVA = frozenset(("JDBC", "SPRING", "QUARKUS", "DATASOURCES"))


@dataclass(frozen=True)
class ProposedDependency:
    """One dependency, as perfgate.toml would have it.

    name: what it is called.
    kind: the kind of it; None for one that is only known to be a database.
    image: its image.
    port: where it listens, where its image may have other ports; None for the only one.
    env: its variables.
    source: the file that shows that it is needed.
    named: whether the image was read, and not only the kind.
    others: further images of its kind, with the files that name them.
    """

    name: str
    kind: DatabaseKind | None
    image: str
    port: int | None
    env: Mapping[str, str]
    source: PurePosixPath
    named: bool
    others: tuple[str, ...]


def environment_for(variables: Iterable[NamedVariable], dependencies: list[ProposedDependency]) -> dict[str, str]:
    """The variables of the service, with the placeholders of the dependency that each is of."""
    found: dict[str, str] = {}
    for one in variables:
        dependency = meant(one.kind, dependencies)
        if dependency is None:
            continue
        value = one.value or (_whole(one.name, dependency) if one.part == "url" else "")
        if one.part in OF_A_DEPENDENCY:
            found[one.name] = _with_driver(at_place(value, dependency), dependency)
        elif value := access(dependency)[one.part] if value == f"{{{one.part}}}" else value:
            found[one.name] = escape(value)
    return found


def _whole(name: str, dependency: ProposedDependency) -> str:
    """All that a variable holds of which only the name is known."""
    relational = dependency.kind is not None and dependency.kind.name in RELATIONAL
    return unknown_url("jdbc") if relational and _OF_JAVA & set(name.split("_")) else "{url}"


def _with_driver(url: str, dependency: ProposedDependency) -> str:
    """A URL with the kind and the database of a dependency in place of {kind} and {database}."""
    if dependency.kind is None or "{kind}" not in url:
        return url
    return url.replace("{kind}", name_in_jdbc(dependency.kind)).replace(
        "{database}", escape(access(dependency)["database"])
    )


def at_place(text: str, dependency: ProposedDependency) -> str:
    """A text with the placeholders of a dependency in place of {host}, {port} and {url}."""
    for part in OF_A_DEPENDENCY:
        text = text.replace(f"{{{part}}}", f"{{{dependency.name}.{part}}}")
    return text


def meant(kind: DatabaseKind | None, dependencies: Iterable[ProposedDependency]) -> ProposedDependency | None:
    """The dependency of a kind; the only relational one where the kind is not known; None for none."""
    if kind is not None:
        alike = {"mysql", "mariadb"} if kind.name in ("mysql", "mariadb") else {kind.name}
        return next((one for one in dependencies if one.kind and one.kind.name in alike), None)
    able = [one for one in dependencies if one.kind and one.kind.name in RELATIONAL]
    return able[0] if len(able) == 1 else None


def access(dependency: ProposedDependency) -> dict[str, str]:
    """The database of a dependency, its user and the password; "" for what it has not."""
    parts = urlsplit(endpoint_of(dependency.image, dependency.env, "localhost", 1).url)
    given = {"database": parts.path[1:], "user": parts.username or "", "password": parts.password or ""}
    return {name: unquote(value) for name, value in given.items()}


def name_in_jdbc(kind: DatabaseKind) -> str:
    """What URLs of JDBC call it."""
    return _OF_JDBC.get(kind.name, kind.name)
