"""Facts: what is known of one side of a comparison, at the places where it was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum


class FactKind(str, Enum):
    """The kind of a fact; the first ones explain most, where they differ."""

    RUNTIME = "runtime"
    """The version of a language, or of a server program."""
    LIMIT = "limit"
    """How much CPU and memory a container may use."""
    IMAGE = "image"
    """The image that another one is built on, or that a container runs."""
    PACKAGE = "package"
    """The version of a library."""
    COMMAND = "command"
    """The words that a program was started with."""
    ENVIRONMENT = "environment"
    """An environment variable of a running program."""
    BUILD = "build"
    """What a build does: flags of compilers, instructions of a Dockerfile."""
    SETTING = "setting"
    """A key of perfgate.toml."""


SERVICE = "the service"
"""The place of what is known of the running service itself."""
COMMAND = "command"
"""The name of the words that a process or a container was started with."""
BASE_IMAGE = "base image"
"""The name of what an image was built on, known by its first layer."""


@dataclass(frozen=True)
class Sheet:
    """The facts of one kind at one place.

    kind: of all of them.
    place: the path of a file, `SERVICE`, or the name of a dependency.
    values: by name.
    """

    kind: FactKind
    place: str
    values: Mapping[str, str]


def gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Values by name; what has several is listed: "1.4.0, 2.0.1"."""
    found: dict[str, set[str]] = {}
    for name, value in pairs:
        found.setdefault(name, set()).add(value)
    return {name: ", ".join(sorted(values)) for name, values in found.items()}
