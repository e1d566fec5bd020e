"""The workflows, and the descriptions that Datasette shows, from the templates beside this file."""

from __future__ import annotations

import json
from importlib import resources

from perfgate.scaffold.service.container import Container

_SERVICES = """\
    services:
      service:
        image: {image} # zizmor: ignore[unpinned-images] name it by its digest to measure the very same one
        ports:
          - {port}:{port}
"""
_SUBMODULES = "          submodules: recursive\n"
_ENVIRONMENT = "        env:\n"


def gate_workflow(branch: str, container: Container | None, submodules: bool) -> str:
    """The workflow that measures. An image that nothing else starts is a service container.

    branch: the default one. submodules: whether the repository has some.
    """
    services = ""
    if container is not None and container.image is not None and not container.composed:
        services = _SERVICES.format(image=json.dumps(container.image), port=container.port)
        known = {name: value for name, value in container.environment.items() if value is not None}
        lines = [f"          {name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in known.items()]
        services += "".join([_ENVIRONMENT, *lines]) if lines else ""
    text = _template("perfgate.yml").replace("BRANCH", json.dumps(branch)).replace("    SERVICES\n", services)
    return text.replace("          SUBMODULES\n", _SUBMODULES if submodules else "")


def comment_workflow() -> str:
    """The workflow that comments on pull requests from forks."""
    return _template("perfgate-comment.yml")


def accept_workflow() -> str:
    """The workflow that runs the gate again when its label is put on a pull request."""
    return _template("perfgate-accept.yml")


def site_workflow(branch: str) -> str:
    """The workflow that publishes the history on GitHub Pages. branch: the default one."""
    return _template("perfgate-site.yml").replace("BRANCH", json.dumps(branch))


def datasette_metadata() -> str:
    """What Datasette shows beside the tables of a history."""
    return _template("metadata.yml")


def _template(name: str) -> str:
    return resources.files("perfgate.scaffold").joinpath("templates").joinpath(name).read_text(encoding="utf-8")
