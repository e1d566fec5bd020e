"""Settings of Java frameworks, and what they say of databases: Spring Boot's, Quarkus' and Micronaut's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from perfgate.scaffold.dependencies.kinds import kind_of_scheme
from perfgate.scaffold.dependencies.variables import NamedVariable, is_place_here, unknown_url, url_with_places
from perfgate.scaffold.repository import Repository, is_aside

_FILE = re.compile(r"application\.(?:properties|ya?ml)")
# Where each framework has the URL, the user and the password.
_SOURCES = (
    # https://docs.spring.io/spring-boot/appendix/application-properties/index.html
    ("spring.datasource.url", "spring.datasource.username", "spring.datasource.password"),
    ("spring.r2dbc.url", "spring.r2dbc.username", "spring.r2dbc.password"),
    # https://quarkus.io/guides/datasource
    ("quarkus.datasource.jdbc.url", "quarkus.datasource.username", "quarkus.datasource.password"),
    # https://micronaut-projects.github.io/micronaut-sql/latest/guide/#jdbc
    ("datasources.default.url", "datasources.default.username", "datasources.default.password"),
)
# A part of a file that counts where a profile is asked for.
_OF_A_PROFILE = ("spring.config.activate.on-profile", "spring.profiles")
_PROPERTY = re.compile(r"^[ \t]*([\w.%-]+)[ \t]*[=:][ \t]*(.*?)[ \t]*$", re.MULTILINE)
_LINE = re.compile(r"""^([ ]*)["']?([\w.%-]+)["']?:(?:[ \t]+(.*?))?[ \t]*$""", re.MULTILINE)
_QUOTED = re.compile(r"""(["'])(.*?)\1(?:[ \t]+#.*)?""")
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::(?:[^{}]|\$\{[^{}]*\})*)?\}")
_INNERMOST = re.compile(r"\$\{[^${}:]*:([^${}]*)\}")
_DEEPEST = 4


def framework_settings(repository: Repository) -> Iterator[tuple[PurePosixPath, Mapping[str, str]]]:
    """The files of settings, each with those that count without a profile, by their full names."""
    for path in repository.files:
        if _FILE.fullmatch(path.name) and not is_aside(path):
            yield path, _settings(path, repository.read(path))


def framework_variables(repository: Repository, neighbours: Collection[str]) -> Iterator[NamedVariable]:
    """The variables that stand for these settings, with what the files give. neighbours: hosts that are databases."""
    for path, settings in framework_settings(repository):
        for names in _SOURCES:
            yield from _of_source(settings, names, path, neighbours)


def _of_source(
    settings: Mapping[str, str], names: tuple[str, str, str], path: PurePosixPath, neighbours: Collection[str]
) -> Iterator[NamedVariable]:
    """The URL of one database, its user and its password; nothing where it is of an unknown kind, or not set."""
    url, *_ = names
    if url not in settings:
        return
    value = _with_defaults(settings[url])
    scheme = value.partition("://")[0]
    kind = kind_of_scheme(scheme)
    if value and kind is None:  # one that runs within the service, like H2
        return
    driver = "r2dbc" if url.startswith("spring.r2dbc") else "jdbc"
    here = is_place_here(value, neighbours)
    place = url_with_places(value, neighbours) or unknown_url(driver)
    yield NamedVariable(_variable(settings, url), place, kind, "url", path)
    for part, name in zip(("user", "password"), names[1:], strict=True):
        # What a server elsewhere is given is not told.
        known = _with_defaults(settings.get(name, "")) if here else ""
        if name in settings or not here:
            yield NamedVariable(_variable(settings, name), known or f"{{{part}}}", kind, part, path)


def _variable(settings: Mapping[str, str], name: str) -> str:
    """The variable that a setting is read from: what its value names, else that of the framework's own rule."""
    named = _VARIABLE.fullmatch(settings.get(name, ""))
    return named[1] if named else re.sub(r"[.-]", "_", name).upper()


def _with_defaults(value: str) -> str:
    """A value with the defaults of its variables; "" where one has none."""
    for _ in range(_DEEPEST):
        value = _INNERMOST.sub(lambda one: one[1], value)
    return "" if "${" in value else value


def _settings(path: PurePosixPath, text: str) -> dict[str, str]:
    read, border = (_properties, r"^[#!]---.*$") if path.suffix == ".properties" else (_indented, r"^---.*$")
    found: dict[str, str] = {}
    for part in re.split(border, text, flags=re.MULTILINE):
        settings = dict(read(part))
        if not any(name in settings for name in _OF_A_PROFILE):
            found |= settings
    return found


def _properties(text: str) -> Iterator[tuple[str, str]]:
    for name, value in _PROPERTY.findall(text):
        yield name.removeprefix("%prod."), value


def _indented(text: str) -> Iterator[tuple[str, str]]:
    """The plain values of YAML, which may hold what no parser of YAML takes: @project.version@."""
    above: list[tuple[int, str]] = []
    for indent, name, rest in _LINE.findall(text):
        above = [one for one in above if one[0] < len(indent)]
        above.append((len(indent), name))
        quoted = _QUOTED.fullmatch(rest)
        if value := quoted[2] if quoted else re.sub(r"(?:^|[ \t]+)#.*", "", rest):
            yield ".".join(one for _, one in above).removeprefix("%prod."), value
