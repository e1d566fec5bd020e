"""The services of a compose file, with the variables of `.env` and their defaults filled in.

https://docs.docker.com/reference/compose-file/ and .../interpolation/.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from perfgate.scaffold.documents import mapping, read_document, sequence
from perfgate.scaffold.repository import Repository, is_aside
from perfgate.scaffold.service.beyond import env_files, mounts_of, settings_beyond
from perfgate.scaffold.service.dockerfiles import HIGHEST_PORT, local_path

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OTHER_NAME = re.compile(r"(?:docker-)?compose(?:[._-][\w-]+)*\.ya?ml")
_CHANGES = ("command", "entrypoint")
_MOST_EXTENDED = 8
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?:(:?[-?+])([^}]*))?\}|\$(\w+)")
# https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax: without quotes
# a # begins a comment only after a blank.
_SETTING = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*
    (?: (?: "([^"]*)" | '([^']*)' ) [ \t]* (?:\#.*)? | (.*?) [ \t]* (?:(?<=[ \t])\#.*)? )$""",
    re.MULTILINE | re.VERBOSE,
)

_OF_A_HOST = re.compile("HOST|ADDR|SERVER|URL|URI|ENDPOINT|BROKER", re.IGNORECASE)


@dataclass(frozen=True)
class ComposeService:
    """One service of a compose file.

    name: its name.
    source: the compose file.
    context: the folder that it is built from, in the repository; None where it is not built here.
    dockerfile: the Dockerfile in the repository that builds it; None where there is none.
    stage: the stage of the Dockerfile; None for the last.
    arguments: the arguments of its build, as far as they are in the repository.
    image: the image that it is started from; None where it is built, or where a variable of the name is not set.
    published: the ports in the container that the compose file publishes.
    exposed: the ports that it only names.
    declared: the other services that it depends on, as `docker compose up` would start them.
    needs: those, and the others that its variables point to.
    changes: what it changes of the image, as the compose file calls it: "command".
    command: those changes, as they are written.
    beyond: what else of it no setting for one container can say, as the compose file calls it.
    mounted: whether it mounts volumes.
    mounts: files and folders of the repository that it mounts: where they are, and where in the container.
    environment: its variables; None for a value that is not in the compose file: those of `.env` are often secrets.
    from_files: those of its environment files, which are often secrets, too, and are never shown or written.
    unread: its environment files that are not in the repository.
    ready: the path that its health check asks for; "" for none.
    optional: whether it is started only where somebody asks for its profile.
    """

    name: str
    source: PurePosixPath
    context: PurePosixPath | None
    dockerfile: PurePosixPath | None
    stage: str | None
    arguments: Mapping[str, str]
    image: str | None
    published: tuple[int, ...]
    exposed: tuple[int, ...]
    declared: tuple[str, ...]
    needs: tuple[str, ...]
    changes: tuple[str, ...]
    command: str
    beyond: tuple[str, ...]
    mounted: bool
    mounts: tuple[tuple[PurePosixPath, str], ...]
    environment: Mapping[str, str | None]
    from_files: Mapping[str, str]
    unread: tuple[PurePosixPath, ...]
    ready: str
    optional: bool


def composed_services(repository: Repository) -> tuple[ComposeService, ...]:
    """The services of the compose file that lies nearest to the top; none without such a file."""
    path = next((one for one in compose_files(repository) if one.name in _NAMES), None)
    return services_of(repository, path) if path is not None else ()


def compose_files(repository: Repository) -> list[PurePosixPath]:
    """The compose files, the nearest to the top first, at each depth those that Compose itself would take."""
    files = [path for path in repository.files if _OTHER_NAME.fullmatch(path.name) and not is_aside(path)]
    usual = len(_NAMES)
    return sorted(
        files, key=lambda one: (len(one.parts), _NAMES.index(one.name) if one.name in _NAMES else usual, one.name)
    )


def services_of(repository: Repository, path: PurePosixPath) -> tuple[ComposeService, ...]:
    """The services of a compose file."""
    services = mapping(mapping(read_document(repository, path)).get("services"))
    settings = _settings(repository, path.parent)
    raws = {str(name): _extended(mapping(one), services, repository, path) for name, one in services.items()}
    found = [_service(repository, path, name, raw, settings) for name, raw in raws.items()]
    return tuple(_with_pointed(service, found) for service in found)


def pointed(value: str, variable: str, names: Iterable[str], host: str) -> str:
    """The value of a variable with `host` in place of the services that it points to: as hosts of URLs, or alone.

    A service may be called like its database or its user, and those stay as they are.
    """
    among = "|".join(map(re.escape, names))
    if not among or not (_OF_A_HOST.search(variable) or re.search("[:/]", value)):
        return value
    return re.sub(rf"(?:^|(?<=@)|(?<=//)|(?<=,))(?:{among})(?=[:/,?]|$)(?![^/?#]*@)", host, value)


def _with_pointed(service: ComposeService, among: Iterable[ComposeService]) -> ComposeService:
    """The service with those among what it needs that only its variables point to."""
    others = [one.name for one in among if one.name not in (service.name, *service.needs)]
    given: Mapping[str, str | None] = {**service.from_files, **service.environment}
    values = [(name, value) for name, value in given.items() if value is not None]
    more = [other for other in others if any(pointed(value, name, [other], "") != value for name, value in values)]
    return replace(service, needs=(*service.needs, *more))


def _extended(
    raw: dict[Any, Any], services: Mapping[Any, Any], repository: Repository, path: PurePosixPath, depth: int = 0
) -> dict[Any, Any]:
    """A service with what it takes over of the one that it extends, there or in a file beside. services: of the file.

    https://docs.docker.com/reference/compose-file/services/#extends.
    """
    extends = raw.get("extends")
    entry = {"service": extends} if isinstance(extends, str) else mapping(extends)
    name, file = entry.get("service"), entry.get("file", path.name)
    if not isinstance(name, str) or not isinstance(file, str) or depth > _MOST_EXTENDED:
        return raw
    other = PurePosixPath(posixpath.normpath(path.parent / file))
    if other.parent != path.parent:  # its paths would be seen from another folder
        return raw
    if other != path and other in repository.files:
        services = mapping(mapping(read_document(repository, other)).get("services"))
    base = mapping(services.get(name))
    taken = _extended(base, services, repository, other, depth + 1)
    return {**taken, **raw, "environment": _joined(taken.get("environment"), raw.get("environment"))}


def _joined(variables: Any, more: Any) -> Any:
    if isinstance(variables, dict) and isinstance(more, dict):
        return {**variables, **more}
    return [*variables, *more] if isinstance(variables, list) and isinstance(more, list) else more or variables


def _settings(repository: Repository, folder: PurePosixPath) -> dict[str, str]:
    """The variables of the file `.env` beside the compose file, where it belongs to the repository."""
    path = folder / ".env"
    return settings_in(repository.read(path)) if path in repository.files else {}


def settings_in(text: str) -> dict[str, str]:
    """The variables of an environment file."""
    return {name: double or single or plain for name, double, single, plain in _SETTING.findall(text)}


def _service(
    repository: Repository, path: PurePosixPath, name: str, raw: dict[Any, Any], settings: Mapping[str, str]
) -> ComposeService:
    service = mapping(_filled({key: value for key, value in raw.items() if key != "environment"}, settings))
    build, image = service.get("build"), service.get("image")
    context, dockerfile = _built(repository, path.parent, build)
    if build and dockerfile is None:
        repository.say(f"{path}: {name} is built from {_shown(build)}, which is no file of this repository")
    if not build and isinstance(image, str) and (unset := _unset(image)):
        shown = f"{image[:100]}, and nothing in this repository sets {' or '.join(unset)}"
        repository.say(f"{path}: {name} has the image {shown}")
    depends = service.get("depends_on")
    links = [str(one).partition(":")[0] for one in sequence(service.get("links"))]
    declared = (*(map(str, depends) if isinstance(depends, (list, dict)) else ()), *links)
    of_variables = list(env_files(path.parent, service.get("env_file")))
    unread = tuple(one for one in of_variables if one not in repository.files)
    read = [settings_in(repository.read(one)) for one in of_variables if one not in unread]
    return ComposeService(
        name=name,
        source=path,
        context=context,
        dockerfile=dockerfile,
        stage=_text(mapping(build).get("target")),
        arguments={name: one for name, one in variables_of(mapping(build).get("args")).items() if one is not None},
        image=image if not build and isinstance(image, str) and "$" not in image else None,
        published=tuple(filter(None, map(container_port, sequence(service.get("ports"))))),
        exposed=tuple(filter(None, map(container_port, sequence(service.get("expose"))))),
        declared=tuple(dict.fromkeys(declared)),
        needs=tuple(dict.fromkeys(declared)),
        changes=tuple(key for key in _CHANGES if service.get(key)),
        command=" ".join(_words(service[key]) for key in _CHANGES if service.get(key)),
        beyond=(*settings_beyond(service), *(["env_file"] if read and not unread else [])),
        mounted=bool(service.get("volumes")),
        mounts=mounts_of(repository, path.parent, service.get("volumes")),
        environment=variables_of(_filled(raw.get("environment"), {})),
        from_files={name: value for one in read for name, value in one.items()},
        unread=unread,
        ready=local_path(str(mapping(service.get("healthcheck")).get("test"))),
        optional=bool(service.get("profiles")),
    )


def _built(
    repository: Repository, folder: PurePosixPath, build: Any
) -> tuple[PurePosixPath | None, PurePosixPath | None]:
    """The context and the Dockerfile of a `build` entry, where that is a file of this repository."""
    entry = {"context": build} if isinstance(build, str) else mapping(build)
    context, dockerfile = entry.get("context", "."), entry.get("dockerfile", "Dockerfile")
    if not entry or not isinstance(context, str) or not isinstance(dockerfile, str):
        return None, None
    place = PurePosixPath(posixpath.normpath(folder / context))
    path = PurePosixPath(posixpath.normpath(place / dockerfile))
    return (place, path) if path in repository.files else (None, None)


def _shown(build: Any) -> str:
    entry = {"context": build} if isinstance(build, str) else mapping(build)
    return f"{entry.get('dockerfile', 'Dockerfile')} in {entry.get('context', '.')}"[:100]


def container_port(entry: Any) -> int | None:
    """The port in the container of "8080:80", "127.0.0.1:8080:80/tcp", "8000-8010:80-90", 80 or {target: 80}."""
    if isinstance(entry, dict):
        entry = f"{entry.get('target')}/{entry.get('protocol', 'tcp')}"
    found = re.search(r"(?:^|:)(\d{1,5})(?:-\d+)?(?:/tcp)?$", str(entry))
    return int(found[1]) if found and 0 < int(found[1]) <= HIGHEST_PORT else None


def variables_of(value: Any) -> dict[str, str | None]:
    """Variables as a mapping or as a list of `A=1`; the value is None where it comes from somewhere else."""
    pairs = value.items() if isinstance(value, dict) else (str(one).partition("=")[::2] for one in sequence(value))
    return {str(name): _literal(one) for name, one in pairs if _NAME.fullmatch(str(name))}


def _literal(value: Any) -> str | None:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return None if value in (None, "") or "$" in text or isinstance(value, (dict, list)) else text


def _filled(value: Any, settings: Mapping[str, str], depth: int = 0) -> Any:
    """A value of a compose file with its variables filled in. One that is not set stays as it is written."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda one: _value(one, settings), value)
    if depth > 8:  # YAML may hold a value within itself
        return value
    if isinstance(value, dict):
        return {key: _filled(one, settings, depth + 1) for key, one in value.items()}
    return [_filled(one, settings, depth + 1) for one in value] if isinstance(value, list) else value


def _value(found: re.Match[str], settings: Mapping[str, str]) -> str:
    if found[0] == "$$":
        return "$"
    known, mark, rest = settings.get(found[1] or found[4]), found[2] or "", found[3] or ""
    if mark.endswith("+"):
        return rest if known else ""
    if known or (known is not None and not mark.startswith(":")):
        return known
    return rest if mark.endswith("-") else found[0]


def _unset(text: str) -> list[str]:
    """The variables that are left in a text, in which all that are set have been filled in."""
    return list(dict.fromkeys(one[1] or one[4] for one in _VARIABLE.finditer(text) if one[0] != "$$"))


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
