"""Variables that tell a service where its databases are, as examples of environment files and its sources name them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from perfgate.scaffold.dependencies.kinds import RELATIONAL, DatabaseKind, kind_called, kind_of_scheme
from perfgate.scaffold.repository import Repository, is_aside
from perfgate.scaffold.service.compose import settings_in

# `.env` itself is no example: its values are somebody's.
_EXAMPLE = re.compile(r"\.?env(?:ironment)?[._-](?:example|sample|template|dist|defaults?|test|ci|dev(?:elopment)?)|"
                      r"(?:example|sample|template)[._-]?\.?env", re.IGNORECASE)  # fmt: skip
_SOURCES = frozenset(
    (".cs", ".ex", ".exs", ".go", ".java", ".js", ".cjs", ".mjs", ".ts", ".kt", ".php", ".prisma", ".properties")
) | frozenset((".py", ".rb", ".rs", ".toml", ".yaml", ".yml"))
_MOST_SOURCES = 400
_LARGEST = 200_000
# A variable that holds all of it in one URL.
_WHOLE = r"[A-Z][A-Z0-9_]*_(?:URL|URI|DSN)|DSN"
# environ["A"], environ.get("A"), getenv("A"), process.env.A, ENV["A"], ENV.fetch("A"), env::var("A"), env("A"), ${A}
_READ = re.compile(
    rf"""(?:environ(?:\.get)?|[gG]etenv|LookupEnv|ENV(?:\.fetch)?|env::var|\benv|getEnvironmentVariable|get_env!?|os\.Getenv)
    \s*[\[(]\s*["']({_WHOLE})["'] | process\.env\.({_WHOLE})\b | \$\{{({_WHOLE})(?::([^}}]*))?\}}""",
    re.VERBOSE,
)
_PARTS = re.compile(
    r"(?P<of>\w*?)_?(?P<part>HOST(?:NAME)?|SERVER|ADDR(?:ESS)?|PORT|USER(?:NAME)?|PASS(?:WORD)?|NAME|DB|DATABASE)"
)
_HERE = ("localhost", "127.0.0.1", "0.0.0.0", "::1", "host.docker.internal")
_DATABASE_WORDS = frozenset(("DATABASE", "DB", "SQLALCHEMY", "SQL", "DATASOURCE", "DATASOURCES", "JDBC"))
# URLs of Java, which name a driver and hold no user: that has a variable of its own.
_OF_A_DRIVER = re.compile(r"^(jdbc|r2dbc):")
_BEFORE_URL = re.compile(r"(\w*?)_?(?:JDBC_)?(?:URL|URI|DSN)")


@dataclass(frozen=True)
class NamedVariable:
    """A variable that says where a database is, or how to get in.

    name: of the variable.
    value: with the place of the database as {host} and {port}, and {kind} and {database} where they are not known, or
        {user} or {password} alone; "" where only its name is known.
    kind: of the database; None where nothing tells it: DATABASE_URL without a value.
    part: "url", or which part of it it is: "host", "port", "user", "password" or "database".
    source: the file that names it.
    """

    name: str
    value: str
    kind: DatabaseKind | None
    part: str
    source: PurePosixPath


def example_variables(repository: Repository) -> Iterator[tuple[str, str, PurePosixPath]]:
    """The variables of examples of environment files: name, value, file."""
    for path in repository.files:
        if _EXAMPLE.fullmatch(path.name) and not is_aside(path):
            for name, value in settings_in(repository.read(path)).items():
                yield name, value, path


def known_variables(
    given: Iterable[tuple[str, str, PurePosixPath]], neighbours: Collection[str]
) -> Iterator[NamedVariable]:
    """Those of the given variables that tell of a database. neighbours: names of hosts that are databases."""
    groups: dict[tuple[str, PurePosixPath], dict[str, tuple[str, str]]] = {}
    of_drivers: dict[tuple[str, PurePosixPath], tuple[DatabaseKind, bool]] = {}
    for name, value, source in given:
        kind = kind_of_scheme(value.partition("://")[0]) if "://" in value else None
        if kind is not None:
            if _OF_A_DRIVER.match(value) and (before := _BEFORE_URL.fullmatch(name)) is not None:
                of_drivers[before[1], source] = (kind, is_place_here(value, neighbours))
            yield NamedVariable(name, url_with_places(value, neighbours), kind, "url", source)
        elif re.fullmatch(_WHOLE, name) and not value and _tells(name):
            yield NamedVariable(name, "", kind_called(name), "url", source)
        elif (found := _PARTS.fullmatch(name)) is not None:
            groups.setdefault((found["of"], source), {})[_part(found["part"])] = (name, value)
    for (of, source), parts in groups.items():
        if "host" not in parts and (of, source) in of_drivers:
            kind, here = of_drivers[of, source]
            for part in ("user", "password"):
                if part in parts:
                    name, value = parts[part]
                    yield NamedVariable(name, (value if here else "") or f"{{{part}}}", kind, part, source)
        else:
            yield from _grouped(of, parts, source, neighbours)


def unknown_url(driver: str) -> str:
    """The URL for a driver of Java, jdbc or r2dbc, of which all else is to be filled in."""
    return f"{driver}:{{kind}}://{{host}}:{{port}}/{{database}}"


def read_variables(repository: Repository, neighbours: Collection[str]) -> Iterator[NamedVariable]:
    """Those that the sources read, with the URL that they take where it is not set. neighbours: as above."""
    sources = [path for path in repository.files if path.suffix in _SOURCES and not is_aside(path)]
    for path in sources[:_MOST_SOURCES]:
        if (repository.folder / path).stat().st_size > _LARGEST:
            continue
        for found in _READ.finditer(repository.read(path)):
            name, default = found[1] or found[2] or found[3], found[4] or ""
            kind = kind_of_scheme(default.partition("://")[0])
            if kind is not None:
                yield NamedVariable(name, url_with_places(default, neighbours), kind, "url", path)
            elif _tells(name) and not _OF_A_DRIVER.match(default):  # one that runs within the service, like H2
                yield NamedVariable(name, "", kind_called(name), "url", path)


def _tells(name: str) -> bool:
    """Whether the name of a variable is that of a database."""
    return kind_called(name) is not None or bool(_DATABASE_WORDS & set(name.split("_")))


def _part(word: str) -> str:
    if word in ("HOST", "HOSTNAME", "SERVER", "ADDR", "ADDRESS"):
        return "host"
    if word in ("USER", "USERNAME"):
        return "user"
    if word in ("PASS", "PASSWORD"):
        return "password"
    return "port" if word == "PORT" else "database"


def _grouped(
    of: str, parts: Mapping[str, tuple[str, str]], source: PurePosixPath, neighbours: Collection[str]
) -> Iterator[NamedVariable]:
    """Variables that each hold a part of the place: DB_HOST, DB_PORT, DB_USER."""
    if "host" not in parts or not _is_here(parts["host"][1], neighbours):
        return
    kind = kind_called(of) or kind_called(parts["host"][1])
    if kind is None and not _DATABASE_WORDS & set(of.split("_")):
        return
    port = parts.get("port", ("", ""))[1]
    for part, (name, value) in parts.items():
        filled = {"host": "{host}", "port": "{port}"}.get(part, value)
        known = kind or (_of_port(port) if port else None)
        yield NamedVariable(name, filled, known, part, source)


def _of_port(port: str) -> DatabaseKind | None:
    from perfgate.scaffold.dependencies.kinds import KINDS

    return next((kind for kind in KINDS if kind.name in RELATIONAL and str(kind.port) == port), None)


def _is_here(host: str, neighbours: Collection[str]) -> bool:
    """Whether a host is this machine or a container beside the service, and no server elsewhere."""
    return host in _HERE or host in neighbours or (host.lower().isalpha() and "." not in host)


def is_place_here(url: str, neighbours: Collection[str]) -> bool:
    """Whether a URL is that of a database on this machine or beside the service; not that of a mere pattern."""
    try:
        parts = urlsplit(_OF_A_DRIVER.sub("", url))
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return _is_here(host, neighbours) and not re.search(r"[<>{}$]", url)


def url_with_places(value: str, neighbours: Collection[str]) -> str:
    """A URL with the place of the database to be filled in; of one that is not here nothing but the driver of Java, and
    "" where it names none.
    """
    driver = _OF_A_DRIVER.match(value)
    if not is_place_here(value, neighbours):
        return unknown_url(driver[1]) if driver else ""
    before = driver[0] if driver else ""
    parts = urlsplit(value.removeprefix(before))
    user, at, _ = parts.netloc.rpartition("@")
    return before + parts._replace(netloc=f"{user}{at}{{host}}:{{port}}").geturl()
