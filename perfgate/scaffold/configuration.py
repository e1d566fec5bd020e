"""perfgate.toml, as text: only settings that differ from the defaults."""

from __future__ import annotations

import json
from collections.abc import Sequence

from perfgate.scaffold.openapi.description import Description
from perfgate.scaffold.repository import Repository
from perfgate.scaffold.service.compose import pointed
from perfgate.scaffold.service.container import Container
from perfgate.scaffold.service.finding import FoundService
from perfgate.service.settings import HOST_FROM_CONTAINERS

_USUAL_BRANCH = "main"
HOST = HOST_FROM_CONTAINERS
_MOST_CHOICES = 5


def configuration(repository: Repository, service: FoundService, description: Description | None) -> str:
    """The tables [service] and [gate], with a comment at each line that a person may want to change."""
    base = description.base if description else ""
    lines = ["# How much slower a pull request may make the service.", 'margin = "5%"', ""]
    gate = [] if repository.branch == _USUAL_BRANCH else [f"branch = {_text(repository.branch)}"]
    container = service.container
    ready = _ready(container, description)
    built = [one for one in service.equal if one.dockerfile is not None]
    if service.equal and not built:
        gate = [_choice(service.equal), *gate]
    if container is None:
        settings = [
            "# Until this says how your service is started, the embedded petstore is measured.",
            *([_choice(built)] if built else _unknown()),
            ready if ready.startswith("#") else f"# {ready}",
        ]
    elif container.dockerfile is None:
        settings = []
        gate = [
            "# The service container of the workflow, compared with the history.",
            f"head = {_text(f'http://localhost:{container.port}{base}')}",
            *gate,
        ]
    else:
        settings = [*_built(container, base), ready]
    tables = {"[service]": settings, "[gate]": gate}
    for name, entries in tables.items():
        lines += [name, *entries, ""] if entries else []
    return "\n".join(lines).rstrip() + "\n"


def _unknown() -> list[str]:
    return ['# command = "npm start"    # with the port in the variable PORT, or {port} in the command']


def _choice(equal: Sequence[Container]) -> str:
    """One line that leaves the choice open."""
    first = equal[0]
    line = f"head = {_text(f'http://localhost:{first.port}')}" if first.image else f"build = {_text(first.build)}"
    shown = [f"{_text(one.image or one.build)} ({one.place})" for one in equal[:_MOST_CHOICES]]
    more = f", and {len(equal) - _MOST_CHOICES} more" if len(equal) > _MOST_CHOICES else ""
    return f"# {line}    # CHOOSE, nothing tells which is meant: {', '.join(shown)}{more}"


def _built(container: Container, base: str) -> list[str]:
    lines = [
        "# A pull request is measured against its base; both are built and started like this.",
        f"build = {_text(container.build)}",
    ]
    if container.port is not None:
        lines.append(f"port = {container.port}")
    if base:
        lines.append(f"path = {_text(base)}")
    plain, pointing = environment_of(container)
    if plain:
        lines.append(f"env = {_table(plain)}")
    if pointing:
        what = f"env needs {_table(pointing)} as well" if plain else f"env = {_table(pointing)}"
        lines.append(f"# {what}    # once {_listed(container.needs)} can be reached there")
    return lines


def environment_of(container: Container) -> tuple[dict[str, str], dict[str, str]]:
    """The variables that a compose file gives a service, and those that point elsewhere, which now is this machine."""
    known = {name: value for name, value in container.environment.items() if value is not None}
    moved = {name: pointed(value, name, container.needs, HOST) for name, value in known.items()}
    plain = {name: value for name, value in known.items() if moved[name] == value}
    return plain, {name: value for name, value in moved.items() if name not in plain}


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)


def _ready(container: Container | None, description: Description | None) -> str:
    """Where the service says that it is ready: its health check, else a path of the description, else an example."""
    if container is not None and container.ready:
        return f"ready = {_text(container.ready)}    # its health check"
    if description is not None and description.ready:
        return f"ready = {_text(description.ready)}    # {description.source}"
    return '# ready = "/health"        # answers when the service is ready'


def _table(values: dict[str, str]) -> str:
    return f"{{ {', '.join(f'{name} = {_text(value)}' for name, value in values.items())} }}"


def _text(value: str) -> str:
    """A basic string of TOML, which writes all that JSON escapes alike."""
    return json.dumps(value, ensure_ascii=False)
