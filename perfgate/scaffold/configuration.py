"""perfgate.toml, as text: only settings that differ from the defaults."""

from __future__ import annotations

import json

from perfgate.scaffold.containers import Container
from perfgate.scaffold.openapi import Description
from perfgate.scaffold.repository import Repository

_USUAL_BRANCH = "main"


def configuration(repository: Repository, container: Container | None, description: Description | None) -> str:
    """The tables [service] and [gate], with a comment at each line that a person may want to change."""
    base = description.base if description else ""
    lines = ["# How much slower a pull request may make the service.", 'margin = "5%"', ""]
    gate = [] if repository.branch == _USUAL_BRANCH else [f"branch = {_text(repository.branch)}"]
    if container is None:
        service = [
            "# Until this says how your service is started, the embedded petstore is measured.",
            '# command = "npm start"    # with the port in the variable PORT, or {port} in the command',
            '# ready = "/health"        # answers when the service is ready',
        ]
    elif container.dockerfile is None:
        service = []
        gate = [
            "# The service container of the workflow, compared with the history.",
            f"head = {_text(f'http://localhost:{container.port}{base}')}",
            *gate,
        ]
    else:
        service = _service(container, base)
    tables = {"[service]": service, "[gate]": gate}
    for name, entries in tables.items():
        lines += [name, *entries, ""] if entries else []
    return "\n".join(lines).rstrip() + "\n"


def _service(container: Container, base: str) -> list[str]:
    lines = [
        "# A pull request is measured against its base; both are built and started like this.",
        f"build = {_text(_build(container))}",
    ]
    if container.port is not None:
        lines.append(f"port = {container.port}")
    if base:
        lines.append(f"path = {_text(base)}")
    return [*lines, '# ready = "/health"        # answers when the service is ready']


def _build(container: Container) -> str:
    """The folder of the Dockerfile where it is called as usual, else the file."""
    path = container.dockerfile
    assert path is not None
    return str(path.parent) if path.name == "Dockerfile" else str(path)


def _text(value: str) -> str:
    """A basic string of TOML, which writes all that JSON escapes alike."""
    return json.dumps(value, ensure_ascii=False)
