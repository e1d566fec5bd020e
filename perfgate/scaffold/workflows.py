"""The workflows, from the templates beside this file."""

from __future__ import annotations

import json
from importlib import resources

from perfgate.scaffold.containers import Container

_SERVICES = """\
    services:
      service:
        image: {image} # zizmor: ignore[unpinned-images] name it by its digest to measure the very same one
        ports:
          - {port}:{port}
"""


def gate_workflow(branch: str, container: Container | None) -> str:
    """The workflow that measures. branch: the default one. An image that is not built here is a service container."""
    services = ""
    if container is not None and container.image is not None:
        services = _SERVICES.format(image=json.dumps(container.image), port=container.port)
    return _template("perfgate.yml").replace("    SERVICES\n", services).replace("BRANCH", json.dumps(branch))


def comment_workflow() -> str:
    """The workflow that comments on pull requests from forks."""
    return _template("perfgate-comment.yml")


def _template(name: str) -> str:
    return resources.files("perfgate.scaffold").joinpath("templates").joinpath(name).read_text(encoding="utf-8")
